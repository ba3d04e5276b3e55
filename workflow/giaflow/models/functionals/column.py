"""One column of an output as it is, or its mean over positions.

The scale is the network's: a regression output's own unit, or a logit if the head is one.
"""

from pydantic import Field

from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base

UNIT = "model units"


class Settings(Base):
    """The output and the column."""

    head: str
    """Name of the output."""
    column: int = Field(0, ge=0)
    """Column of the output (its last axis)."""


def heads(settings):
    """The one head."""
    return (settings.head,)


def check(settings, shapes):
    """Raise `InputError` if the head has no such column."""
    width = shapes[settings.head][-1]
    if settings.column >= width:
        raise InputError(
            f"column {settings.column} is not in output {settings.head!r}, which has columns "
            f"0..{width - 1}"
        )


def read(ops, heads, settings):
    """Values (N,) of the column; of an output by position their mean."""
    values = heads[settings.head][..., settings.column]
    return ops.mean(values, axis=1) if len(values.shape) == 2 else values
