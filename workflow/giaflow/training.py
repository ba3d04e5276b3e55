"""What a network is trained on, and how well it learned.

Each target learns from its own sequences (label 1) and their dinucleotide shuffles (label 0), and
from nothing else: a sequence of one target says nothing about another, so no target is taught to
be the absence of another. Shuffles are drawn afresh in every epoch, and half of all sequences are
turned to the other strand.

Measured values are learned from the sequences as they are, on one strand, by least squares.
"""

import numpy as np
import pandas as pd
import scipy
from pydantic import Field

from giaflow.alphabet import reverse_complement
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
    """Adam's step size at the start; it falls to zero along a cosine."""
    test_shuffles: int = Field(5, ge=1)
    """Shuffles of each held-out sequence that its score is ranked against."""

    def rates(self):
        """The learning rate of each epoch."""
        turns = np.pi * np.arange(self.epochs) / self.epochs
        return self.learning_rate * 0.5 * (1 + np.cos(turns))


def labelled(positives, rng):
    """Sequences, as many shuffles, and labels, in random order and on random strands.

    Parameters
    ----------
    positives : list of numpy.ndarray
        One (N_t, L) uint8 array of codes per target.
    rng : numpy.random.Generator

    Returns
    -------
    codes : numpy.ndarray
        (N, L) uint8.
    labels : numpy.ndarray
        (N, T) float32: 1, 0, or -1 where a sequence says nothing about a target.
    """
    codes, labels = [], []
    for target, real in enumerate(positives):
        label = np.full((2 * len(real), len(positives)), -1, np.float32)
        label[: len(real), target] = 1
        label[len(real) :, target] = 0
        codes.append(np.concatenate([real, shuffle(real, 2, rng)]))
        labels.append(label)
    codes, labels = np.concatenate(codes), np.concatenate(labels)
    turned = rng.random(len(codes)) < 0.5
    codes[turned] = reverse_complement(codes[turned])
    order = rng.permutation(len(codes))
    return codes[order], labels[order]


def epochs(positives, seed, label, schedule):
    """Yield (codes (N, L), labels (N, T), learning rate) for each epoch of a training.

    Parameters
    ----------
    positives : list of numpy.ndarray
        One (N_t, L) uint8 array of codes per target.
    seed : int
    label : str
        The model's name in the study.
    schedule : Schedule
    """
    for epoch, rate in enumerate(schedule.rates()):
        rng = generator(seed, "training", label, epoch)
        yield *labelled(positives, rng), rate


def measured_epochs(codes, values, seed, label, schedule):
    """Yield (codes (N, L), values (N, T), learning rate) for each epoch, in an order of its own.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8.
    values : numpy.ndarray
        (N, T) float, nan where a sequence was not measured.
    seed, label, schedule
        As in `epochs`.
    """
    for epoch, rate in enumerate(schedule.rates()):
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


def auc_table(model, held_out, seed, label, schedule):
    """Held-out area under the ROC curve of each target against shuffles.

    Parameters
    ----------
    model : giaflow.model.base.Model
    held_out : dict of str to numpy.ndarray
        Target of the model to codes (N, L) never trained on.
    seed, label, schedule
        As in `epochs`.

    Returns
    -------
    pandas.DataFrame
        Columns ``target``, ``auc``, ``ci_low``, ``ci_high`` (95 %, bootstrap over sequences, each
        with its own shuffles), ``sequences``, ``shuffles``.
    """
    rows = []
    for target, real in held_out.items():
        column = model.targets.index(target)
        rng = generator(seed, "held out", label, target)
        per = schedule.test_shuffles
        fakes = shuffle(np.repeat(real, per, axis=0), 2, rng)
        hits = model.predict(real)[:, column]
        misses = model.predict(fakes)[:, column].reshape(len(real), per)

        drawn = rng.integers(0, len(real), (1000, len(real)))
        resampled = [area(hits[some], misses[some].ravel()) for some in drawn]
        low, high = np.quantile(resampled, [0.025, 0.975])
        rows.append((target, area(hits, misses.ravel()), low, high, len(real), len(fakes)))
    return pd.DataFrame(
        rows, columns=["target", "auc", "ci_low", "ci_high", "sequences", "shuffles"]
    )
