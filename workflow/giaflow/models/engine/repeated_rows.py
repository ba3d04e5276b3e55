"""Rows of differences that an edit repeats of the edit before it: computed once.

Neighbouring windows of unknown letters, say, overlap, and in the overlap a background changes
alike. What an edit changes otherwise than the one before it grows with every layer like any
window; outside of that its rows are the other's. The bytes of a row depend on what it reads
alone, so those of a result do not depend on what was repeated.
"""

import numpy as np

from giaflow.models.engine.windows import Windows, grown, jit, merged
from giaflow.models.plan.plan import INPUT

NONE = np.empty(0, np.int64)
# Fewer repeated rows than this part of a tensor's are not worth looking for them.
WORTH = 1 / 8


class Repeats:
    """Which rows of the tensors of E edits repeat an earlier row.

    Parameters
    ----------
    window : Windows
        Of the input.
    values : numpy.ndarray
        (P, 4) float32, the differences of the input.
    base : numpy.ndarray
        (E,) int64, the background of each edit.
    """

    def __init__(self, window, values, base):
        self._known = {}
        self._keep(INPUT, window, Windows(*_otherwise(*window, values, base)))

    def of(self, tensor):
        """(P,) int64: of each row the first that is the same, or itself; `NONE` if few repeat."""
        return self._known[tensor][1] if tensor in self._known else NONE

    def follow(self, step, target):
        """As `of`, for the output of a step that reads one tensor, under windows `target`."""
        if step.skip is None and step.inputs[0] in self._known:
            fresh = grown(self._known[step.inputs[0]][0], step.low, step.high)
            self._keep(step.output, target, fresh)
        return self.of(step.output)

    def _keep(self, tensor, window, fresh):
        same, repeated = _same(*window, *fresh)
        if repeated > WORTH * len(same):
            self._known[tensor] = fresh, same


@jit
def _otherwise(first, start, offset, values, base):
    """Windows where an edit is not like the one before it, or all of it at a new background."""
    lo, hi = np.empty(2 * len(values), np.int64), np.empty(2 * len(values), np.int64)
    rows, n, nothing = np.zeros_like(first), 0, np.float32(0)
    for e in range(len(base)):
        q, end = first[e], first[e + 1]
        beside = e > 0 and base[e] == base[e - 1]
        r, last = (first[e - 1], first[e]) if beside else (end, end)
        p = np.int64(0)
        while q < end or r < last:
            # The next position that either covers.
            x = start[q] if q < end else start[r]
            p = max(p, min(x, start[r]) if r < last else x)
            one, two = q < end and start[q] <= p, r < last and start[r] <= p
            x, y = offset[q] + p - start[q] if one else -1, offset[r] + p - start[r] if two else -1
            equal = beside
            for c in range(values.shape[1]):
                # Where a window only joins changes, it has the zeros that others leave out.
                here = values[x, c] if one else nothing
                equal &= here == (values[y, c] if two else nothing)
            if not equal:
                lo[n], hi[n] = p, p + 1
                n += 1
            p += 1
            if q < end and p == start[q] + offset[q + 1] - offset[q]:
                q += 1
            if r < last and p == start[r] + offset[r + 1] - offset[r]:
                r += 1
        rows[e + 1] = n
    return merged(rows, lo, hi)


@jit
def _same(first, start, offset, first2, start2, offset2):
    """Per row the first that is the same, and how many repeat one, from the fresh windows (2)."""
    same, repeated = np.arange(offset[-1]), 0
    for e in range(1, len(first) - 1):
        fresh, r = first2[e], first[e - 1]
        for q in range(first[e], first[e + 1]):
            for x in range(offset[q], offset[q + 1]):
                o = start[q] + x - offset[q]
                while fresh < first2[e + 1] and (
                    start2[fresh] + offset2[fresh + 1] - offset2[fresh] <= o
                ):
                    fresh += 1
                if fresh < first2[e + 1] and start2[fresh] <= o:
                    continue
                while r < first[e] and start[r] + offset[r + 1] - offset[r] <= o:
                    r += 1
                if r < first[e] and start[r] <= o:
                    same[x] = same[offset[r] + o - start[r]]
                    repeated += 1
    return same, repeated


@jit
def repeat(same, x, out):
    """Whether row x of out (P, D) is the `same` as an earlier one, which is then copied."""
    if len(same) == 0 or same[x] == x:
        return False
    channels, flat = out.shape[1], out.reshape(-1)
    old, new = flat[same[x] * channels :][:channels], flat[x * channels :][:channels]
    for c in range(channels):
        new[c] = old[c]
    return True


@jit
def inside(same, begin, end):
    """Of rows begin .. end alone, counted from 0: one that repeats an earlier one is its own."""
    rows = same[begin:end] - begin if len(same) else same
    for x in range(len(rows)):
        rows[x] = x if rows[x] < 0 else rows[x]
    return rows
