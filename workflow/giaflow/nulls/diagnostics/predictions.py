"""Predictions: do backgrounds, and constructs made of them, lie where the data lie?"""

import numpy as np
import pandas as pd
import scipy

from giaflow.base.checks import InputError, check_finite
from giaflow.nulls.diagnostics.verdicts import row

CONSTRUCT_COLUMNS = ["condition", "target", "ks", "wasserstein_sd", "coverage", "beyond_data"]
CONSTRUCT_COLUMNS += ["excess", "extrapolates"]

# Percentiles of the data that bound its usual range, and its whole range but for outliers.
_USUAL = (0.5, 99.5)
_WHOLE = (0.1, 99.9)
# Constructs are many: their distances are taken at so many quantiles.
_QUANTILES = 2_000


def prediction_rows(null, data, targets, settings):
    """Rows for predictions (N, T) of backgrounds and (M, T) of data, by target.

    Kolmogorov-Smirnov distance (0..1), Wasserstein distance in standard deviations of the data
    (NaN if the data do not vary), and the share of backgrounds within the data's central 99 %.
    """
    _check(null, targets, "predictions of the backgrounds")
    _check(data, targets, "predictions of the data")
    coverage = _shares_within(null, data, _USUAL)
    limits = (settings.coverage_warn, settings.coverage_fail)
    rows = []
    for i, target in enumerate(targets):
        ours, theirs = null[:, i], data[:, i]
        test = scipy.stats.ks_2samp(ours, theirs)
        distance = scipy.stats.wasserstein_distance(ours, theirs)
        rows.append(row("prediction_ks", target, test.statistic))
        rows.append(row("prediction_ks_p", target, test.pvalue))
        rows.append(row("prediction_wasserstein_sd", target, _in_spreads(distance, theirs)))
        rows.append(row("prediction_coverage", target, coverage[i], *limits))
    return rows


def beyond_data(predictions, baseline, data, targets):
    """Shares of constructs and of backgrounds predicted beyond the data's whole range.

    That is below the 0.1 or above the 99.9 percentile, where the model is asked about what it
    never saw: predictions (C, N, T) to (C, T), and baseline (N, T) to (T,); data (M, T).
    """
    _check(data, targets, "predictions of the data")
    _check(baseline, targets, "predictions of the backgrounds")
    for each in predictions:
        _check(each, targets, "predictions of the constructs")
    return tuple(1 - _shares_within(each, data, _WHOLE) for each in (predictions, baseline))


def construct_table(predictions, baseline, data, targets, settings):
    """How far the constructs of one experiment are from data, by condition and target.

    Parameters
    ----------
    predictions : numpy.ndarray
        (C, N, T) predictions for C edits of N backgrounds.
    baseline : numpy.ndarray
        (N, T) predictions for the unedited backgrounds.
    data : numpy.ndarray
        (M, T) predictions for real sequences.
    targets : sequence of str
        Names of the T targets.
    settings : Settings
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        condition (0..C-1) and target; `ks` and `wasserstein_sd`, distances as of backgrounds;
        `coverage`, the share within the data's central 99 %; `beyond_data`, the share beyond its
        whole range; `excess`, that less the backgrounds' own; and `extrapolates`, whether the
        excess is one minus `coverage_warn` or more.
    """
    beyond, before = beyond_data(predictions, baseline, data, targets)
    excess = beyond - before
    coverage = _shares_within(predictions, data, _USUAL)
    parts = []
    for i, target in enumerate(targets):
        distances = _distances(predictions[..., i], data[:, i])
        columns = {
            "condition": np.arange(len(predictions)),
            "target": target,
            **dict(zip(("ks", "wasserstein_sd"), distances.T, strict=True)),
            "coverage": coverage[:, i],
            "beyond_data": beyond[:, i],
            "excess": excess[:, i],
            "extrapolates": excess[:, i] >= 1 - settings.coverage_warn,
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)[CONSTRUCT_COLUMNS]


def construct_rows(table, experiment, settings):
    """Rows for a `construct_table` whose conditions are words: by target, the furthest condition.

    The share of conditions that extrapolate, and the largest (coverage: the smallest) value of
    each column over conditions; that of `excess` is judged.
    """
    rows = []
    for target, part in table.groupby("target", sort=False):
        flagged = part["extrapolates"]
        told = f"{experiment}, {target}: {flagged.sum()} of {len(part)} conditions"
        rows.append(row("constructs_extrapolating", told, flagged.mean()))
        for name, column, sign in (
            ("construct_beyond_data", "excess", 1),
            ("construct_coverage", "coverage", -1),
            ("construct_ks", "ks", 1),
            ("construct_wasserstein_sd", "wasserstein_sd", 1),
        ):
            values = sign * part[column]
            at = values.idxmax() if values.notna().any() else part.index[0]
            limits = (1 - settings.coverage_warn,) if column == "excess" else ()
            detail = f"{experiment}, {target}: {part.loc[at, 'condition']}"
            rows.append(row(name, detail, part.loc[at, column], *limits))
    return rows


def _shares_within(ours, theirs, percentiles):
    """Shares of predictions (..., N, T) within percentiles of theirs (M, T), as (..., T)."""
    low, high = np.percentile(theirs, percentiles, axis=0)
    return ((ours >= low) & (ours <= high)).mean(axis=-2)


def _distances(ours, theirs):
    """Distances (C, 2) of each row of predictions (C, N) from theirs (M,).

    Kolmogorov-Smirnov, exact; and Wasserstein, from quantiles, in standard deviations of theirs.
    scipy's, one pair at a time, take ten times as long for a screen of thousands.
    """
    theirs = np.sort(theirs)
    middles = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    theirs_at = theirs[(middles * len(theirs)).astype(int)]
    n = ours.shape[1]
    steps, at = np.arange(n + 1) / n, (middles * n).astype(int)
    found = np.empty((len(ours), 2))
    for i, values in enumerate(np.sort(ours, axis=1)):
        # The two distribution functions are furthest apart at a step of ours, or just before it.
        upto, before = (
            np.searchsorted(theirs, values, side) / len(theirs) for side in ("right", "left")
        )
        ks = max((steps[1:] - upto).max(), (before - steps[:-1]).max())
        found[i] = ks, _in_spreads(np.abs(values[at] - theirs_at).mean(), theirs)
    return found


def _in_spreads(distance, theirs):
    """A distance in standard deviations of theirs (M,), NaN if they do not vary."""
    spread = theirs.std()
    return distance / spread if spread > 0 else np.nan


def _check(predictions, targets, what):
    if np.ndim(predictions) != 2 or np.shape(predictions)[1] != len(targets):
        raise InputError(
            f"{what} have shape {np.shape(predictions)}, but {len(targets)} targets are named"
        )
    check_finite(np.asarray(predictions), what)
