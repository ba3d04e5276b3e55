"""Which sequence an edit is predicted from: its background, or one that shares part of the edit.

In a sweep of a second motif beside a fixed first one, every edit holds the first. The background
with the first motif then becomes a new background, and only the second is left to carry.
"""

import numpy as np

from giaflow.model.changes import sizes

# A new background must save this part of what its edits cost, itself included.
SAVED = 0.2


def chosen(codes, some, changes, costs, macs, full):
    """New backgrounds for the edits of some backgrounds, found by the letters that edits share.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8, the backgrounds.
    some : numpy.ndarray
        (M,) int64, the backgrounds looked at.
    changes : Changes
        Of C conditions in the N backgrounds.
    costs : numpy.ndarray
        (C, M) float64, multiplications of each edit from its own background.
    macs : numpy.ndarray
        (L + 1,) float64, multiplications by the width of a window.
    full : float
        Multiplications of one whole sequence.

    Returns
    -------
    bases : numpy.ndarray
        (B, L) uint8, new backgrounds; there may be none.
    base : numpy.ndarray
        (C, M) int64, the new background of each edit, -1 where it stays with its own.
    """
    bases, base = [], np.full(costs.shape, -1)
    for m, n in enumerate(some):
        # No new background can pay where all edits together cost hardly more than one.
        while (open_ := np.flatnonzero(base[:, m] < 0)).size and costs[open_, m].sum() > full:
            found = _best(codes, changes, n, open_, costs[open_, m], macs, full)
            if found is None:
                break
            row, members = found
            base[members, m] = len(bases)
            bases.append(row)
    stacked = np.array(bases, np.uint8).reshape(len(bases), codes.shape[1])
    return stacked, base


def _best(codes, changes, n, open_, costs, macs, full):
    """(new background, conditions that gain) around the most shared letter, or None."""
    edits = open_ * codes.shape[0] + n
    owner, rows = changes.of(edits)
    key = changes.position[rows].astype(np.int64) * 5 + changes.letter[rows]
    shared = np.bincount(key)
    if len(shared) == 0 or shared.max() * costs.max() < full:
        return None
    members = np.unique(owner[key == shared.argmax()])
    inside = np.isin(owner, members)
    often = np.flatnonzero(np.bincount(key[inside]) > len(members) / 2)
    row = codes[n].copy()
    row[often // 5] = often % 5
    after = sizes(
        *(codes, row[None], edits[members], np.full(len(members), n)),
        *(np.zeros(len(members), np.int64), changes, macs[None]),
    )[0][0]
    better = after < costs[members]
    saved = (costs[members] - after)[better].sum() - full
    if saved < SAVED * costs[members][better].sum() or not better.any():
        return None
    return row, open_[members[better]]
