"""Counts expected in a window: the profile's share of it times the total, summed over strands.

A smooth alternative to `counts_at_summit` that does not miss a summit which moved.
"""

from pydantic import model_validator

from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base
from giaflow.base.settings import Window
from giaflow.models.functionals.arrays import check_strands, softmax, totals

UNIT = "counts"
PROFILE = "profile"


class Settings(Base):
    """The two outputs and the window."""

    profile: str
    """Name of the output of profile logits, (length, strands)."""
    counts: str
    """Name of the output of log(1 + counts), a column for each strand or one for all."""
    window: Window
    """First position of the output that counts and the one after its last."""

    @model_validator(mode="after")
    def _check(self):
        if not 0 <= self.window[0] < self.window[1]:
            raise ValueError(f"window must be a first position and a later stop, got {self.window}")
        return self


def heads(settings):
    """The profile and the counts."""
    return (settings.profile, settings.counts)


def check(settings, shapes):
    """Raise `InputError` if the counts or the window do not fit the profile."""
    check_strands(settings, shapes)
    length = shapes[settings.profile][0]
    if settings.window[1] > length:
        raise InputError(
            f"window {list(settings.window)} ends beyond output {settings.profile!r}, which has "
            f"positions 0..{length - 1}"
        )


def read(ops, heads, settings):
    """Counts (N,) in the window."""
    start, stop = settings.window
    shares = ops.sum(softmax(ops, heads[settings.profile])[:, start:stop], axis=1)
    return ops.sum(shares * totals(ops, heads[settings.counts]), axis=1)
