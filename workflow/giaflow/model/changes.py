"""Finding what an edit changed, and which backgrounds make it smallest."""

import numba as nb
import numpy as np

from giaflow.model.windows import Windows

jit = nb.njit(nogil=True, cache=True)

# Changed letters at most this far apart form one window: apart they would soon meet.
JOIN = 8


@jit
def _count(codes, edited):
    conditions, n, length = edited.shape
    counts = np.zeros((conditions, n), np.int64)
    for c in range(conditions):
        for i in range(n):
            for p in range(length):
                counts[c, i] += codes[i, p] != edited[c, i, p]
    return counts


@jit
def _fill(codes, edited, first, position, letter):
    conditions, n, length = edited.shape
    for c in range(conditions):
        for i in range(n):
            at = first[c * n + i]
            for p in range(length):
                if codes[i, p] != edited[c, i, p]:
                    position[at] = p
                    letter[at] = edited[c, i, p]
                    at += 1


class Changes:
    """The letters that C conditions change in N backgrounds, row c N + n for each edit.

    Attributes
    ----------
    first : numpy.ndarray
        (C N + 1,) int64: which rows of `position` and `letter` belong to an edit.
    position : numpy.ndarray
        int32, rising within an edit.
    letter : numpy.ndarray
        uint8, the code after the edit.
    """

    def __init__(self, first, position, letter):
        self.first, self.position, self.letter = first, position, letter

    @property
    def arrays(self):
        """(first, position, letter)."""
        return self.first, self.position, self.letter

    def of(self, edits):
        """(number of the edit, row) of every letter that the given edits change."""
        counts = self.first[edits + 1] - self.first[edits]
        owner = np.repeat(np.arange(len(edits)), counts)
        before = np.cumsum(counts) - counts
        return owner, np.arange(len(owner)) + np.repeat(self.first[edits] - before, counts)

    def rows(self, begin, end):
        """The changes of edits begin .. end."""
        here = slice(self.first[begin], self.first[end])
        first = self.first[begin : end + 1] - self.first[begin]
        return Changes(first, self.position[here], self.letter[here])

    @classmethod
    def between(cls, codes, edited):
        """Changes from codes (N, L) to edited (C, N, L), both uint8."""
        counts = _count(codes, edited)
        first = np.append(0, np.cumsum(counts))
        position = np.empty(first[-1], np.int32)
        letter = np.empty(first[-1], np.uint8)
        _fill(codes, edited, first, position, letter)
        return cls(first, position, letter)

    @classmethod
    def joined(cls, parts):
        """One `Changes` of several, condition after condition."""
        lengths = [np.diff(part.first) for part in parts]
        return cls(
            np.append(0, np.cumsum(np.concatenate(lengths))),
            np.concatenate([part.position for part in parts]),
            np.concatenate([part.letter for part in parts]),
        )


@jit
def _edit(codes, bases, edit, source, base, first, position, letter, join, row, starts, stops):
    """Write an edit's letters to `row` and its windows to `starts` and `stops`; count them."""
    row[:] = codes[source]
    for q in range(first[edit], first[edit + 1]):
        row[position[q]] = letter[q]
    rows = 0
    for p in range(len(row)):
        if row[p] != bases[base, p]:
            if rows == 0 or p - stops[rows - 1] > join:
                starts[rows] = p
                rows += 1
            stops[rows - 1] = p + 1
    return rows


@jit
def _sizes(codes, bases, edits, source, base, first, position, letter, join, tables):
    length = codes.shape[1]
    row, starts, stops = (
        np.empty(length, np.uint8),
        np.empty(length, np.int64),
        np.empty(length, np.int64),
    )
    out = np.zeros((len(tables), len(edits)))
    begin = np.empty(len(edits), np.int64)
    for k in range(len(edits)):
        rows = _edit(
            *(codes, bases, edits[k], source[k], base[k], first, position, letter),
            *(join, row, starts, stops),
        )
        begin[k] = starts[0] if rows else length
        for r in range(rows):
            for t in range(len(tables)):
                out[t, k] += tables[t, stops[r] - starts[r]]
        for t in range(len(tables)):
            out[t, k] = min(out[t, k], tables[t, length])
    return out, begin


@jit
def _windows(codes, bases, edits, source, base, first, position, letter, join):
    length, n = codes.shape[1], len(edits)
    row, starts, stops = (
        np.empty(length, np.uint8),
        np.empty(length, np.int64),
        np.empty(length, np.int64),
    )
    most = 0
    for k in range(n):
        most += first[edits[k] + 1] - first[edits[k]]
        for p in range(length):
            most += codes[source[k], p] != bases[base[k], p]
    first_row, start, offset = (
        np.zeros(n + 1, np.int64),
        np.empty(most, np.int64),
        np.zeros(most + 1, np.int64),
    )
    values = np.empty((most * (join + 1), 4), np.float32)
    at = total = 0
    for k in range(n):
        rows = _edit(
            *(codes, bases, edits[k], source[k], base[k], first, position, letter),
            *(join, row, starts, stops),
        )
        for r in range(rows):
            start[total] = starts[r]
            for p in range(starts[r], stops[r]):
                for a in range(4):
                    values[at, a] = nb.float32(row[p] == a) - nb.float32(bases[base[k], p] == a)
                at += 1
            total += 1
            offset[total] = at
        first_row[k + 1] = total
    return first_row, start[:total].copy(), offset[: total + 1].copy(), values[:at].copy()


def sizes(codes, bases, edits, source, base, changes, tables):
    """What edits cost when predicted from given sequences.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8, the backgrounds.
    bases : numpy.ndarray
        (B, L) uint8, the sequences remembered.
    edits, source, base : numpy.ndarray
        (E,) int64: rows of `changes`, of `codes` and of `bases` for each edit.
    changes : Changes
    tables : numpy.ndarray
        (K, L + 1) float64: a cost by the width of a window.

    Returns
    -------
    costs : numpy.ndarray
        (K, E) float64, summed over the windows of an edit and at most that of the whole sequence.
    start : numpy.ndarray
        (E,) int64, first changed position, L where nothing is changed.
    """
    return _sizes(codes, bases, edits, source, base, *changes.arrays, JOIN, tables)


def windows(codes, bases, edits, source, base, changes):
    """Windows of E edits and differences (P, 4) float32 of their one-hot codes; as in `sizes`."""
    *rows, values = _windows(codes, bases, edits, source, base, *changes.arrays, JOIN)
    return Windows(*rows), values
