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
def merged(first, lo, hi):
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
    return merged(first, lo, hi)


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
    return merged(both, lo, hi)


@jit
def by_position(windows, base):
    """(row, edit, position) of all rows, backgrounds in turn and each by position, then edit."""
    first, start, offset = windows
    rows = offset[first[-1]] - offset[first[0]]
    row, edit, place = np.empty(rows, np.int64), np.empty(rows, np.int64), np.empty(rows, np.int64)
    done = begin = np.int64(0)
    while begin < len(base):
        end = begin
        while end < len(base) and base[end] == base[begin]:
            end += 1
        low, high = np.int64(0), np.int64(0)
        for r in range(first[begin], first[end]):
            stop = start[r] + offset[r + 1] - offset[r]
            low = start[r] if r == first[begin] else min(low, start[r])
            high = max(high, stop)
        # How many windows begin less how many end at a position, then where its rows begin.
        at = np.zeros(high - low + 1, np.int64)
        for r in range(first[begin], first[end]):
            at[start[r] - low] += 1
            at[start[r] + offset[r + 1] - offset[r] - low] -= 1
        covered = np.int64(0)
        for p in range(high - low):
            covered += at[p]
            at[p] = done
            done += covered
        for e in range(begin, end):
            for r in range(first[e], first[e + 1]):
                for x in range(offset[r], offset[r + 1]):
                    o = start[r] + x - offset[r]
                    n = at[o - low]
                    row[n], edit[n], place[n] = x, e, o
                    at[o - low] += 1
        begin = end
    return row, edit, place


@jit
def part(windows, begin, end):
    """(windows, first row, last row) of edits begin .. end alone, their rows counted from 0."""
    first, start, offset = windows
    low, high = first[begin], first[end]
    at, to = offset[low], offset[high]
    return (
        Windows(first[begin : end + 1] - low, start[low:high], offset[low : high + 1] - at),
        at,
        to,
    )
