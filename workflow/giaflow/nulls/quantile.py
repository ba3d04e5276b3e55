"""Real sequences from one quantile of their measured or predicted values.

As the quartile backgrounds of Koo et al. 2021 (PLOS Comput Biol 17:e1008925), whose quartile 1 is
the highest; here part 1 holds the lowest values. The estimand is an effect in such sequences.
"""

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from giaflow.base.checks import InputError, check_finite
from giaflow.base.settings import Settings as Base

PRESERVES = "real sequences, unchanged, from one range of values"
PER_ROW = True
UNKNOWN_LETTERS = "stay as they are"


class Settings(Base):
    """Which part of the reference is used."""

    parts: int = Field(4, ge=2)
    """Into how many parts of equal size the reference is divided (4 gives quartiles)."""

    part: int = Field(1, ge=1)
    """Which part is used, counted from 1, the lowest values."""

    by: Literal["measured", "prediction"] = "measured"
    """Whose values order the sequences: measured, or predicted by the model."""

    @model_validator(mode="after")
    def _part_exists(self):
        if self.part > self.parts:
            raise ValueError(f"part={self.part} does not exist; allowed parts are 1..{self.parts}")
        return self


def needs(settings):
    """Arrays besides the reference: `values` (M,), one finite value per reference row."""
    return ("values",)


def conditioning(settings):
    """What the estimand is conditioned on, in words."""
    return f"sequences in part {settings.part} of {settings.parts} by {settings.by} value"


def pool(reference, rng, settings, *, values):
    """Take the reference sequences of one part.

    Parameters
    ----------
    reference : numpy.ndarray
        (M, L) uint8 codes.
    rng : numpy.random.Generator
        Not used: nothing is random here.
    settings : Settings
        Which part.
    values : numpy.ndarray
        (M,) value of each sequence, in its own unit; only its order matters.

    Returns
    -------
    codes : numpy.ndarray
        (M', L) uint8.
    rows : numpy.ndarray
        (M',) int64, their rows in the reference.

    Raises
    ------
    InputError
        If the values do not match the reference or are not finite, or there are fewer sequences
        than parts.
    """
    rows = np.array_split(order_by(values, reference), settings.parts)[settings.part - 1]
    if not len(rows):
        raise InputError(
            f"{len(reference)} sequences cannot be divided into parts={settings.parts}"
        )
    return reference[rows], rows


def order_by(values, reference):
    """Rows of the reference in ascending order of their values (M,), ties in their own order."""
    values = np.asarray(values)
    if values.shape != (len(reference),):
        raise InputError(
            f"values have shape {values.shape}, but the reference holds {len(reference)} sequences"
        )
    check_finite(values, "values of the reference sequences")
    return np.argsort(values, kind="stable")
