"""k-let shuffles: uniform over all sequences with the same counts of k consecutive letters.

Altschul & Erickson 1985 (Mol Biol Evol 2:526) for k = 2, Jiang et al. 2008 (BMC Bioinformatics
9:192) for any k. The larger k, the fewer sequences there are to draw from, and motifs of up to k
letters survive.
"""

import numpy as np
from pydantic import Field

from giaflow.base.settings import Settings as Base
from giaflow.sequences.shuffle import LARGEST_K, check_k, shuffle

PRESERVES = "the exact counts of k consecutive letters, and the first and last k - 1 letters"
PER_ROW = True
UNKNOWN_LETTERS = "stay where they are; each run of known letters is shuffled by itself"


class Settings(Base):
    """Which counts are kept."""

    k: int = Field(3, ge=1, le=LARGEST_K)
    """Number of consecutive letters whose counts are kept (letters)."""


def fits(settings, length):
    """Raise `InputError` if sequences of `length` letters are too short."""
    check_k(settings.k, length)


def sample(reference, n, rng, settings):
    """Shuffle rows 0..n-1 (modulo M) of reference codes (M, L); returns (n, L) uint8."""
    return shuffle(np.resize(reference, (n, reference.shape[1])), k=settings.k, rng=rng)
