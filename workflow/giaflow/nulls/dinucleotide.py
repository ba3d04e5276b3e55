"""Dinucleotide shuffles: uniform over all sequences with the same two-letter counts.

Altschul & Erickson 1985 (Mol Biol Evol 2:526), sampled by Wilson's algorithm. The routine most
of the field copies is not uniform: it keeps each letter's last neighbour, so the last two
letters never change.
"""

import numpy as np

from giaflow.base.settings import Settings as Base
from giaflow.sequences.shuffle import check_k, shuffle

PRESERVES = "the exact counts of letters and of neighbouring pairs, and the first and last letter"
PER_ROW = True
UNKNOWN_LETTERS = "stay where they are; each run of known letters is shuffled by itself"


class Settings(Base):
    """The dinucleotide shuffle has no options."""


def fits(settings, length):
    """Raise `InputError` if sequences of `length` letters are too short."""
    check_k(2, length)


def sample(reference, n, rng, settings):
    """Shuffle rows 0..n-1 (modulo M) of reference codes (M, L); returns (n, L) uint8."""
    return shuffle(np.resize(reference, (n, reference.shape[1])), k=2, rng=rng)
