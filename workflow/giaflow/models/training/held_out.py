"""How well a network learned: predictions of sequences that it never saw."""

import numpy as np
import pandas as pd
import scipy

from giaflow.base.seeds import generator
from giaflow.sequences.shuffle import shuffle


def mean_correlation(predictions, values):
    """Mean over targets of Pearson's r of predictions (N, T) with values (N, T), nan left out."""
    found = []
    for predicted, value in zip(predictions.T, values.T, strict=True):
        known = ~np.isnan(value)
        if known.sum() > 1 and predicted[known].std() > 0 and value[known].std() > 0:
            found.append(np.corrcoef(predicted[known], value[known])[0, 1])
    return float(np.mean(found)) if found else -1.0


def correlation_table(model, codes, values, targets):
    """Pearson's r of predictions with values that were never trained on.

    Parameters
    ----------
    model : giaflow.models.base.Model
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
    predictions, rows = model.predict(codes), []
    for t, target in enumerate(targets):
        known = ~np.isnan(values[:, t])
        found = scipy.stats.pearsonr(
            predictions[known, model.targets.index(target)], values[known, t]
        )
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
    model : giaflow.models.base.Model
    tested : dict of str to numpy.ndarray
        Target of the model to codes (N, L) never trained on.
    seed, label
        As in `giaflow.models.training.examples.epochs`.
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
