"""Windows: which positions of a tensor an edit changes.

The windows of a block of E edits are ragged: `first` (E + 1) says which rows belong to an edit,
a row r covers positions start[r] .. start[r] + width, and its values lie in rows
offset[r] .. offset[r + 1] of an array (P, C). The rows of an edit are sorted and never touch;
windows that meet on their way through the network become one.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

jit = nb.njit(nogil=True, cache=True)


class Windows(NamedTuple):
    """Windows of E edits: rows `first` (E + 1), `start` (R), `offset` (R + 1), all int64."""

    first: np.ndarray
    start: np.ndarray
    offset: np.ndarray

    @property
    def positions(self):
        """Positions of all windows together."""
        return int(self.offset[-1])


def whole(edits, length):
    """Windows over all positions, one row per edit."""
    return Windows(
        np.arange(edits + 1, dtype=np.int64),
        np.zeros(edits, np.int64),
        np.arange(edits + 1, dtype=np.int64) * length,
    )


def grown(windows, low, high):
    """Windows of an op's output, from those of its input.

    Parameters
    ----------
    windows : Windows
    low, high : numpy.ndarray
        (L,) int64 each: input position i changes output positions low[i] .. high[i].

    Returns
    -------
    Windows
    """
    return Windows(*_grow(*windows, low, high))


def union(one, two):
    """Windows that cover what either of two covers."""
    return Windows(*_join(*one, *two))


@jit
def _merged(first, lo, hi):
    """Windows of rows lo .. hi: sorted in each edit, empty ones dropped, touching ones joined."""
    out = np.empty_like(first)
    out[0] = 0
    n = 0
    for e in range(len(first) - 1):
        begin, end = first[e], first[e + 1]
        for r in range(begin + 1, end):
            a, b, q = lo[r], hi[r], r
            while q > begin and lo[q - 1] > a:
                lo[q], hi[q] = lo[q - 1], hi[q - 1]
                q -= 1
            lo[q], hi[q] = a, b
        for r in range(begin, end):
            if lo[r] >= hi[r]:
                continue
            if n > out[e] and lo[r] <= hi[n - 1]:
                hi[n - 1] = max(hi[n - 1], hi[r])
            else:
                lo[n], hi[n] = lo[r], hi[r]
                n += 1
        out[e + 1] = n
    offset = np.zeros(n + 1, np.int64)
    for r in range(n):
        offset[r + 1] = offset[r] + hi[r] - lo[r]
    return out, lo[:n].copy(), offset


@jit
def _grow(first, start, offset, low, high):
    lo = np.empty(len(start), np.int64)
    hi = np.empty(len(start), np.int64)
    for r in range(len(start)):
        begin = start[r]
        end = begin + offset[r + 1] - offset[r] - 1
        # Every map is monotone, up or down, so the ends of a window decide.
        lo[r] = min(low[begin], low[end])
        hi[r] = max(high[begin], high[end])
    return _merged(first, lo, hi)


@jit
def _join(first, start, offset, first2, start2, offset2):
    both = first + first2
    lo = np.empty(both[-1], np.int64)
    hi = np.empty(both[-1], np.int64)
    n = 0
    for e in range(len(first) - 1):
        for r in range(first[e], first[e + 1]):
            lo[n], hi[n] = start[r], start[r] + offset[r + 1] - offset[r]
            n += 1
        for r in range(first2[e], first2[e + 1]):
            lo[n], hi[n] = start2[r], start2[r] + offset2[r + 1] - offset2[r]
            n += 1
    return _merged(both, lo, hi)
