"""Laboratory models with nothing to find: blind to a window, or of mean zero with spread.

Inert           the share of G and C outside 17..22: whatever is embedded there has effect zero
ZeroMean        the distractor's occupancy at 17, times +1 where position 30 is A or C, else -1:
                where A and C together have probability 1/2 there, every effect of a pattern at 17
                has mean zero, but spread
ZeroMeanSkewed  the same with a nearly log-normal factor of mean zero over positions 0..15: a test
                of symmetry calls its effects significant, a test of the mean must not
"""

import numpy as np

from giaflow.validation.oracles.linear_forms import preferences
from giaflow.validation.oracles.oracle import Oracle
from giaflow.validation.oracles.rna import DISTRACTOR, LENGTH

BLIND = slice(17, 23)
START, SIGN_AT, SKEW_AT = 17, 30, slice(0, 16)

_DISTRACTOR = preferences(DISTRACTOR, 0.05)
# +1 for A and C, -1 for G and U.
_SIGN = np.array([1.0, 1.0, -1.0, -1.0])


def _at_start(x):
    """Occupancy (N,) of the distractor at `START`."""
    window = x[:, START : START + len(_DISTRACTOR)]
    return np.einsum("nwa,wa->nw", window, _DISTRACTOR).prod(axis=1)


def inert(x):
    """Share of G and C (N, 1) outside the blind window of (N, 41, 4)."""
    seen = np.delete(x, np.arange(LENGTH)[BLIND], axis=1)
    return seen[:, :, 1:3].sum(axis=2).mean(axis=1)[:, None]


def zero_mean(x):
    """Occupancy with a random sign, as (N, 1), of (N, 41, 4)."""
    return (_at_start(x) * (x[:, SIGN_AT] @ _SIGN))[:, None]


def zero_mean_skewed(x):
    """Occupancy times a skewed factor of mean zero, as (N, 1), of (N, 41, 4)."""
    count = SKEW_AT.stop - SKEW_AT.start
    # Each position multiplies by exp(+-1/sqrt(count)) over its mean: the product has mean 1 and,
    # by the central limit theorem, nearly the log-normal distribution of sigma 1.
    step = np.exp(_SIGN / np.sqrt(count)) / np.cosh(1 / np.sqrt(count))
    factor = (x[:, SKEW_AT] @ step).prod(axis=1)
    return (_at_start(x) * (factor - 1))[:, None]


def _oracle(name, linear):
    return Oracle(name, LENGTH, "ACGU", ("R",), "activity", linear)


ORACLES = {
    "Inert": _oracle("Inert", inert),
    "ZeroMean": _oracle("ZeroMean", zero_mean),
    "ZeroMeanSkewed": _oracle("ZeroMeanSkewed", zero_mean_skewed),
}
