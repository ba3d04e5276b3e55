"""One column of an output (columns,) as it is.

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
    """Raise `InputError` if the head has positions, or no such column."""
    axes = shapes[settings.head]
    if len(axes) != 1:
        raise InputError(
            f"output {settings.head!r} has axes {axes} per sequence, but a column is read of "
            "(columns,); "
            + (
                "functional: position reads (length, columns) at a position or over a window"
                if len(axes) == 2
                else "save the network with an output of one number per target"
            )
        )
    [width] = axes
    if settings.column >= width:
        raise InputError(
            f"column {settings.column} is not in output {settings.head!r}, which has columns "
            f"0..{width - 1}"
        )


def read(ops, heads, settings):
    """Values (N,) of the column."""
    return heads[settings.head][:, settings.column]
