"""Statistics of paired effects: estimates, intervals, tests, verdicts and multiplicity.

The unit is the background: every arm of an experiment is predicted on the same backgrounds, so a
contrast is one number per background, and its mean has a paired standard error.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy

from giaflow.base.checks import check_name

METHODS = ("bh", "by", "holm")
POWER = 0.8

# Predictions of one sequence differ by about 3e-8 with the processor's instructions; an effect
# this small beside the prediction is not an effect.
NOISE = 1e-6

# Cochran's rule (1977, Sampling Techniques, 3rd ed., section 2.15): a 95 % interval from n values
# of skewness g is wrong in at most 6 % of studies if n > 25 g^2. The Edgeworth expansion of the t
# statistic says the same: its coverage falls short by 0.247 g^2 / n (Hall 1992, section 2.6).
COCHRAN = 25


@dataclass(frozen=True)
class Estimate:
    """Paired estimate of a mean effect; every attribute is (..., T).

    Attributes
    ----------
    n : int
        Independent units: backgrounds, or clusters of them.
    estimate, se, ci_low, ci_high : numpy.ndarray
        Mean, its standard error and its interval, in model units.
    p : numpy.ndarray
        Two-sided p-value of "the mean is zero"; 1 where inert.
    d_z : numpy.ndarray
        Mean over standard deviation; nan where inert.
    verdict : numpy.ndarray of str
        ``effect``, ``negligible``, ``inconclusive`` or ``inert``.
    mde : numpy.ndarray
        Minimum detectable effect: the mean a test of this n would find in 80 % of studies.
    rare : numpy.ndarray of bool
        Whether the mean rests on so few units that its interval holds the truth too seldom
        (`rests_on_few`).
    """

    n: int
    estimate: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p: np.ndarray
    d_z: np.ndarray
    verdict: np.ndarray
    mde: np.ndarray
    rare: np.ndarray | bool = False

    def columns(self, chosen):
        """The same for a slice of the last axis."""
        arrays = {key: value[..., chosen] for key, value in vars(self).items() if np.ndim(value)}
        return replace(self, **arrays)


def unjudged(found):
    """An `Estimate` of a mean in another unit than the model's: no verdict, nan is masked."""
    p = np.where(np.isnan(found.estimate), np.nan, found.p)
    verdict = np.where(np.isnan(found.estimate), "masked", "derived")
    return replace(found, p=p, verdict=verdict)


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
    half = scipy.stats.t.ppf((1 + confidence) / 2, n - 1) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(inert, 0.0, mean / se)
        d_z = np.where(inert, np.nan, mean / sd)
    p = np.where(inert, 1.0, 2 * scipy.stats.t.sf(np.abs(t), n - 1))
    half_tost = scipy.stats.t.ppf(confidence, n - 1) * se
    inner = mean - half_tost, mean + half_tost
    verdict = verdict_of(inert, (mean - half, mean + half), inner, sesoi)
    alpha = 1 - confidence
    # Power is symmetric: the quantiles of size and of power add up (noncentral t, large n).
    mde = (scipy.stats.t.isf(alpha / 2, n - 1) + scipy.stats.t.ppf(POWER, n - 1)) * se
    rare = rests_on_few(effects)
    return Estimate(n, mean, se, mean - half, mean + half, p, d_z, verdict, mde, rare)


def verdict_of(inert, outer, inner, sesoi):
    """Verdicts from the interval and the narrower one of two one-sided tests.

    Equivalence by two one-sided tests at alpha is the question whether the interval of confidence
    1 - 2 alpha lies within the bounds.
    """
    beyond = (outer[0] > sesoi) | (outer[1] < -sesoi)
    within = (inner[0] > -sesoi) & (inner[1] < sesoi)
    return np.select(
        [inert, beyond, within], ["inert", "effect", "negligible"], default="inconclusive"
    )


def rests_on_few(effects):
    """Whether a mean rests on few values: Cochran's rule is broken, n <= 25 * skewness^2.

    Parameters
    ----------
    effects : numpy.ndarray
        (N, ...).

    Returns
    -------
    numpy.ndarray of bool
        (...). An effect that only one background in m shows has a squared skewness near m, so at
        least some 25 backgrounds must show it. Of what no background shows nothing can be known.
    """
    away = effects - effects.mean(axis=0)
    powers = away * away
    second = powers.mean(axis=0)
    third = np.multiply(powers, away, out=powers).mean(axis=0)
    # Beside the mean's own rounding error nothing is a spread.
    spread = second > (1e-12 * np.abs(effects).max(axis=0)) ** 2
    return spread & (COCHRAN * third**2 >= len(effects) * second**3)


def derived(n, estimate, low, high, p=None):
    """Build an `Estimate` of a ratio, slope or period, which is not a mean, from its interval.

    Parameters
    ----------
    n : int
        Backgrounds.
    estimate, low, high : array_like
        (T,) value and interval; nan where masked.
    p : array_like, optional
        (T,) p-values; nan for none.

    Returns
    -------
    Estimate
        Without standard error, d_z or minimum detectable effect (nan) and with verdict
        ``derived``, or ``masked`` where there is no value: a smallest effect of interest is given
        in model units, which these do not have.
    """
    estimate, low, high = (np.atleast_1d(np.asarray(v, float)) for v in (estimate, low, high))
    none = np.full(estimate.shape, np.nan)
    p = none if p is None else np.atleast_1d(np.asarray(p, float))
    verdict = np.where(np.isnan(estimate), "masked", "derived")
    return Estimate(n, estimate, none, low, high, p, none, verdict, none)


def adjust(p, method="bh"):
    """Adjusted p-values of one family; a missing p (nan) belongs to no family and stays nan.

    Parameters
    ----------
    p : array_like
        (K,).
    method : {"bh", "by", "holm"}
        Benjamini & Hochberg 1995 (false discovery rate; sweeps on common backgrounds),
        Benjamini & Yekutieli 2001 (the same under any dependence), Holm 1979 (family-wise; a few
        planned contrasts).

    Returns
    -------
    numpy.ndarray
        (K,), at most 1.
    """
    check_name(method, METHODS, "correction")
    p = np.asarray(p, float)
    found, known = np.full(p.shape, np.nan), ~np.isnan(p)
    tested = p[known]
    if not tested.size:
        return found
    if method == "holm":
        order = np.argsort(tested)
        stepped = np.maximum.accumulate(tested[order] * np.arange(tested.size, 0, -1))
        adjusted = np.empty_like(tested)
        adjusted[order] = np.minimum(stepped, 1)
    else:
        adjusted = scipy.stats.false_discovery_control(tested, method=method)
    found[known] = adjusted
    return found
