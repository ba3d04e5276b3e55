"""Edits: pure functions from codes (N, L) to codes (N, L), and the conditions made of them.

Every edit has `spans`, the half-open intervals it writes to, and `apply(codes, rows)`, which
returns an edited copy. Randomness is drawn before: an edit with a choice per background carries R
of them and gives background n the choice n modulo R. Of some of the backgrounds alone, `rows` (N,)
are their numbers; by default all are given.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import scipy

from giaflow.base.alphabet import UNKNOWN, decode, encode, reverse_complement
from giaflow.base.checks import InputError, check_fits
from giaflow.edits.replace import Replacement, numbers
from giaflow.sequences.folding import pairing


@dataclass(frozen=True)
class Embed:
    """Overwrite letters from `start` on; an N in the text keeps the background's letter."""

    text: str
    start: int

    def __post_init__(self):
        vague = sorted(set(self.text.upper()) - set("ACGTUN"))
        if vague:
            raise ValueError(f"{vague[0]!r} stands for several letters: embed its instances")

    @property
    def stop(self):
        """The first position after the embedded letters."""
        return self.start + len(self.text)

    @property
    def spans(self):
        """The interval that is written to."""
        return ((self.start, self.stop),)

    def apply(self, codes, rows=None):
        """Edited copy of codes (N, L); raises `InputError` if the text does not fit."""
        check_fits(self.text, self.start, codes.shape[1])
        letters = encode(self.text)
        known = np.flatnonzero(letters != UNKNOWN)
        edited = codes.copy()
        edited[:, self.start + known] = letters[known]
        return edited


@dataclass(frozen=True, eq=False)
class EmbedEach:
    """Overwrite letters that differ between backgrounds, at places that may differ too.

    Attributes
    ----------
    letters : numpy.ndarray
        (R, W) uint8; an unknown letter keeps the background's.
    starts : numpy.ndarray
        (R,) int64 positions of the first letter.
    """

    letters: np.ndarray
    starts: np.ndarray

    @property
    def spans(self):
        """The interval within which any background is written to."""
        return ((int(self.starts.min()), int(self.starts.max()) + self.letters.shape[1]),)

    def apply(self, codes, rows=None):
        """Edited copy of codes (N, L); raises `InputError` if an instance does not fit."""
        for start in (self.starts.min(), self.starts.max()):
            check_fits(decode(self.letters[0]), int(start), codes.shape[1])
        which = numbers(codes, rows) % len(self.letters)
        letters = self.letters[which]
        columns = self.starts[which, None] + np.arange(letters.shape[1])
        which, at = np.nonzero(letters != UNKNOWN)
        edited = codes.copy()
        edited[which, columns[which, at]] = letters[which, at]
        return edited


@dataclass(frozen=True)
class Redraw:
    """Replace a window of every even background by that of the next one: a fresh draw of it.

    Odd backgrounds only give. Were every background edited in a ring, what one gains its
    neighbour would lose, and the mean of a linear model's effects would be exactly zero instead
    of calibrated: contrasts of this edit are taken over every second background.
    """

    start: int
    stop: int

    @property
    def spans(self):
        """The interval that is written to."""
        return ((self.start, self.stop),)

    def apply(self, codes, rows=None):
        """Edited copy of codes (N, L); the last of an odd number of backgrounds stays."""
        edited, rows = codes.copy(), numbers(codes, rows)
        window = slice(self.start, self.stop)
        drawn = np.flatnonzero((rows[:-1] % 2 == 0) & (rows[1:] == rows[:-1] + 1))
        edited[drawn, window] = codes[drawn + 1, window]
        return edited


@dataclass(frozen=True)
class Hairpin:
    """Make the arms of a stem pair, on whatever letters the background has.

    Attributes
    ----------
    left : int
        First position of the left arm.
    stem, loop : int
        Letters of an arm, and between the arms.
    form : {"paired", "broken", "swapped"}
        The right arm becomes the reverse complement of the left; then, if broken, the same letters
        in the order that leaves the fewest pairs (G-U counted too); or, if swapped, both arms
        change sides, which keeps the pairs and moves the letters.
    wobble : numpy.ndarray, optional
        (R, stem) bool: where a G or U of the left arm, in its order, gets a G-U pair instead.
    """

    left: int
    stem: int
    loop: int
    form: str = "paired"
    wobble: object = field(default=None, compare=False)

    @property
    def spans(self):
        """The intervals that are written to: the right arm, and the left if arms are swapped."""
        right = self.left + self.stem + self.loop
        arms = ((self.left, self.left + self.stem), (right, right + self.stem))
        return arms if self.form == "swapped" else arms[1:]

    def apply(self, codes, rows=None):
        """Edited copy of codes (N, L)."""
        check_fits("N" * (2 * self.stem + self.loop), self.left, codes.shape[1])
        edited = codes.copy()
        left = slice(self.left, self.left + self.stem)
        right = slice(left.stop + self.loop, left.stop + self.loop + self.stem)
        arm = self._facing(codes[:, left], numbers(codes, rows))[:, ::-1]
        if self.form == "broken":
            arm = _least_paired(codes[:, left], arm)
        if self.form == "swapped":
            edited[:, left], arm = arm, codes[:, left]
        edited[:, right] = arm
        return edited

    def _facing(self, letters, rows):
        """The letters (N, stem) that pair with those of the left arm, in its order."""
        facing = reverse_complement(letters)[:, ::-1]
        if self.wobble is None:
            return facing
        here = self.wobble[rows % len(self.wobble)]
        # G is 2 and U is 3: each faces the other.
        return np.where(here & ((letters == 2) | (letters == 3)), 5 - letters, facing)


def _least_paired(left, arm):
    """The order (N, stem) of the letters of a right arm that pairs least with a left one.

    Of all orders, found as an assignment of letters to places (scipy).
    """
    facing = arm[:, ::-1]
    cost = pairing(left[:, :, None], facing[:, None, :], wobble=True)
    orders = [scipy.optimize.linear_sum_assignment(each)[1] for each in cost]
    return np.take_along_axis(facing, np.array(orders).reshape(arm.shape), axis=1)[:, ::-1]


@dataclass(frozen=True)
class Condition:
    """A labelled set of edits, applied together and compared with the background.

    Attributes
    ----------
    labels : dict
        Column names and JSON values that tell this condition from the others.
    edits : tuple
        Made in this order; must not overlap unless that is allowed.
    allow_overlap : bool
        Whether a later edit may overwrite an earlier one.
    """

    labels: dict
    edits: tuple
    allow_overlap: bool = False

    def __post_init__(self):
        if self.allow_overlap:
            return
        ordered = sorted(
            ((span, edit) for edit in self.edits for span in getattr(edit, "spans", ())),
            key=lambda pair: pair[0],
        )
        for (left, first), (right, second) in pairwise(ordered):
            if right[0] < left[1] and first is not second:
                raise InputError(
                    f"{_words(first)} at {left[0]} and {_words(second)} at {right[0]} overlap"
                )

    def apply(self, codes, donors=None, rows=None):
        """Codes (N, L) with every edit made; the input is not changed.

        Edits that take letters from a null model (giaflow/edits/replace.py) take them from
        `donors` (B, L). `rows` (N,) are the numbers of the backgrounds, if not all are given.
        """
        for edit in self.edits:
            given = (codes, donors) if isinstance(edit, Replacement) else (codes,)
            codes = edit.apply(*given, rows)
        return codes


def _words(edit):
    """An edit in a message."""
    if isinstance(edit, Embed):
        return repr(edit.text)
    return repr(decode(edit.letters[0])) if isinstance(edit, EmbedEach) else type(edit).__name__


def chunks(conditions, codes, rows=8192, donors=None, within=None):
    """Yield (c, N, L) codes of the conditions in order, about `rows` sequences at a time.

    Of the backgrounds `within` a slice alone, if given, whose start must be even: each is edited
    as it is among all.
    """
    at = np.arange(len(codes))[within or slice(None)]
    if within is not None and len(at):
        # An edit may take letters from the next background, and the first one follows the last.
        at = np.append(at, (at[-1] + 1) % len(codes))
    size, some = max(1, rows // max(1, len(at))), codes[at]
    for start in range(0, len(conditions), size):
        part = conditions[start : start + size]
        edited = np.stack([condition.apply(some, donors, at) for condition in part])
        yield edited if within is None else edited[:, :-1]
