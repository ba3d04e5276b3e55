"""Which pairs of a second-order map are stronger than those of shuffled sequences?"""

import numpy as np
import pandas as pd

from giaflow.statistics.estimates import adjust


def pair_table(strength, pairing, null, sequences, targets, start, top):
    """The strongest pairs of each sequence and target, with an empirical p-value.

    Parameters
    ----------
    strength, pairing : numpy.ndarray
        (N, W, W, T), from `interaction_maps`.
    null : numpy.ndarray
        (M, W, W, T) strengths of shuffled sequences; M may be 0, then there is no p-value.
    sequences : pandas.DataFrame
        N rows with columns ``set``, ``name`` and ``letters``.
    targets : sequence of str
    start : int
        Position of the window's first letter.
    top : int
        Pairs per sequence and target.

    Returns
    -------
    pandas.DataFrame
        ``p`` is the share of pairs of shuffled sequences, at the same distance, that are at least
        as strong, ``q`` its Benjamini-Hochberg value over all pairs of the map, and ``p_map`` the
        share of shuffled sequences with any pair that strong, which needs no correction.
    """
    left, right = np.triu_indices(strength.shape[1], 1)
    strongest = np.nan_to_num(null, nan=-1).max(axis=(1, 2), initial=-1)
    rows = []
    for n, sequence in enumerate(sequences.itertuples()):
        for t, target in enumerate(targets):
            values = strength[n, left, right, t]
            p = _exceeding(values, null[..., t], left, right)
            q = adjust(p)
            order = np.argsort(-np.nan_to_num(values, nan=-1), kind="stable")[:top]
            table = pd.DataFrame({"position": start + left[order], "partner": start + right[order]})
            table["distance"] = table["partner"] - table["position"]
            table["letters"] = [
                sequence.letters[i] + sequence.letters[j]
                for i, j in zip(table["position"], table["partner"], strict=True)
            ]
            table["strength"], table["pairing"] = values[order], pairing[n, left, right, t][order]
            table["p"], table["q"] = p[order], q[order]
            table["p_map"] = _share(table["strength"].to_numpy(), strongest[:, t])
            for column, value in zip(
                ("set", "name", "target"), (sequence.set, sequence.name, target), strict=True
            ):
                table.insert(0, column, value)
            rows.append(table)
    return pd.concat(rows, ignore_index=True)


def _exceeding(values, null, left, right):
    """Empirical p-values of pairs among the null's pairs at the same distance; nan without one."""
    p = np.empty(len(values))
    for distance in np.unique(right - left):
        here = right - left == distance
        others = np.diagonal(null, distance, 1, 2).ravel()
        p[here] = _share(values[here], others[~np.isnan(others)])
    return p


def _share(values, others):
    """Share of `others`, and of the value itself, that reach each value; nan if there are none."""
    above = len(others) - np.searchsorted(np.sort(others), values, "left")
    unknown = np.isnan(values) | (len(others) == 0)
    return np.where(unknown, np.nan, (1 + above) / (1 + len(others)))
