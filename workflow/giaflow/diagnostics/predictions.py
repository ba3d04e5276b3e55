"""Predictions: do backgrounds, and constructs made of them, lie where the data lie?"""

import numpy as np
from scipy.stats import ks_2samp, wasserstein_distance

from giaflow.checks import InputError, check_finite
from giaflow.diagnostics.verdicts import row

# Percentiles of the data that bound its usual range, and its whole range but for outliers.
_USUAL = (0.5, 99.5)
_WHOLE = (0.1, 99.9)


def prediction_rows(null, data, targets, settings):
    """Rows for predictions (N, T) of backgrounds and (M, T) of data, by target.

    Kolmogorov-Smirnov distance (0..1), Wasserstein distance in standard deviations of the data
    (NaN if the data do not vary), and the share of backgrounds within the data's central 99 %.
    """
    _check(null, targets, "predictions of the backgrounds")
    _check(data, targets, "predictions of the data")
    rows = []
    for target, ours, theirs in zip(targets, np.transpose(null), np.transpose(data), strict=True):
        test = ks_2samp(ours, theirs)
        spread = theirs.std()
        distance = wasserstein_distance(ours, theirs) / spread if spread > 0 else np.nan
        rows.append(row("prediction_ks", target, test.statistic))
        rows.append(row("prediction_ks_p", target, test.pvalue))
        rows.append(row("prediction_wasserstein_sd", target, distance))
        rows.append(_coverage("prediction_coverage", target, ours, theirs, settings))
    return rows


def construct_rows(constructs, data, targets, settings):
    """Rows for predictions (N, T) of constructs by label, against (M, T) of data.

    The share within the data's central 99 %, and the share beyond its whole range (below the
    0.1 or above the 99.9 percentile), where the model is asked about what it never saw.
    """
    _check(data, targets, "predictions of the data")
    rows = []
    for label, predictions in constructs.items():
        _check(predictions, targets, f"predictions of the construct {label!r}")
        for at, target in enumerate(targets):
            ours, theirs = predictions[:, at], data[:, at]
            detail = f"{label}, {target}"
            rows.append(_coverage("construct_coverage", detail, ours, theirs, settings))
            beyond = 1 - _share_within(ours, theirs, _WHOLE)
            limits = (1 - settings.coverage_warn, 1 - settings.coverage_fail)
            rows.append(row("construct_beyond_data", detail, beyond, *limits))
    return rows


def _coverage(diagnostic, detail, ours, theirs, settings):
    share = _share_within(ours, theirs, _USUAL)
    return row(diagnostic, detail, share, settings.coverage_warn, settings.coverage_fail)


def _share_within(ours, theirs, percentiles):
    low, high = np.percentile(theirs, percentiles)
    return np.mean((ours >= low) & (ours <= high))


def _check(predictions, targets, what):
    if np.ndim(predictions) != 2 or np.shape(predictions)[1] != len(targets):
        raise InputError(
            f"{what} have shape {np.shape(predictions)}, but {len(targets)} targets are named"
        )
    check_finite(np.asarray(predictions), what)
