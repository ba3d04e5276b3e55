"""A laboratory model of motifs and pairs of motifs, and what an edit changes in it."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from giaflow.base.alphabet import one_hot
from giaflow.validation.oracles.linear_forms import (
    is_letters,
    occupancy,
    pair_sum,
    pair_table,
    sites,
)

# Backgrounds whose occupancies are kept at a time: bounds memory.
ROWS = 2048


@njit(cache=True, nogil=True)
def _occupancies(codes, starts, rows):
    """Occupancies (N, S) of codes (N, L) at starts (S,), of row weights (w, 5)."""
    found = np.ones((len(codes), len(starts)))
    for n in range(len(codes)):
        for i, start in enumerate(starts):
            for k in range(len(rows)):
                found[n, i] *= rows[k, codes[n, start + k]]
    return found


@dataclass(frozen=True)
class Quadratic:
    """A sum of occupancies, plus weighted pairs of occupancies on one output.

    Attributes
    ----------
    motifs : tuple of numpy.ndarray
        M arrays of row weights (w, 4).
    linear : numpy.ndarray
        (M, T) weight of each motif's summed occupancy on each output.
    pairs : tuple of (int, int, numpy.ndarray)
        First motif, second motif, and weights (D,) by start distance of first before second.
    output : int
        The output that the pairs act on.
    """

    motifs: tuple
    linear: np.ndarray
    pairs: tuple
    output: int = 0

    def __call__(self, x):
        """Outputs (N, T) of (N, L, 4) float64 one-hot or probability matrices."""
        found = [sites(x, rows) for rows in self.motifs]
        total = np.stack([each.at.sum(axis=1) for each in found], axis=1) @ self.linear
        letters = is_letters(x)
        for first, second, weights in self.pairs:
            total[:, self.output] += pair_sum(x, found[first], found[second], weights, letters)
        return total

    def edits(self, codes, edited):
        """Outputs (C, N, T) of chunks (c, N, L) of edited backgrounds (N, L).

        A motif's occupancy changes only at starts whose window an edit touches, so an output
        changes by those differences times what they meet: the same numbers as the formula's to
        rounding, tens of times sooner.
        """
        bases = [_Base(self, codes[start : start + ROWS]) for start in range(0, len(codes), ROWS)]
        parts = [np.empty((0, len(codes), self.linear.shape[1]))]
        for chunk in edited:
            for condition in chunk:
                blocks = (condition[i * ROWS : (i + 1) * ROWS] for i in range(len(bases)))
                found = [base.after(block) for base, block in zip(bases, blocks, strict=True)]
                parts.append(np.concatenate(found)[None])
        return np.concatenate(parts)


class _Base:
    """Occupancies of unedited backgrounds, and what a unit more of each would add by its pairs."""

    def __init__(self, form, codes):
        x = one_hot(codes).astype(np.float64)
        self.form, self.codes = form, codes
        # A letter that is unknown fits no motif.
        self.rows = [np.append(rows, np.zeros((len(rows), 1)), axis=1) for rows in form.motifs]
        self.at = [occupancy(x, rows) for rows in form.motifs]
        self.tables = _symmetric(form.pairs, [at.shape[1] for at in self.at])
        self.slopes = [np.zeros_like(at) for at in self.at]
        for (first, second), table in self.tables.items():
            self.slopes[first] += self.at[second] @ table.T
            if first != second:
                self.slopes[second] += self.at[first] @ table
        self.value = np.stack([at.sum(axis=1) for at in self.at], axis=1) @ form.linear
        # Each pair is in the slopes of both its sites.
        for at, slope in zip(self.at, self.slopes, strict=True):
            self.value[:, form.output] += (at * slope).sum(axis=1) / 2

    def after(self, codes):
        """Outputs (N, T) of the edited backgrounds (N, L)."""
        form, total = self.form, self.value.copy()
        changed = (codes != self.codes).any(axis=0)
        starts, more = [], []
        for rows, at, slope, weights in zip(
            self.rows, self.at, self.slopes, form.linear, strict=True
        ):
            touched = np.lib.stride_tricks.sliding_window_view(changed, len(rows)).any(axis=1)
            where = np.flatnonzero(touched)
            difference = _occupancies(codes, where, rows) - at[:, where]
            total += difference.sum(axis=1)[:, None] * weights
            total[:, form.output] += (difference * slope[:, where]).sum(axis=1)
            starts.append(where)
            more.append(difference)
        for (first, second), table in self.tables.items():
            part = table[np.ix_(starts[first], starts[second])]
            both = ((more[first] @ part) * more[second]).sum(axis=1)
            total[:, form.output] += both / 2 if first == second else both
        return total


def _symmetric(pairs, sizes):
    """Weights of pairs of starts by motifs (first, second), first <= second, in either order."""
    tables = {}
    for first, second, weights in pairs:
        table = pair_table(sizes[first], sizes[second], weights)
        if first > second:
            first, second, table = second, first, table.T
        elif first == second:
            table = table + table.T
        tables[first, second] = tables.get((first, second), 0) + table
    return tables
