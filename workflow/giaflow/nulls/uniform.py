"""Uniform letters: A, C, G and T are equally likely and independent at every position.

The background of the synthetic pairs of Avsec et al. 2021 (Nat Genet 53:354), kept to repeat them.
"""

import numpy as np

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.settings import Settings as Base
from giaflow.nulls.profile import draw_letters

PRESERVES = "the length alone"
UNKNOWN_LETTERS = "stay where every reference sequence has one; elsewhere a letter is drawn"
CAUTION = (
    "uniform letters have a GC content of 50 %, unlike most genomes and transcripts, so an effect "
    "of GC content can pass for an effect of a motif; use it to repeat published designs only"
)


class Settings(Base):
    """Uniform letters have no options."""


def fit(reference, settings):
    """Letter probabilities (L, 4): 1/4, and 0 where all reference codes (M, L) are unknown."""
    known = (reference != UNKNOWN).any(axis=0)
    return np.where(known[:, None], np.full(4, 0.25), 0)


def sample(reference, n, rng, settings, *, fitted):
    """Draw n backgrounds (n, L) uint8 from letter probabilities `fitted` (L, 4)."""
    return draw_letters(fitted, n, rng)
