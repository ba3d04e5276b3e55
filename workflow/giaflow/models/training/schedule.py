"""How a training goes: its schedule, its learning rates, its best epoch, and when it stops."""

import numpy as np
from pydantic import Field, model_validator

from giaflow.base.settings import Settings as Base

# The learning rate does not decay below this.
SLOWEST = 1e-6


class Schedule(Base):
    """How a network is trained."""

    epochs: int = Field(8, ge=1)
    """Passes over the training sequences."""
    batch: int = Field(64, ge=1)
    """Sequences per gradient step."""
    learning_rate: float = Field(0.003, gt=0)
    """Adam's step size at the start; it falls to zero along a cosine unless `decay` is given."""
    validation: float = Field(0, ge=0, le=0.5)
    """Share of the training sequences, drawn at random, that is held out to choose the epoch: the
    weights with the highest Pearson r of predictions with their values are kept (with `measured`,
    mean over targets)."""
    patience: int | None = Field(None, ge=1)
    """Stop after so many epochs without a higher r; null trains all epochs. Needs `validation`."""
    decay: float | None = Field(None, gt=0, lt=1)
    """Multiply the learning rate by this after `decay_patience` epochs without a higher r, instead
    of the cosine. Needs `validation`."""
    decay_patience: int = Field(7, ge=1)
    """Epochs without a higher r before the learning rate decays."""
    test_shuffles: int = Field(5, ge=1)
    """Shuffles of each held-out sequence that its score is ranked against."""

    @model_validator(mode="after")
    def _is_watched(self):
        if not self.validation and (self.patience or self.decay):
            raise ValueError("patience and decay need validation, a share of the sequences")
        return self

    def rates(self):
        """The learning rate of each epoch, along the cosine."""
        turns = np.pi * np.arange(self.epochs) / self.epochs
        return self.learning_rate * 0.5 * (1 + np.cos(turns))


class Course:
    """How a training goes: its learning rates, its best epoch, and when it stops.

    Without scores it follows the schedule to its end. With a score of each epoch, the best epoch
    is remembered, and patience and decay count the epochs since.
    """

    def __init__(self, schedule):
        self._schedule = schedule
        self._since = self._since_decay = 0
        self.best = -np.inf
        self.scores = []
        self.rates = []

    def __iter__(self):
        """Yield the learning rate of each epoch until patience runs out."""
        rate, waits = self._schedule.learning_rate, self._schedule.patience
        for cosine in self._schedule.rates():
            if waits is not None and self._since >= waits:
                return
            if (
                self._schedule.decay is not None
                and self._since_decay == self._schedule.decay_patience
            ):
                rate, self._since_decay = max(rate * self._schedule.decay, SLOWEST), 0
            self.rates.append(float(cosine if self._schedule.decay is None else rate))
            yield self.rates[-1]

    @property
    def epoch(self):
        """Number of the epoch that is being trained, from 1."""
        return len(self.rates)

    def record(self, score):
        """Note the score of the epoch that was just trained; whether it is the best so far."""
        self.scores.append(score)
        better = score > self.best
        self.best = max(score, self.best)
        self._since = 0 if better else self._since + 1
        self._since_decay = 0 if better else self._since_decay + 1
        return better
