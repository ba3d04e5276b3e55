"""Real sequences: given negatives, or the least active part of a labelled reference set.

For knock-in experiments in natural contexts. Such sequences may hold the very motif that is
embedded: the option `purge` leaves those out.
"""

from typing import Literal

import numpy as np
from pydantic import Field

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.checks import InputError, check_codes
from giaflow.base.settings import Settings as Base
from giaflow.nulls.quantile import order_by

PRESERVES = "real sequences, unchanged"
PER_ROW = True
UNKNOWN_LETTERS = "stay; a sequence with more of them than max_unknown is left out"
CAUTION = "real sequences may hold the embedded pattern already; list it under purge"


class Settings(Base):
    """Which real sequences are used."""

    source: Literal["given", "low_activity"] = "given"
    """Sequences given for the purpose (a FASTA, or regions of a genome), or the reference
    sequences with the lowest measured values."""

    below: float = Field(0.25, gt=0, le=1)
    """With source low_activity: the share of the reference used, lowest values first."""

    max_unknown: float = Field(0.0, ge=0, lt=1)
    """Largest share of unknown letters that a sequence may have."""


def needs(settings):
    """Arrays besides the reference, by source.

    given: `candidates` (W, L) uint8 codes, as long as the reference;
    low_activity: `values` (M,), one finite measured value per reference row.
    """
    return ("candidates",) if settings.source == "given" else ("values",)


def conditioning(settings):
    """What the estimand is conditioned on, in words."""
    if settings.source == "given":
        return "given real sequences"
    return f"reference sequences in the lowest {settings.below:g} of measured values"


def pool(reference, rng, settings, *, candidates=None, values=None):
    """Take the real sequences.

    Parameters
    ----------
    reference : numpy.ndarray
        (M, L) uint8 codes.
    rng : numpy.random.Generator
        Not used: nothing is random here.
    settings : Settings
        Which sequences.
    candidates : numpy.ndarray
        (W, L) uint8 codes, for source given.
    values : numpy.ndarray
        (M,) measured values of the reference, for source low_activity.

    Returns
    -------
    codes : numpy.ndarray
        (M', L) uint8.
    rows : numpy.ndarray
        (M',) int64, their rows in `candidates` or in the reference.

    Raises
    ------
    InputError
        If the arrays do not match the reference, or no sequence is left.
    """
    if settings.source == "given":
        check_codes(candidates, reference.shape[1])
        codes, rows = candidates, np.arange(len(candidates))
    else:
        rows = order_by(values, reference)[: max(1, int(settings.below * len(reference)))]
        codes = reference[rows]
    good = (codes == UNKNOWN).mean(axis=1) <= settings.max_unknown
    if not good.any():
        raise InputError(
            f"none of {len(codes)} sequences has a share of unknown letters of at most "
            f"max_unknown={settings.max_unknown:g}"
        )
    return codes[good], rows[good]
