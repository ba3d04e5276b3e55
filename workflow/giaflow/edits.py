"""Edits: pure functions from codes (N, L) to codes (N, L), and the conditions made of them."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from giaflow.alphabet import UNKNOWN, encode
from giaflow.checks import InputError, check_fits


@dataclass(frozen=True)
class Embed:
    """Overwrite letters from `start` on; an N in the text keeps the background's letter."""

    text: str
    start: int

    @property
    def stop(self):
        """The first position after the embedded letters."""
        return self.start + len(self.text)

    def apply(self, codes):
        """Edited copy of codes (N, L); raises `InputError` if the text does not fit."""
        check_fits(self.text, self.start, codes.shape[1])
        letters = encode(self.text)
        known = np.flatnonzero(letters != UNKNOWN)
        edited = codes.copy()
        edited[:, self.start + known] = letters[known]
        return edited


@dataclass(frozen=True)
class Condition:
    """A labelled set of edits, applied together and compared with the background.

    Attributes
    ----------
    labels : dict
        Column names and JSON values that tell this condition from the others.
    edits : tuple of Embed
        Must not overlap.
    """

    labels: dict
    edits: tuple

    def __post_init__(self):
        ordered = sorted(self.edits, key=lambda edit: edit.start)
        for left, right in pairwise(ordered):
            if right.start < left.stop:
                raise InputError(
                    f"{left.text!r} at {left.start} and {right.text!r} at {right.start} overlap"
                )

    def apply(self, codes):
        """Codes (N, L) with every edit made; the input is not changed."""
        for edit in self.edits:
            codes = edit.apply(codes)
        return codes


def chunks(conditions, codes, rows=8192):
    """Yield (c, N, L) codes of the conditions in order, about `rows` sequences at a time."""
    size = max(1, rows // max(1, len(codes)))
    for start in range(0, len(conditions), size):
        yield np.stack([condition.apply(codes) for condition in conditions[start : start + size]])
