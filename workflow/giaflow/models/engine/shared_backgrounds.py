"""Which sequence an edit is predicted from: its background, or one that shares part of the edit.

In a sweep of a second motif beside a fixed first one, every edit holds the first. The background
with the first motif then becomes a new background, and only the second is left to carry.
"""

import numpy as np

from giaflow.models.engine.letter_changes import JOIN, covering, jit

# A new background must save this part of what its edits cost, itself included.
SAVED = 0.1


def chosen(codes, some, changes, costs, macs, full, worth):
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
    worth : float
        An edit that costs more than this part of a whole sequence is predicted whole; cheaper
        ones count as more by as much, so that both ways meet there.

    Returns
    -------
    bases : numpy.ndarray
        (B, L) uint8, new backgrounds; there may be none.
    base : numpy.ndarray
        (C, M) int64, the new background of each edit, -1 where it stays with its own.
    """
    bases, base = [], np.full(costs.shape, -1)
    costs = np.minimum(costs / worth, full)
    # No new background can pay where all edits together cost hardly more than one.
    for m in np.flatnonzero(costs.sum(axis=0) > full):
        open_ = np.arange(len(costs))
        while len(open_) and costs[open_, m].sum() > full:
            edits = open_ * len(codes) + some[m]
            row, gains = _best(
                *(codes, some[m], edits, costs[open_, m], *changes.arrays),
                *(JOIN, macs[None] / worth, full),
            )
            if not gains.any():
                break
            base[open_[gains], m] = len(bases)
            bases.append(row)
            open_ = open_[~gains]
    return np.array(bases, np.uint8).reshape(len(bases), codes.shape[1]), base


@jit
def _best(codes, n, edits, costs, first, position, letter, join, macs, full):
    """(new background, which edits gain) around the letter that most edits share."""
    counts = np.zeros(5 * codes.shape[1], np.int64)
    _count(counts, edits, first, position, letter)
    most = counts.argmax()
    row, gains = codes[n].copy(), np.zeros(len(edits), np.bool_)
    if counts[most] * costs.max() < full:
        return row, gains
    for e in range(len(edits)):
        for r in range(first[edits[e]], first[edits[e] + 1]):
            gains[e] |= position[r] * 5 + letter[r] == most
    members = edits[gains]
    counts[:] = 0
    _count(counts, members, first, position, letter)
    for key in range(len(counts)):
        if 2 * counts[key] > len(members):
            row[key // 5] = key % 5
    own, shared = np.full(len(members), n), np.zeros(len(members), np.int64)
    after = covering(
        *(codes, row.reshape(1, -1), members, own, shared),
        *(first, position, letter, join, macs),
    )[0][0]
    i, before, saved = 0, 0.0, -full
    for e in range(len(edits)):
        if gains[e]:
            now = min(after[i], full)
            gains[e] = now < costs[e]
            if gains[e]:
                before, saved = before + costs[e], saved + costs[e] - now
            i += 1
    if saved < SAVED * before:
        gains[:] = False
    return row, gains


@jit
def _count(counts, edits, first, position, letter):
    for edit in edits:
        for r in range(first[edit], first[edit + 1]):
            counts[position[r] * 5 + letter[r]] += 1
