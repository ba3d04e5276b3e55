"""Statistics of paired effects: estimates, intervals, tests, verdicts and multiplicity.

The unit is the background: every arm of an experiment is predicted on the same backgrounds, so a
contrast is one number per background, and its mean has a paired standard error.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats as scipy_stats

# Predictions of one sequence differ by about 3e-8 with the processor's instructions; an effect
# this small beside the prediction is no effect.
NOISE = 1e-6


@dataclass(frozen=True)
class Estimate:
    """Paired estimate of a mean effect; every attribute is (..., T).

    Attributes
    ----------
    n : int
        Backgrounds.
    estimate, se, ci_low, ci_high : numpy.ndarray
        Mean, its standard error and its t interval, in model units.
    p : numpy.ndarray
        Two-sided p-value of "the mean is zero" (t-test); 1 where inert.
    d_z : numpy.ndarray
        Mean over standard deviation; nan where inert.
    verdict : numpy.ndarray of str
        ``effect``, ``negligible``, ``inconclusive`` or ``inert``.
    """

    n: int
    estimate: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p: np.ndarray
    d_z: np.ndarray
    verdict: np.ndarray


def silence_noise(effects, scale):
    """Set effects (N, T) to zero where they are float noise beside `scale` (N, T)."""
    return np.where(np.abs(effects) < NOISE * np.maximum(1, np.abs(scale)), 0.0, effects)


def paired(effects, sesoi, confidence=0.95):
    """Estimate mean effects over backgrounds.

    Parameters
    ----------
    effects : numpy.ndarray
        (N, T) float64, one number per background and target; N >= 2.
    sesoi : numpy.ndarray
        (T,) smallest effect size of interest, in model units.
    confidence : float
        Of the interval, two-sided.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If there are fewer than two backgrounds.
    """
    n = len(effects)
    if n < 2:
        raise ValueError(f"an interval needs at least 2 backgrounds, got {n}")
    effects = np.asarray(effects, np.float64)
    mean, sd = effects.mean(axis=0), effects.std(axis=0, ddof=1)
    inert = ~effects.any(axis=0)
    se = sd / np.sqrt(n)
    half = scipy_stats.t.ppf((1 + confidence) / 2, n - 1) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(inert, 0.0, mean / se)
        d_z = np.where(inert, np.nan, mean / sd)
    p = np.where(inert, 1.0, 2 * scipy_stats.t.sf(np.abs(t), n - 1))
    # Equivalence by two one-sided tests is the question whether the interval of
    # confidence 1 - 2 alpha lies within the bounds.
    half_tost = scipy_stats.t.ppf(confidence, n - 1) * se
    beyond = (mean - half > sesoi) | (mean + half < -sesoi)
    within = np.abs(mean) + half_tost < sesoi
    verdict = np.select(
        [inert, beyond, within], ["inert", "effect", "negligible"], default="inconclusive"
    )
    return Estimate(n, mean, se, mean - half, mean + half, p, d_z, verdict)


def false_discovery(p):
    """Benjamini-Hochberg q-values of one family of p-values (Benjamini & Hochberg 1995)."""
    p = np.asarray(p, float)
    return scipy_stats.false_discovery_control(p) if p.size else p
