"""Finding what an edit changed, and which backgrounds make it smallest."""

import numba as nb
import numpy as np

from giaflow.models.engine.windows import Windows

jit = nb.njit(nogil=True, cache=True)

# Changed letters at most this far apart form one window: apart they would soon meet.
JOIN = 8


# Letters compared at once.
STRETCH = 64


@jit
def _equal(one, two):
    """Whether two stretches are the same: no branches, so a few instructions."""
    different = np.uint8(0)
    for p in range(len(one)):
        different |= one[p] ^ two[p]
    return different == 0


@jit
def _count(codes, edited):
    conditions, n, length = edited.shape
    counts = np.zeros((conditions, n), np.int64)
    for c in range(conditions):
        for i in range(n):
            for begin in range(0, length, STRETCH):
                stop = min(begin + STRETCH, length)
                if _equal(codes[i, begin:stop], edited[c, i, begin:stop]):
                    continue
                for p in range(begin, stop):
                    counts[c, i] += codes[i, p] != edited[c, i, p]
    return counts


@jit
def _fill(codes, edited, first, position, letter):
    conditions, n, length = edited.shape
    for c in range(conditions):
        for i in range(n):
            at, end = first[c * n + i], first[c * n + i + 1]
            for begin in range(0, length, STRETCH):
                if at == end:
                    break
                stop = min(begin + STRETCH, length)
                if _equal(codes[i, begin:stop], edited[c, i, begin:stop]):
                    continue
                for p in range(begin, stop):
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
def _spots(codes, bases, source, base):
    """Where each base differs from its background: rows of (first, position)."""
    owner = np.full(len(bases), -1)
    for k in range(len(base)):
        owner[base[k]] = source[k]
    first = np.zeros(len(bases) + 1, np.int64)
    for b in range(len(bases)):
        first[b + 1] = first[b]
        for p in range(bases.shape[1]):
            first[b + 1] += owner[b] >= 0 and bases[b, p] != codes[owner[b], p]
    position = np.empty(first[-1], np.int64)
    for b in range(len(bases)):
        at = first[b]
        for p in range(bases.shape[1]):
            if owner[b] >= 0 and bases[b, p] != codes[owner[b], p]:
                position[at] = p
                at += 1
    return first, position


@jit
def _edit(codes, bases, edit, source, base, first, position, letter, spots, places, letters):
    """Write where an edit differs from its base, and its letters there; count the places."""
    first_spot, spot = spots
    i, end = first[edit], first[edit + 1]
    j, end_spot = first_spot[base], first_spot[base + 1]
    n = 0
    while i < end or j < end_spot:
        if j == end_spot or (i < end and position[i] <= spot[j]):
            p, new = np.int64(position[i]), letter[i]
            if j < end_spot and spot[j] == p:
                j += 1
            i += 1
        else:
            p = spot[j]
            new = codes[source, p]
            j += 1
        if new != bases[base, p]:
            places[n], letters[n] = p, new
            n += 1
    return n


@jit
def covering(codes, bases, edits, source, base, first, position, letter, join, tables):
    """The loops of `sizes`."""
    length = codes.shape[1]
    places, letters = np.empty(length, np.int64), np.empty(length, np.uint8)
    spots = _spots(codes, bases, source, base)
    out = np.zeros((len(tables), len(edits)))
    start = np.empty(len(edits), np.int64)
    for k in range(len(edits)):
        n = _edit(
            *(codes, bases, edits[k], source[k], base[k], first, position, letter),
            *(spots, places, letters),
        )
        start[k] = places[0] if n else length
        begin = 0
        for i in range(n):
            if i == n - 1 or places[i + 1] - places[i] > join + 1:
                for t in range(len(tables)):
                    out[t, k] += tables[t, places[i] + 1 - places[begin]]
                begin = i + 1
        for t in range(len(tables)):
            out[t, k] = min(out[t, k], tables[t, length])
    return out, start


@jit
def _windows(codes, bases, edits, source, base, first, position, letter, join):
    length = codes.shape[1]
    places, letters = np.empty(length, np.int64), np.empty(length, np.uint8)
    spots = _spots(codes, bases, source, base)
    most = 0
    for k in range(len(edits)):
        most += first[edits[k] + 1] - first[edits[k]] + spots[0][base[k] + 1] - spots[0][base[k]]
    row, start = np.zeros(len(edits) + 1, np.int64), np.empty(most, np.int64)
    offset = np.zeros(most + 1, np.int64)
    # Each place adds at most itself and the `join` positions before it.
    values = np.zeros((most * (join + 1), 4), np.float32)
    at = rows = 0
    for k in range(len(edits)):
        n = _edit(
            *(codes, bases, edits[k], source[k], base[k], first, position, letter),
            *(spots, places, letters),
        )
        for i in range(n):
            gap = places[i] - places[i - 1] if i else 0
            if i == 0 or gap > join + 1:
                start[rows] = places[i]
                rows += 1
            else:
                at += gap - 1
            if letters[i] < 4:
                values[at, letters[i]] += 1
            if bases[base[k], places[i]] < 4:
                values[at, bases[base[k], places[i]]] -= 1
            at += 1
            offset[rows] = at
        row[k + 1] = rows
    return row, start[:rows].copy(), offset[: rows + 1].copy(), values[:at].copy()


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
    return covering(codes, bases, edits, source, base, *changes.arrays, JOIN, tables)


def windows(codes, bases, edits, source, base, changes):
    """Windows of E edits and differences (P, 4) float32 of their one-hot codes; as in `sizes`."""
    *rows, values = _windows(codes, bases, edits, source, base, *changes.arrays, JOIN)
    return Windows(*rows), values
