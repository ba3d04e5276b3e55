"""Counts expected at a fixed position of each strand: the summit that one pattern makes.

The position is where the mean profile of the pattern, alone in the middle of uniform backgrounds,
is highest, strand by strand; it is found once, when the model is imported, and then stays. Counts
at a fixed position are linear in what is averaged, so (AB - B + background) / A of their means is
the fold of Avsec et al. 2021 (Nat Genet 53:354), with a paired interval; a summit that moves away
is missed.
"""

import logging

import numpy as np
from pydantic import Field, model_validator

from giaflow.base.alphabet import UNKNOWN, encode, reverse_complement
from giaflow.base.checks import InputError, check_fits
from giaflow.base.settings import Settings as Base
from giaflow.base.settings import Window
from giaflow.models.functionals.arrays import check_strands, softmax, totals, uniform
from giaflow.models.functionals.window_counts import heads

__all__ = ["PROFILE", "UNIT", "Settings", "check", "heads", "prepare", "read"]

log = logging.getLogger(__name__)

UNIT = "counts"
PROFILE = "profile"
REACH = 35
# Summits so many letters apart are two, and heights nearer than this share of each other tie.
APART, NEAR = 3, 0.95


class Settings(Base):
    """The two outputs, and the position or the pattern whose summit it is."""

    profile: str
    """Name of the output of profile logits, (length, strands)."""
    counts: str
    """Name of the output of log(1 + counts), a column for each strand or one for all."""
    positions: list[int] | None = None
    """Position to read on each strand; null finds the summits of `pattern`."""
    pattern: str | None = None
    """Letters or name of the pattern whose summits are sought."""
    reverse: bool = False
    """Seek the summits of its reverse complement."""
    centre: int | None = Field(None, ge=0)
    """Position of the pattern's middle letter; null is the middle of the sequence."""
    within: Window | None = None
    """Where summits are sought: first position and the one after the last; null is 35 letters to
    either side of the centre."""
    backgrounds: int = Field(1024, ge=1)
    """Uniform backgrounds whose profiles are averaged to find the summits. Two summits of almost
    one height need many, or `positions`; the log tells of them."""

    @model_validator(mode="after")
    def _check(self):
        if (self.positions is None) == (self.pattern is None):
            raise ValueError("counts_at_summit needs either positions or the pattern to find them")
        return self


def check(settings, shapes):
    """Raise `InputError` if counts or positions do not fit the profile."""
    check_strands(settings, shapes)
    length, strands = shapes[settings.profile]
    given = settings.positions
    if given is not None and (len(given) != strands or not all(0 <= p < length for p in given)):
        raise InputError(
            f"positions {given} must be one for each of {strands} strands, from 0 to {length - 1}"
        )


def prepare(settings, ask, length, rng):
    """Settings whose positions are the summits of the pattern."""
    if settings.positions is not None:
        return settings
    letters = encode(settings.pattern.upper())
    if settings.reverse:
        letters = reverse_complement(letters)
    centre = length // 2 if settings.centre is None else settings.centre
    start = centre - len(letters) // 2
    check_fits(settings.pattern, start, length)
    codes, known = uniform(settings.backgrounds, length, rng), np.flatnonzero(letters != UNKNOWN)
    codes[:, start + known] = letters[known]
    found = ask(codes)
    profile = softmax(np, found[settings.profile])
    mean = (profile * totals(np, found[settings.counts])[:, None]).mean(axis=0)
    low, high = settings.within or (max(0, centre - REACH), centre + REACH)
    if not 0 <= low < min(high, len(mean)):
        raise InputError(f"within {[low, high]} holds none of the {len(mean)} positions")
    summits = low + mean[low:high].argmax(axis=0)
    for strand, summit in enumerate(summits):
        _tell(mean[:, strand], summit, range(low, min(high, len(mean))), strand)
    return settings.model_copy(update={"positions": [int(p) for p in summits], "pattern": None})


def _tell(mean, summit, where, strand):
    """Warn of another summit of almost the same height: chance may choose between them."""
    others = [p for p in where if abs(p - summit) >= APART]
    rival = max(others, key=lambda p: mean[p], default=None)
    if rival is not None and mean[rival] > NEAR * mean[summit]:
        log.warning(
            "strand %d has summits at %d (%.3g counts) and %d (%.3g): positions would settle it",
            *(strand, summit, mean[summit], rival, mean[rival]),
        )


def read(ops, heads, settings):
    """Counts (N,) at the summits, summed over strands."""
    shares = softmax(ops, heads[settings.profile])
    columns = [shares[:, position, c] for c, position in enumerate(settings.positions)]
    return ops.sum(ops.stack(columns, axis=1) * totals(ops, heads[settings.counts]), axis=1)
