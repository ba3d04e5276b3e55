"""Edits of real sequences with letters that a null model drew at the same places.

What replaces is a background of the null model, the donor: nothing is shuffled here, for a shuffle
of a few letters often returns them (of 8 letters one time in three), and below 20 letters it has
no room for anything else. Sequence n takes the donors n R to n R + R - 1 for its R draws, counted
round, so that no donor serves two sequences if there are as many donors as draws in all. If there
are fewer, sequences that share their donors form a group, whose members are not independent.
"""

from dataclasses import dataclass

import numpy as np

from giaflow.base.checks import InputError
from giaflow.sequences.pattern_search import central_pair, covered, occurrences, sites

# Donors tried for one replacement, this many apart: the prime visits all of any usual number.
ATTEMPTS = 60
STRIDE = 7919


def numbers(codes, rows=None):
    """The numbers (N,) of backgrounds of codes (N, L): `rows` where not all of them are given."""
    return np.arange(len(codes)) if rows is None else rows


class Replacement:
    """The base of edits whose `apply` also takes donors (B, L), before `rows`."""

    @property
    def spans(self):
        """None: where letters are replaced is known only for each sequence."""
        return ()


def donors_of(rows, draw, draws, number, attempt=0):
    """Which of a number of donors serve rows (n,) of the sequences in one of several draws.

    Raises
    ------
    InputError
        If there are fewer donors than two sequences need: none would be independent.
    """
    if 2 * draws > number:
        raise InputError(
            f"{draws} draws need at least {2 * draws} backgrounds, but the null model has {number}"
        )
    whole = number // draws * draws
    return (rows * draws + draw + STRIDE * attempt) % whole


def sharing(conditions, n, number):
    """Which of n sequences share donors, of a number, in the replacements of conditions: (n,) int.

    Equal where they share all of them, different where they share none; but for donors that were
    taken because others did not serve.
    """
    edits = (edit for condition in conditions for edit in condition.edits)
    draws = {edit.draws for edit in edits if isinstance(edit, Replacement)}
    return np.arange(n) % min((number // each for each in draws), default=max(n, 1))


@dataclass(frozen=True)
class Occlude(Replacement):
    """Replace every instance of a pattern, on either strand, or one site of it.

    Attributes
    ----------
    pattern : str
        IUPAC letters.
    draw, draws : int
        Which of how many draws: each takes its letters from other donors.
    avoid : tuple of str
        Patterns that a replacement must not spell anew.
    mismatches : int
        Letters in which an instance may differ.
    apart_from : str
        Leave sequences alone in which an instance shares letters with one of this pattern.
    site : int or None
        Replace only this site, counted from the left (`giaflow.sequences.pattern_search.sites`).
    """

    pattern: str
    draw: int
    draws: int = 1
    avoid: tuple = ()
    mismatches: int = 0
    apart_from: str = ""
    site: int | None = None

    def marked(self, codes):
        """Which letters (N, L) are replaced."""
        if self.site is not None:
            return sites(codes, self.pattern, self.mismatches) == self.site
        found = covered(codes, self.pattern, self.mismatches)
        if self.apart_from:
            other = covered(codes, self.apart_from, self.mismatches)
            found[(found & other).any(axis=1)] = False
        return found

    def apply(self, codes, donors, rows=None):
        """Edited copy of codes (N, L), letters taken from donors (B, L) at the same positions.

        Raises
        ------
        InputError
            If for some sequence none of `ATTEMPTS` donors changes half of the letters without
            spelling a pattern to avoid.
        """
        marked, rows = self.marked(codes), numbers(codes, rows)
        before = {text: occurrences(codes, text) for text in self.avoid}
        edited, todo = codes.copy(), np.flatnonzero(marked.any(axis=1))
        for attempt in range(ATTEMPTS):
            donor = donors[donors_of(rows[todo], self.draw, self.draws, len(donors), attempt)]
            edited[todo] = np.where(marked[todo], donor, codes[todo])
            moved = (edited[todo] != codes[todo]).sum(axis=1)
            bad = 2 * moved < marked[todo].sum(axis=1)
            for text, held in before.items():
                bad |= (occurrences(edited[todo], text) & ~held[todo]).any(axis=1)
            left = covered(edited[todo], self.pattern, self.mismatches)
            bad |= (left & marked[todo]).any(axis=1)
            todo = todo[bad]
            if not len(todo):
                return edited
        raise InputError(
            f"{len(todo)} sequences hold {self.pattern} where no background has letters that "
            "replace it; draw more backgrounds or allow fewer mismatches"
        )


@dataclass(frozen=True)
class OccludePair(Occlude):
    """Replace the instance of a pattern at the middle, another's nearest to it, or both.

    Sequences without such a pair stay as they are.

    Attributes
    ----------
    second : str
        The other pattern, in IUPAC letters.
    which : tuple of int
        0 for the instance at the middle, 1 for the other.
    off, reach : float and tuple of float
        See `giaflow.sequences.pattern_search.central_pair`.
    """

    second: str = ""
    which: tuple = (0, 1)
    off: float = 0
    reach: tuple = (0, 0)

    def marked(self, codes):
        """Which letters (N, L) are replaced."""
        pair = (self.pattern, self.second)
        starts = central_pair(codes, *pair, self.mismatches, self.off, self.reach)
        found = np.zeros(codes.shape, bool)
        rows = np.flatnonzero(starts[:, 0] >= 0)
        for i in self.which:
            columns = starts[rows, i, None] + np.arange(len(pair[i]))
            found[rows[:, None], columns] = True
        return found


@dataclass(frozen=True)
class Isolate(Replacement):
    """Replace everything but the instances of a pattern: they alone, at their places, in a donor.

    Sequences without an instance stay as they are. What the donor holds by chance stays too.

    Attributes
    ----------
    pattern : str
        IUPAC letters, found on both strands.
    draw, draws : int
        Which of how many draws.
    mismatches : int
        Letters in which an instance may differ.
    """

    pattern: str
    draw: int
    draws: int = 1
    mismatches: int = 0

    def apply(self, codes, donors, rows=None):
        """Donors (B, L) with the instances of codes (N, L); an edited copy."""
        marked = covered(codes, self.pattern, self.mismatches)
        edited, held = codes.copy(), np.flatnonzero(marked.any(axis=1))
        served = numbers(codes, rows)[held]
        donor = donors[donors_of(served, self.draw, self.draws, len(donors))]
        edited[held] = np.where(marked[held], codes[held], donor)
        return edited


@dataclass(frozen=True, eq=False)
class Graft(Replacement):
    """Put windows of one sequence at places of another.

    Attributes
    ----------
    parts : array_like
        (R, P, 3) int: first position of each window, the one after its last, and where its first
        letter is put; sequence n has row n modulo R. All rows have the same widths.
    source, context : {"own", "null", "next"}
        Whose windows, and who receives them: the sequence itself, its donor, or the next
        sequence (the first follows the last).
    draw, draws : int
        Which of how many donors.
    """

    parts: object
    source: str
    context: str
    draw: int = 0
    draws: int = 1

    def apply(self, codes, donors, rows=None):
        """Grafted copies (N, L) of codes (N, L) and donors (B, L).

        Of some of the backgrounds alone, the last has no next one: it is not to be used.
        """
        rows = numbers(codes, rows)

        def letters(whose):
            if whose == "null":
                return donors[donors_of(rows, self.draw, self.draws, len(donors))]
            return np.roll(codes, -1, axis=0) if whose == "next" else codes

        source, edited = letters(self.source), letters(self.context).copy()
        parts, here = np.asarray(self.parts), np.arange(len(codes))[:, None]
        for start, stop, place in np.moveaxis(parts[rows % len(parts)], 0, -1):
            offsets = np.arange(stop[0] - start[0])
            columns = start[:, None] + offsets, place[:, None] + offsets
            edited[here, columns[1]] = source[here, columns[0]]
        return edited


def replace_windows(windows, draw, draws):
    """The graft that replaces windows (R, P, 2) by the donor's letters at the same places."""
    return Graft(_in_place(windows), "null", "own", draw, draws)


def keep_windows(windows, draw, draws):
    """The graft that keeps windows (R, P, 2) in a donor, which none of them leaves as it is."""
    return Graft(_in_place(windows), "own", "null", draw, draws)


def _in_place(windows):
    windows = np.asarray(windows, int).reshape(len(windows), -1, 2)
    return np.concatenate([windows, windows[..., :1]], axis=-1)


def check_window(name, window, length):
    """Raise `InputError` unless a half-open window holds letters of sequences of a length."""
    start, stop = window
    if not 0 <= start < stop <= length:
        raise InputError(
            f"tile {name!r} from {start} to {stop} does not lie inside sequences of "
            f"{length} letters"
        )
