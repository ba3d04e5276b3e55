"""Does an effect depend on the null model? Estimates of one table, side by side by null model."""

from itertools import combinations

import numpy as np
import pandas as pd
import scipy

from giaflow.base.checks import InputError

# What identifies an estimate besides its null model, and of that what a ranking is made within.
_FAMILY = ["study", "model", "target", "unit", "experiment", "estimand"]
_NEEDED = ["null", "target", "experiment", "condition", "estimand", "estimate"]
_NOTHING = {"negligible", "inert"}

FLAG = "null-dependent"


def compare_nulls(importance, *, fold=2.0):
    """Put the estimates of every condition under each null model side by side.

    Parameters
    ----------
    importance : pandas.DataFrame
        Tidy table with the columns null, target, experiment, condition (JSON), estimand and
        estimate (model units), and where there are several study, model or unit. If it has the
        column verdict, a condition that is negligible or inert under every null is not flagged:
        signs and ratios of nothing mean nothing; and rows that are not mean effects (derived or
        masked: ratios, slopes, levels) are left out.
    fold : float
        Largest ratio of absolute estimates that counts as agreement.

    Returns
    -------
    pandas.DataFrame
        One row per condition: what identifies it; `nulls`, in how many null models it was
        estimated; one column ``estimate_<null>`` for each (NaN where missing); `range`, largest
        minus smallest; `fold`, largest over smallest absolute estimate (infinite if one is 0, 1
        if all are); `sign_flip`; `rank_correlation`, the lowest Spearman correlation between two
        null models over the conditions of the same experiment, target and estimand; and `flag`,
        "null-dependent" after a sign flip or more than `fold`-fold change, else empty. With one
        null model there is nothing to compare: range, fold and correlation are NaN.

    Raises
    ------
    InputError
        If a column is missing or a null model has several estimates of one condition.
    """
    if "verdict" in importance:
        importance = importance[~importance["verdict"].isin(["derived", "masked"])]
    keys, wide = _side_by_side(importance, "estimate")
    # Without estimates there is no null model either; one column of NaN stands in for them.
    values = wide.to_numpy(float) if len(wide) else np.empty((0, 1))
    count = np.isfinite(values).sum(axis=1)
    low, high = (reduce(values, axis=1) for reduce in (np.fmin.reduce, np.fmax.reduce))
    size = np.abs(values)
    smallest, largest = (reduce(size, axis=1) for reduce in (np.fmin.reduce, np.fmax.reduce))
    ratio = np.where(smallest > 0, largest / np.where(smallest > 0, smallest, 1), np.inf)
    ratio = np.where(largest == 0, 1.0, ratio)
    several = count >= 2
    out = wide.add_prefix("estimate_")
    out.insert(0, "nulls", count)
    out["range"] = np.where(several, high - low, np.nan)
    out["fold"] = np.where(several, ratio, np.nan)
    out["sign_flip"] = (low < 0) & (high > 0)
    out = out.reset_index()
    lowest = _lowest_correlation(importance)
    families = keys[:-1]
    out["rank_correlation"] = out.merge(lowest, on=families, how="left")["spearman"].to_numpy()
    flagged = (out["sign_flip"] | (out["fold"] > fold)) & ~_nothing(importance, len(out))
    out["flag"] = np.where(flagged, FLAG, "")
    return out


def flag_rows(importance, compared):
    """Append the flag of each condition to the column `flags` of an importance table.

    Parameters
    ----------
    importance : pandas.DataFrame
        As for `compare_nulls`, with the column flags (text, separated by ", ").
    compared : pandas.DataFrame
        What `compare_nulls` returned for these rows, or for some of their conditions.
    """
    keys = [name for name in [*_FAMILY, "condition"] if name in importance]
    found = importance[keys].merge(compared[[*keys, "flag"]], on=keys, how="left")["flag"]
    pairs = zip(importance["flags"], found.fillna(""), strict=True)
    return importance.assign(flags=[", ".join(filter(None, pair)) for pair in pairs])


def rank_correlations(importance):
    """Spearman correlation of the estimates of each pair of null models.

    Parameters
    ----------
    importance : pandas.DataFrame
        As for `compare_nulls`.

    Returns
    -------
    pandas.DataFrame
        What identifies the experiment, target and estimand; null_a, null_b; conditions, how many
        both estimate; spearman, NaN if these are fewer than 3 or all estimates of one are equal.
    """
    keys, wide = _side_by_side(importance, "estimate")
    families = keys[:-1]
    rows = []
    for family, part in wide.groupby(level=families, dropna=False, sort=False):
        for one, other in combinations(wide.columns, 2):
            both = part[[one, other]].dropna()
            varied = len(both) >= 3 and (both.nunique() > 1).all()
            found = scipy.stats.spearmanr(both[one], both[other]).statistic if varied else np.nan
            rows.append((*family, one, other, len(both), found))
    columns = [*families, "null_a", "null_b", "conditions", "spearman"]
    return pd.DataFrame(rows, columns=columns).astype({"spearman": float})


def _side_by_side(importance, column):
    """The columns that identify a condition, and a table of them by null model."""
    missing = [name for name in _NEEDED if name not in importance]
    if missing:
        raise InputError(f"the importance table has no column {', '.join(missing)}")
    keys = [*(name for name in _FAMILY if name in importance), "condition"]
    repeated = importance.duplicated([*keys, "null"])
    if repeated.any():
        first = importance[repeated].iloc[0]
        raise InputError(
            f"null model {first['null']!r} has several estimates of condition "
            f"{first['condition']} in experiment {first['experiment']!r}"
        )
    order = importance["null"].unique()
    wide = importance.set_index([*keys, "null"])[column].unstack("null")
    first_seen = importance.drop_duplicates(keys).set_index(keys).index
    return keys, wide.reindex(index=first_seen, columns=order).rename_axis(columns=None)


def _lowest_correlation(importance):
    pairs = rank_correlations(importance)
    families = [name for name in _FAMILY if name in pairs]
    return pairs.groupby(families, dropna=False, as_index=False)["spearman"].min()


def _nothing(importance, conditions):
    """Which conditions (bool array) are nothing under every null model, in row order."""
    if "verdict" not in importance:
        return np.zeros(conditions, bool)
    _, verdicts = _side_by_side(importance, "verdict")
    return (verdicts.isin(_NOTHING) | verdicts.isna()).all(axis=1).to_numpy()
