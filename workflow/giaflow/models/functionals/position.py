"""One column of an output by position, read at a position or over a window.

The scale is the network's: a regression output's own unit, or a logit if the head is one.
"""

from typing import Literal

from pydantic import Field, model_validator

from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base
from giaflow.base.settings import Window

UNIT = "model units"
PROFILE = "head"


class Settings(Base):
    """The output, the column, and the position or window."""

    head: str
    """Name of the output, (length, columns)."""
    column: int = Field(0, ge=0)
    """Column of the output (its last axis)."""
    position: int | None = Field(None, ge=0)
    """Position of the output that is read, from 0; null, without a window, is the middle one."""
    window: Window | None = None
    """First position of the output that counts and the one after its last, instead."""
    reduce: Literal["mean", "sum", "max"] = "mean"
    """How the positions of the window become one number."""

    @model_validator(mode="after")
    def _check(self):
        if self.window is None:
            if "reduce" in self.model_fields_set:
                raise ValueError("reduce is for a window: give window: [first, stop] too")
            return self
        if self.position is not None:
            raise ValueError("give either position or window")
        if not 0 <= self.window[0] < self.window[1]:
            raise ValueError(f"window must be a first position and a later stop, got {self.window}")
        return self


def heads(settings):
    """The one head."""
    return (settings.head,)


def check(settings, shapes):
    """Raise `InputError` if the output has no such column, position or window."""
    length, width = shapes[settings.head]
    if settings.column >= width:
        raise InputError(
            f"column {settings.column} is not in output {settings.head!r}, which has columns "
            f"0..{width - 1}"
        )
    if settings.position is not None and settings.position >= length:
        raise InputError(
            f"position {settings.position} is not in output {settings.head!r}, which has "
            f"positions 0..{length - 1}"
        )
    if settings.window is not None and settings.window[1] > length:
        raise InputError(
            f"window {list(settings.window)} ends beyond output {settings.head!r}, which has "
            f"positions 0..{length - 1}"
        )


def read(ops, heads, settings):
    """Values (N,) of the column at the position, or over the window."""
    values = heads[settings.head][..., settings.column]
    if len(values.shape) == 1:
        # A plan drops an axis of one position.
        return values
    if settings.window is None:
        at = values.shape[1] // 2 if settings.position is None else settings.position
        return values[:, at]
    start, stop = settings.window
    reduce = {"mean": ops.mean, "sum": ops.sum, "max": ops.max}[settings.reduce]
    return reduce(values[:, start:stop], axis=1)
