"""Resampling of paired effects: bands over a sweep, ratios, selection without reuse.

The unit of every resampling is the background (or its source locus), never a prediction: the
arms of one background stay together.
"""

import numpy as np
import scipy

DRAWS = 2000


def resamples(n, rng, draws=DRAWS):
    """Weights (draws, n) of n backgrounds drawn with replacement; a row adds up to 1."""
    return rng.multinomial(n, np.full(n, 1 / n), size=draws) / n


def bootstrap_means(effects, rng, draws=DRAWS):
    """Means (draws, ...) of effects (N, ...) over backgrounds drawn with replacement."""
    return np.tensordot(resamples(len(effects), rng, draws), effects, axes=1)


def two_level(values, units, rng, draws=DRAWS):
    """Bootstrap means (draws, T) of values (M, T) that lie several to a unit.

    Units are drawn with replacement, then as many values of each as it has; each value counts
    once. With few values a unit it errs on the wide side (Davison & Hinkley 1997, section 3.8).

    Parameters
    ----------
    values : numpy.ndarray
        (M, T) float64.
    units : numpy.ndarray
        (M,) the unit of each value.
    rng : numpy.random.Generator
    draws : int
    """
    _, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    often = rng.multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), size=draws)
    total, count = np.zeros((draws, values.shape[1])), often @ sizes
    for size in np.unique(sizes):
        members = np.flatnonzero(sizes == size)
        rows = np.flatnonzero(np.isin(unit, members))
        rows = rows[np.argsort(unit[rows], kind="stable")]
        drawn = rng.multinomial(often[:, members] * size, np.full(size, 1 / size))
        total += drawn.reshape(draws, -1) @ values[rows]
    return total / count[:, None]


def bca(draws, observed, jackknife, confidence=0.95):
    """Bias-corrected and accelerated interval of any statistic (Efron 1987, JASA 82:171).

    Parameters
    ----------
    draws : numpy.ndarray
        (B,) bootstrap values, B >= 2000 for 95 %.
    observed : float
        The statistic of the data.
    jackknife : numpy.ndarray
        (N,) the statistic without each background.
    confidence : float
        Two-sided.

    Returns
    -------
    low, high : float
        nan where the interval does not exist: all draws on one side of the observed value.
    """
    share = np.mean(draws < observed) + np.mean(draws == observed) / 2
    if not 0 < share < 1:
        return np.nan, np.nan
    z0 = scipy.special.ndtri(share)
    away = jackknife.mean() - jackknife
    spread = np.sum(away**2)
    acceleration = np.sum(away**3) / (6 * spread**1.5) if spread else 0.0
    tails = scipy.special.ndtri([(1 - confidence) / 2, (1 + confidence) / 2])
    levels = scipy.special.ndtr(z0 + (z0 + tails) / (1 - acceleration * (z0 + tails)))
    low, high = np.quantile(draws, levels)
    return float(low), float(high)


def bootstrapped(effects, weights, method):
    """Bootstrap intervals of a mean.

    Parameters
    ----------
    effects : numpy.ndarray
        (N, T).
    weights : numpy.ndarray
        (B, N) from `resamples`.
    method : {"bca", "percentile_t"}
        Bias-corrected and accelerated (Efron 1987), or bootstrap-t (Hall 1988, Ann Stat 16:927):
        the t interval with the quantiles of the bootstrapped t statistic in place of Student's,
        right for skewed effects.

    Returns
    -------
    callable
        From a confidence to (2, T) limits; those of the t interval where the method has none.
    """
    effects = np.asarray(effects, np.float64)
    n, mean = len(effects), effects.mean(axis=0)
    se = effects.std(axis=0, ddof=1) / np.sqrt(n)
    centred = effects - mean
    # One product: reading the weights is what costs.
    both = weights @ np.concatenate([centred, centred**2], axis=1)
    shift, square = np.split(both, 2, axis=1)

    def student(confidence):
        half = scipy.stats.t.ppf((1 + confidence) / 2, n - 1) * se
        return np.array([mean - half, mean + half])

    def bca_limits(confidence):
        found = student(confidence)
        without = (n * mean - effects) / (n - 1)
        for t in np.flatnonzero(se > 0):
            low, high = bca(shift[:, t], 0.0, without[:, t], confidence)
            if np.isfinite(low):
                found[:, t] = mean[t] + low, mean[t] + high
        return found

    def percentile_t_limits(confidence):
        variance = (square - shift**2) / (n - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(variance > 0, shift / np.sqrt(variance), 0.0)
        low, high = np.quantile(t, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
        return np.array([mean - high * se, mean - low * se])

    return {"bca": bca_limits, "percentile_t": percentile_t_limits}[method]


def bca_mean(effects, rng, confidence=0.95, draws=DRAWS):
    """BCa interval (2, T) of the mean of effects (N, T); the t interval where it does not exist."""
    return bootstrapped(effects, resamples(len(effects), rng, draws), "bca")(confidence)


def percentile_t(effects, rng, confidence=0.95, draws=DRAWS):
    """Bootstrap-t interval (2, T) of the mean of effects (N, T)."""
    return bootstrapped(effects, resamples(len(effects), rng, draws), "percentile_t")(confidence)


def max_t(effects, rng, confidence=0.95, draws=DRAWS):
    """Simultaneous inference on a sweep: one band that holds at every point at once.

    Parameters
    ----------
    effects : numpy.ndarray
        (N, K) float64, one column per point of the sweep.
    rng : numpy.random.Generator
    confidence : float
        Of the whole band.
    draws : int
        Gaussian multipliers of the centred effects (Chernozhukov, Chetverikov & Kato 2013, Ann
        Stat 41:2786): no point's own correlation with its neighbours is lost.

    Returns
    -------
    critical : float
        Half-width of the band in standard errors; never below the pointwise t quantile.
    p : numpy.ndarray
        (K,) p-values adjusted for the whole sweep; the smallest tests "no point differs from 0".
        1 where every effect is zero.
    """
    effects = np.asarray(effects, np.float64)
    n = len(effects)
    sd = effects.std(axis=0, ddof=1)
    alive = sd > 0
    pointwise = scipy.stats.t.ppf((1 + confidence) / 2, n - 1)
    # A constant effect other than zero has no error at all.
    p = np.where(~alive & (effects.mean(axis=0) != 0), 0.0, 1.0)
    if not alive.any():
        return float(pointwise), p
    scaled = (effects - effects.mean(axis=0))[:, alive] / sd[alive]
    maxima = np.abs(rng.standard_normal((draws, n)) @ scaled / np.sqrt(n - 1)).max(axis=1)
    # Multipliers are Gaussian, the statistic is Student's: quantiles are carried over.
    maxima = scipy.stats.t.isf(scipy.stats.norm.sf(maxima), n - 1)
    t = np.abs(effects.mean(axis=0)[alive]) / (sd[alive] / np.sqrt(n))
    p[alive] = (1 + (maxima[:, None] >= t).sum(axis=0)) / (draws + 1)
    return float(max(pointwise, np.quantile(maxima, confidence))), p


def random_signs(n, rng, draws=9999):
    """Random signs (draws, n) int8."""
    return rng.integers(0, 2, (draws, n), dtype=np.int8) * np.int8(2) - np.int8(1)


def sign_flip(effects, rng, draws=9999, signs=None):
    """P-values (T,) of "the mean of effects (N, T) is zero" from random signs.

    Exact where effects are symmetric around zero, else asymptotic; the statistic is the mean, so
    unlike Wilcoxon's test it does not reject a skewed effect whose mean is zero for its skew.
    `signs` (draws, N) are drawn from `rng` unless they are given.
    """
    effects = np.asarray(effects, np.float64)
    signs = random_signs(len(effects), rng, draws) if signs is None else signs
    observed = np.abs(effects.sum(axis=0))
    # Sums of the same numbers in another order differ in their last bits.
    beyond = sum(
        (np.abs(signs[start : start + 1000] @ effects) >= observed * (1 - 1e-12)).sum(axis=0)
        for start in range(0, len(signs), 1000)
    )
    return (1 + beyond) / (len(signs) + 1)


def ratio(numerator, denominator, confidence=0.95):
    """Ratio of two paired means with Fieller's interval, masked where it has no meaning.

    Parameters
    ----------
    numerator, denominator : numpy.ndarray
        (N, T) float64 on the same backgrounds.
    confidence : float
        Two-sided.

    Returns
    -------
    estimate, low, high : numpy.ndarray
        (T,); all nan where the denominator's own interval covers zero, for there the ratio's
        interval is unbounded (Fieller 1954, J R Stat Soc B 16:175).
    """
    a, b = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    n, quantile = len(a), scipy.stats.t.ppf((1 + confidence) / 2, len(a) - 1)
    mean_a, mean_b = a.mean(axis=0), b.mean(axis=0)
    var_a, var_b = a.var(axis=0, ddof=1) / n, b.var(axis=0, ddof=1) / n
    cov = ((a - mean_a) * (b - mean_b)).sum(axis=0) / (n - 1) / n
    square = quantile**2
    lead = mean_b**2 - square * var_b
    middle = mean_a * mean_b - square * cov
    root = np.sqrt(np.maximum(middle**2 - lead * (mean_a**2 - square * var_a), 0))
    bounded = lead > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.array([mean_a / mean_b, (middle - root) / lead, (middle + root) / lead])
    return tuple(np.where(bounded, found, np.nan))


def bca_ratio(numerator, denominator, weights, confidence=0.95):
    """The same ratio with a BCa interval from `weights` (B, N) of `resamples`."""
    a, b = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    found = np.full((3, a.shape[1]), np.nan)
    found[0] = ratio(a, b, confidence)[0]
    for t in np.flatnonzero(np.isfinite(found[0])):
        top, under = a[:, t], b[:, t]
        drawn = (weights @ top) / (weights @ under)
        without = (top.sum() - top) / (under.sum() - under)
        spread = np.ptp(drawn) > 0
        found[1:, t] = bca(drawn, found[0, t], without, confidence) if spread else found[0, t]
    return tuple(found)


def chosen_on_one_half(effects):
    """The largest of K mean effects, chosen on even backgrounds and measured on odd ones.

    The largest of many estimates is too large on the backgrounds that chose it (the winner's
    curse); on the other half its estimate and its test are honest.

    Parameters
    ----------
    effects : numpy.ndarray
        (N, K).

    Returns
    -------
    best : int
        Column with the largest mean on rows 0, 2, 4, ...
    held_out : numpy.ndarray
        (N // 2,) its effects on rows 1, 3, 5, ...
    """
    best = int(np.argmax(effects[0::2].mean(axis=0)))
    return best, effects[1::2, best]
