"""Predictions to importance tables: one row per contrast and target, in one tidy schema."""

import json

import numpy as np
import pandas as pd

from giaflow.design import BACKGROUND, EFFECT
from giaflow.stats import false_discovery, paired, silence_noise

# Every table of every experiment has these columns; an experiment's own labels follow `condition`.
CORE = (
    "study", "model", "target", "unit", "null", "experiment", "estimand", "condition",
    "n", "estimate", "se", "ci_low", "ci_high", "p", "q", "verdict", "sesoi", "d_z",
    "control_pct", "flags",
)  # fmt: skip

# Share of a contrast's weight: one arm of a pair reaches it, one of twenty scrambled controls not.
FAR = 0.25


def effects(contrast, predictions, baseline):
    """Per-background effects (N, T) float64 of a contrast.

    Parameters
    ----------
    contrast : giaflow.design.Contrast
    predictions : numpy.ndarray
        (C, N, T) of the conditions.
    baseline : numpy.ndarray
        (N, T) of the unedited backgrounds.
    """
    total = np.zeros(baseline.shape, np.float64)
    for index, weight in contrast.weights.items():
        arm = baseline if index == BACKGROUND else predictions[index]
        # Differences are taken in float64: single precision would round them again.
        total += weight * arm.astype(np.float64)
    return silence_noise(total, baseline)


def smallest_effects(sesoi, targets, data_predictions):
    """The smallest effect size of interest (T,) of each target, in model units.

    Parameters
    ----------
    sesoi : dict of str to float
        Values set by the user.
    targets : sequence of str
    data_predictions : numpy.ndarray
        (M, T) predictions of real sequences; a target without a set value gets a tenth of their
        standard deviation.
    """
    spread = data_predictions.std(axis=0, dtype=np.float64)
    return np.array(
        [sesoi.get(target, 0.1 * sd) for target, sd in zip(targets, spread, strict=True)]
    )


def importance_table(
    contrasts,
    predictions,
    baseline,
    identity,
    sesoi,
    confidence,
    *,
    extrapolates=None,
    conditioned=False,
):
    """Estimate every contrast on every target.

    Parameters
    ----------
    contrasts : list of giaflow.design.Contrast
    predictions : numpy.ndarray
        (C, N, T) of the conditions.
    baseline : numpy.ndarray
        (N, T) of the unedited backgrounds.
    identity : dict
        ``study``, ``model``, ``targets`` (T names), ``unit``, ``null``, ``experiment``.
    sesoi : numpy.ndarray
        (T,) smallest effect sizes of interest.
    confidence : float
        Of the intervals.
    extrapolates : numpy.ndarray, optional
        (C, T) bool: conditions that bring predictions beyond those of real sequences; a contrast
        of which they carry a share of `FAR` is flagged ``extrapolates``.
    conditioned : bool
        Whether the backgrounds were chosen by a value, which changes the estimand; every row is
        flagged ``conditioned`` then.

    Returns
    -------
    pandas.DataFrame
        Columns `CORE` and the experiment's labels; q is Benjamini-Hochberg over the rows of one
        estimand.
    """
    rows = []
    for contrast in contrasts:
        found = paired(effects(contrast, predictions, baseline), sesoi, confidence)
        far = _extrapolated(contrast, extrapolates)
        for t, target in enumerate(identity["targets"]):
            flags = {
                "inert": found.verdict[t] == "inert",
                "extrapolates": far is not None and far[t] >= FAR,
                "conditioned": conditioned,
            }
            rows.append(
                {
                    **{key: identity[key] for key in ("study", "model")},
                    "target": target,
                    **{key: identity[key] for key in ("unit", "null", "experiment")},
                    "estimand": contrast.estimand,
                    "condition": json.dumps(contrast.labels),
                    **contrast.labels,
                    "n": found.n,
                    **{
                        key: getattr(found, key)[t]
                        for key in ("estimate", "se", "ci_low", "ci_high", "p", "verdict", "d_z")
                    },
                    "sesoi": sesoi[t],
                    "control_pct": np.nan,
                    "flags": ", ".join(flag for flag, raised in flags.items() if raised),
                }
            )
    labels = list(contrasts[0].labels) if contrasts else []
    table = pd.DataFrame(rows, columns=_columns(labels))
    table["q"] = table.groupby("estimand")["p"].transform(false_discovery)
    return table


def _extrapolated(contrast, extrapolates):
    """Share (T,) of a contrast's weight on conditions that extrapolate; None if not known."""
    if extrapolates is None:
        return None
    read = {index: abs(w) for index, w in contrast.weights.items() if index != BACKGROUND}
    return np.array(list(read.values())) @ extrapolates[list(read)] / sum(read.values())


def _columns(labels):
    after = CORE.index("condition") + 1
    return [*CORE[:after], *labels, *CORE[after:]]


def add_control(table, controls):
    """Fill ``control_pct``: the estimate as a percentage of the target's positive control.

    Parameters
    ----------
    table : pandas.DataFrame
        From `importance_table`; unchanged if it has no column ``pattern``.
    controls : dict of str to str
        Target to the pattern that is its positive control.
    """
    if "pattern" not in table:
        return table
    table = table.copy()
    for target, pattern in controls.items():
        rows = table["target"] == target
        reference = rows & (table["pattern"] == pattern) & (table["role"] == "pattern")
        reference &= table["estimand"] == EFFECT
        if reference.sum() == 1:
            whole = table.loc[reference, "estimate"].item()
            table.loc[rows, "control_pct"] = 100 * table.loc[rows, "estimate"] / whole
    return table


def split(table):
    """The rows of importance.tsv (estimand ``global_importance``) and those of contrasts.tsv."""
    simple = table["estimand"] == EFFECT
    return table[simple].reset_index(drop=True), table[~simple].reset_index(drop=True)
