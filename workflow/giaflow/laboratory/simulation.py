"""Random sequences to study laboratory models on."""

import numpy as np

from giaflow.nulls.profile import draw_letters

# Letter probabilities of a position come from a Dirichlet distribution with this weight for each
# letter: near 1/4, but different everywhere, so that no two positions can be confused.
WEIGHT = 20


def simulate(length, n, rng):
    """Draw n sequences (n, L) uint8 whose positions are independent.

    Parameters
    ----------
    length, n : int
    rng : numpy.random.Generator
    """
    return draw_letters(rng.dirichlet(np.full(4, WEIGHT), length), n, rng)
