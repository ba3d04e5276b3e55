"""The usual sweeps of edits over a sequence: what gains are counted and measured on."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from giaflow.base.alphabet import UNKNOWN

# Eight letters, none of them the first of the alphabet: on a sequence of that letter all change.
MOTIF = np.array([2, 1, 3, 3, 2, 1, 2, 3], np.uint8)
WINDOW, STEP = 20, 5


class Sweep(NamedTuple):
    """Edits of a kind at every place of a sequence.

    Attributes
    ----------
    name : str
    count : callable
        Length of the sequence -> how many edits there are; none if it is too short.
    shared : callable
        Codes (N, L) -> codes (N, L) with what all edits share.
    edit : callable
        (codes (N, L) that are changed in place, number of the edit) -> None.
    """

    name: str
    count: Callable
    shared: Callable
    edit: Callable

    def edited(self, codes, most=None):
        """(C, N, L): all edits of codes (N, L), or `most` of them at even distances."""
        count = self.count(codes.shape[1])
        which = np.arange(count)
        if most is not None and most < count:
            which = which[np.linspace(0, count - 1, most).astype(int)]
        edited = np.repeat(self.shared(codes)[None], len(which), axis=0)
        for one, number in zip(edited, which, strict=True):
            self.edit(one, number)
        return edited

    @property
    def backgrounds(self):
        """How many sequences are remembered for the edits of one."""
        return 1 if self.shared is _nothing else 2


def _nothing(codes):
    return codes


def _letter(codes, number):
    at = number // 3
    codes[:, at] = (codes[:, at] + 1 + number % 3) % 4


def _motif(codes, start):
    codes[:, start : start + len(MOTIF)] = MOTIF


def _unknown(codes, number):
    codes[:, STEP * number : STEP * number + WINDOW] = UNKNOWN


def _first_letter(codes):
    first = codes.copy()
    _letter(first, 3 * (codes.shape[1] // 2) + 1)
    return first


def _first_motif(codes):
    first = codes.copy()
    middle = (codes.shape[1] - len(MOTIF)) // 2
    first[:, middle : middle + len(MOTIF)] = MOTIF[::-1]
    return first


def _letters(length):
    return 3 * length


def _motifs(length):
    return max(length - len(MOTIF) + 1, 0)


def _windows(length):
    return max((length - WINDOW) // STEP + 1, 0)


SWEEPS = (
    Sweep("single letters", _letters, _nothing, _letter),
    Sweep("motif at every position", _motifs, _nothing, _motif),
    Sweep("second motif, first fixed", _motifs, _first_motif, _motif),
    Sweep("occlusion of 20 letters", _windows, _nothing, _unknown),
    Sweep("letters beside a change", _letters, _first_letter, _letter),
)
