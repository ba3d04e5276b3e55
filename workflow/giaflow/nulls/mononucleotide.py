"""Letter shuffles: each background is a uniform permutation of a reference sequence's letters."""

import numpy as np

from giaflow.base.settings import Settings as Base
from giaflow.sequences.shuffle import shuffle

PRESERVES = "the exact counts of letters of each sequence"
PER_ROW = True
UNKNOWN_LETTERS = "stay where they are, and letters do not cross them"


class Settings(Base):
    """The letter shuffle has no options."""


def sample(reference, n, rng, settings):
    """Shuffle rows 0..n-1 (modulo M) of reference codes (M, L); returns (n, L) uint8."""
    return shuffle(np.resize(reference, (n, reference.shape[1])), k=1, rng=rng)
