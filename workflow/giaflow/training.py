"""What a network is trained on, and how well it learned.

Each target learns from its own sequences (label 1) and their dinucleotide shuffles or its own
negatives (label 0), and from nothing else: a sequence of one target says nothing about another, so
no target is taught to be the absence of another. Both are drawn afresh in every epoch, and of DNA
half of all sequences are turned to the other strand.

Measured values are learned from the sequences as they are, on one strand, by least squares. A share
of the sequences can be held out to choose the epoch: `Course`.
"""

import numpy as np
import pandas as pd
import scipy
from pydantic import Field, model_validator

from giaflow.alphabet import reverse_complement
from giaflow.checks import InputError
from giaflow.seeds import generator
from giaflow.settings import Settings as Base
from giaflow.shuffle import shuffle


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


# The learning rate does not decay below this.
SLOWEST = 1e-6


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


def scaled(values, how):
    """Values (N,) as a network learns them: in standard deviations about their mean.

    Parameters
    ----------
    values : numpy.ndarray
        (N,) float, nan where a sequence was not measured.
    how : {"none", "log", "clip"}
        none returns the values unchanged. The others are those of Koo et al. 2021 (PLOS Comput
        Biol 17:e1008925): the logarithm of x - min + 1, or x cut above four standard deviations
        of all values (from zero).
    """
    if how == "none":
        return values
    if how == "log":
        values = np.log(values - np.nanmin(values) + 1)
    else:
        values = np.minimum(values, 4 * np.nanstd(values))
    spread = np.nanstd(values)
    return (values - np.nanmean(values)) / (spread if spread else 1.0)


def split(n, share, seed, label):
    """Rows to learn from and rows held out (`share` of n), at random."""
    order = generator(seed, "validation", label).permutation(n)
    held_out = int(n * share)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def mean_correlation(predictions, values):
    """Mean over targets of Pearson's r of predictions (N, T) with values (N, T), nan left out."""
    found = []
    for predicted, value in zip(predictions.T, values.T, strict=True):
        known = ~np.isnan(value)
        if known.sum() > 1 and predicted[known].std() > 0 and value[known].std() > 0:
            found.append(np.corrcoef(predicted[known], value[known])[0, 1])
    return float(np.mean(found)) if found else -1.0


def held_out(chromosomes, chosen, seed, label):
    """Which sequences of a set are never trained on.

    Parameters
    ----------
    chromosomes : numpy.ndarray
        (N,) chromosome of each sequence.
    chosen : dict
        ``test_chromosomes`` (list), or ``test_share`` of all, at random.
    seed : int
    label : str
        The set's name in the study.

    Returns
    -------
    numpy.ndarray
        (N,) bool.

    Raises
    ------
    InputError
        If no sequence is left on one side.
    """
    if chosen["test_chromosomes"]:
        tested, how = np.isin(chromosomes, chosen["test_chromosomes"]), chosen["test_chromosomes"]
    else:
        tested, how = np.zeros(len(chromosomes), bool), chosen["test_share"]
        tested[split(len(tested), chosen["test_share"], seed, f"test {label}")[1]] = True
    if tested.all() or not tested.any():
        key = "test_chromosomes" if chosen["test_chromosomes"] else "test_share"
        raise InputError(
            f"{key} {how} leave {(~tested).sum()} of {len(tested)} sequences of {label!r} for "
            "training; some must be held out and some kept"
        )
    return tested


def labelled(positives, rng, negatives=None, one_strand=False):
    """Sequences, as many shuffles or negatives, and labels, in random order.

    Parameters
    ----------
    positives : list of numpy.ndarray
        One (N_t, L) uint8 array of codes per target.
    rng : numpy.random.Generator
    negatives : list of (numpy.ndarray or None), optional
        Codes of what is negative for each target; None shuffles its own sequences.
    one_strand : bool
        Leave sequences as they are, as RNA; else half are turned to the other strand.

    Returns
    -------
    codes : numpy.ndarray
        (N, L) uint8.
    labels : numpy.ndarray
        (N, T) float32: 1, 0, or -1 where a sequence says nothing about a target.
    """
    codes, labels = [], []
    for target, real in enumerate(positives):
        others = None if negatives is None else negatives[target]
        others = shuffle(real, 2, rng) if others is None else rng.permutation(others)[: len(real)]
        label = np.full((len(real) + len(others), len(positives)), -1, np.float32)
        label[: len(real), target] = 1
        label[len(real) :, target] = 0
        codes.append(np.concatenate([real, others]))
        labels.append(label)
    codes, labels = np.concatenate(codes), np.concatenate(labels)
    if not one_strand:
        turned = rng.random(len(codes)) < 0.5
        codes[turned] = reverse_complement(codes[turned])
    order = rng.permutation(len(codes))
    return codes[order], labels[order]


def epochs(positives, seed, label, course, negatives=None, one_strand=False):
    """Yield (codes (N, L), labels (N, T), learning rate) for each epoch of a training.

    Parameters
    ----------
    positives : list of numpy.ndarray
        One (N_t, L) uint8 array of codes per target.
    seed : int
    label : str
        The model's name in the study.
    course : iterable of float
        Learning rate of each epoch: a `Course`.
    negatives, one_strand
        As in `labelled`.
    """
    for epoch, rate in enumerate(course):
        rng = generator(seed, "training", label, epoch)
        yield *labelled(positives, rng, negatives, one_strand), rate


def measured_epochs(codes, values, seed, label, course):
    """Yield (codes (N, L), values (N, T), learning rate) for each epoch, in an order of its own.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8.
    values : numpy.ndarray
        (N, T) float, nan where a sequence was not measured.
    seed, label, course
        As in `epochs`.
    """
    for epoch, rate in enumerate(course):
        order = generator(seed, "training", label, epoch).permutation(len(codes))
        yield codes[order], values[order].astype(np.float32), rate


def correlation_table(model, codes, values, targets):
    """Pearson's r of predictions with values that were never trained on.

    Parameters
    ----------
    model : giaflow.model.base.Model
    codes : numpy.ndarray
        (N, L).
    values : numpy.ndarray
        (N, T) in the order of `targets`, nan where a sequence was not measured.
    targets : sequence of str

    Returns
    -------
    pandas.DataFrame
        Columns ``target``, ``r``, ``ci_low``, ``ci_high`` (95 %, Fisher's z), ``sequences``.
    """
    from scipy.stats import pearsonr

    predictions, rows = model.predict(codes), []
    for t, target in enumerate(targets):
        known = ~np.isnan(values[:, t])
        found = pearsonr(predictions[known, model.targets.index(target)], values[known, t])
        interval = found.confidence_interval()
        rows.append((target, found.statistic, interval.low, interval.high, known.sum()))
    return pd.DataFrame(rows, columns=["target", "r", "ci_low", "ci_high", "sequences"])


def area(hits, misses):
    """Area under the ROC curve of scores of real sequences (n,) against those of others (m,)."""
    test = scipy.stats.mannwhitneyu(hits, misses, method="asymptotic")
    return float(test.statistic) / (len(hits) * len(misses))


def auc_table(model, tested, seed, label, schedule, negatives=None):
    """Held-out area under the ROC curve of each target against shuffles or negatives.

    Parameters
    ----------
    model : giaflow.model.base.Model
    tested : dict of str to numpy.ndarray
        Target of the model to codes (N, L) never trained on.
    seed, label
        As in `epochs`.
    schedule : Schedule
    negatives : dict of str to numpy.ndarray, optional
        Target to codes (M, L) of negatives never trained on; without them its sequences are ranked
        against their own shuffles.

    Returns
    -------
    pandas.DataFrame
        Columns ``target``, ``auc``, ``ci_low``, ``ci_high`` (95 %, bootstrap over sequences, each
        with its own shuffles; over negatives by themselves), ``sequences``, ``shuffles`` (or
        negatives).
    """
    rows = []
    for target, real in tested.items():
        column = model.targets.index(target)
        rng = generator(seed, "held out", label, target)
        fakes = (negatives or {}).get(target)
        alone = fakes is not None
        if not alone:
            fakes = shuffle(np.repeat(real, schedule.test_shuffles, axis=0), 2, rng)
        hits = model.predict(real)[:, column]
        misses = model.predict(fakes)[:, column].reshape(len(fakes) if alone else len(real), -1)

        drawn = rng.integers(0, len(real), (1000, len(real)))
        others = rng.integers(0, len(misses), (1000, len(misses))) if alone else drawn
        resampled = [
            area(hits[some], misses[other].ravel())
            for some, other in zip(drawn, others, strict=True)
        ]
        low, high = np.quantile(resampled, [0.025, 0.975])
        rows.append((target, area(hits, misses.ravel()), low, high, len(real), len(fakes)))
    return pd.DataFrame(
        rows, columns=["target", "auc", "ci_low", "ci_high", "sequences", "shuffles"]
    )
