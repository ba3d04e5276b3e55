"""The logarithm of total counts: the mean over the strands of a head of log counts.

On this scale the interaction of two patterns is multiplicative, and an effect is a log fold change.
"""

from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base

UNIT = "log counts"


class Settings(Base):
    """The output that holds the logarithms."""

    counts: str
    """Name of the output of log(1 + counts), a column for each strand."""


def heads(settings):
    """The head of counts."""
    return (settings.counts,)


def check(settings, shapes):
    """Raise `InputError` if the head has positions."""
    if len(shapes[settings.counts]) != 1:
        raise InputError(f"output {settings.counts!r} has positions; log counts have none")


def read(ops, heads, settings):
    """Mean log counts (N,)."""
    return ops.mean(heads[settings.counts], axis=1)
