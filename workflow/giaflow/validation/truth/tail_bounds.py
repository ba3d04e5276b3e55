"""How far the mean of a study's effects may lie from the truth, whatever shape effects have."""

import numpy as np
from scipy import optimize
from scipy import stats as scipy_stats


def reach(effects, n, risk):
    """Bounds that the mean of n effects leaves with a probability of about `risk` on each side.

    Effects are drawn from a sample. The tail is that of Bahadur & Rao (1960, Ann Math Stat
    31:1015), exact to the first order for large deviations, so it holds far out, and where a few
    backgrounds make up an effect. Nowhere are the bounds narrower than a normal mean's.

    Parameters
    ----------
    effects : numpy.ndarray
        (M,) float.
    n : int
        Effects that a study averages.
    risk : float
        On one side.

    Returns
    -------
    low, high : float
        In standard errors from the mean.
    """
    normal = float(scipy_stats.norm.isf(risk))
    spread = effects.std()
    if len(effects) < 2 or not spread > 0:
        return -normal, normal
    standard = (effects - effects.mean()) / spread
    high, low = (_bound(side, n, risk) for side in (standard, -standard))
    return -max(low, normal), max(high, normal)


def _bound(standard, n, risk):
    """The upper bound, in standard errors, of effects (M,) of mean 0 and variance 1."""
    largest = standard.max()

    def tilted(s):
        """Logarithm of the mean of exp(s x), and mean and variance under these weights."""
        weights = np.exp(s * (standard - largest))
        whole = weights.mean()
        mean = (weights * standard).mean() / whole
        variance = (weights * (standard - mean) ** 2).mean() / whole
        return np.log(whole) + s * largest, mean, variance

    def missing(s):
        """How much less rare than asked the bound at s is, as a logarithm."""
        total, mean, variance = tilted(s)
        # Where all weight lies on the largest effect there is no more spread.
        tail = 0.5 * np.log(2 * np.pi * n * max(variance, 1e-12)) + np.log(s)
        return n * (s * mean - total) + tail + np.log(risk)

    first = last = 1 / np.sqrt(n)
    while missing(first) > 0:
        first /= 2
    while missing(last) < 0 and tilted(last)[1] < 0.999 * largest:
        last *= 2
    found = optimize.brentq(missing, first, last, rtol=1e-4) if missing(last) > 0 else last
    return float(tilted(found)[1] * np.sqrt(n))
