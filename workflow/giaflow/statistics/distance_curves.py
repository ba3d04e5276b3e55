"""Curves over distance: how far an interaction reaches, and whether it has a period."""

from dataclasses import dataclass

import numpy as np
import scipy

from giaflow.statistics.resampling import bootstrap_means

# Periods that are scanned, in letters.
PERIODS = np.arange(6, 20.001, 0.05)


def threshold(low, sesoi):
    """Index of the nearest distance from which on no effect is proved to be possibly below -sesoi.

    Parameters
    ----------
    low : numpy.ndarray
        (K,) one-sided lower confidence bounds of effects in order of distance.
    sesoi : float
        Smallest effect of interest.

    Returns
    -------
    int or None
        Tested from far to near and stopped at the first failure, so that no correction is needed;
        None if the farthest fails.
    """
    passed = np.append(np.flatnonzero(low <= -sesoi), -1).max() + 1
    return int(passed) if passed < len(low) else None


def decay_length(distances, means):
    """Length over which curves fall to 1/e of their height above a floor.

    Parameters
    ----------
    distances : numpy.ndarray
        (K,) letters, K >= 4.
    means : numpy.ndarray
        (B, K) curves.

    Returns
    -------
    numpy.ndarray
        (B,) least-squares lengths, from 1 letter to twice the range of distances.
    """
    reach = distances.max() - distances.min()
    lengths = np.geomspace(1, 2 * reach, 200)
    squared = np.empty((len(lengths), len(means)))
    for i, length in enumerate(lengths):
        columns = np.stack([np.ones(len(distances)), np.exp(-distances / length)], axis=1)
        basis = np.linalg.qr(columns)[0]
        squared[i] = ((means - means @ basis @ basis.T) ** 2).sum(axis=1)
    return lengths[squared.argmin(axis=0)]


# Fewer degrees of freedom than this and the covariance of positions is not known.
FREEDOM = 20


def gls_line(positions, effects, confidence=0.95):
    """The slope of a straight line through correlated means, by generalized least squares.

    Each background's own least-squares slope is regressed on what its curve has beyond a line,
    which is zero on average if the line is true: the intercept is the generalized least-squares
    slope, and Student's t with N - 1 - (K - 2) degrees of freedom is exact for normal effects
    though the covariance is estimated (Rao 1965, Biometrika 52:447).

    Parameters
    ----------
    positions : numpy.ndarray
        (K,) K >= 3.
    effects : numpy.ndarray
        (N, K) float64, one curve per background.
    confidence : float

    Returns
    -------
    slope : tuple of float
        Estimate, lower and upper limit, and p-value of "no slope"; nan if there are too few
        backgrounds for so many positions.
    misfit : tuple of float
        F statistic and p-value of "a straight line" (Hotelling's T2). Where it is rejected the
        slope is that of no line: read the mean slope instead.
    """
    n, centred = len(effects), positions - positions.mean()
    slopes = effects @ (centred / (centred**2).sum())
    line = np.stack([np.ones(len(positions)), centred], axis=1)
    beyond = effects @ np.linalg.qr(line, mode="complete")[0][:, 2:]
    away = beyond.mean(axis=0)
    directions, sizes, _ = np.linalg.svd((beyond - away).T, full_matrices=False)
    # Positions where nothing happens, or that repeat each other, add no direction.
    scale = np.linalg.norm(effects - effects.mean(axis=0))
    directions = directions[:, sizes > 1e-7 * scale]
    rank = directions.shape[1]
    free = n - 1 - rank
    if free < FREEDOM or not np.ptp(slopes):
        return (np.nan,) * 4, (np.nan,) * 2
    design = np.concatenate([np.ones((n, 1)), beyond @ directions], axis=1)
    found, *_ = np.linalg.lstsq(design, slopes, rcond=None)
    residual = slopes - design @ found
    error = np.sqrt(residual @ residual / free * np.linalg.pinv(design.T @ design)[0, 0])
    half = scipy.stats.t.ppf((1 + confidence) / 2, free) * error
    p = 2 * scipy.stats.t.sf(abs(found[0]) / error, free) if error else float(found[0] == 0)
    slope = float(found[0]), float(found[0] - half), float(found[0] + half), float(p)
    if not rank:
        return slope, (np.nan,) * 2
    score = away @ directions
    covariance = np.atleast_2d(np.cov((beyond @ directions).T))
    f = n * score @ np.linalg.solve(covariance, score) * (n - rank) / (rank * (n - 1))
    return slope, (float(f), float(scipy.stats.f.sf(f, rank, n - rank)))


@dataclass(frozen=True)
class Harmonic:
    """The periodic part of a curve over distance.

    Attributes
    ----------
    amplitude, phase : float
        Of ``amplitude * cos(2 pi d / T - phase)`` at the declared period, in model units, radians.
    p : float
        Hotelling's T2 test of "no wave of the declared period" over backgrounds.
    explained : float
        Share of the detrended mean curve's squares that the declared period explains.
    period, low, high : float
        Best of the scanned periods with its percentile bootstrap interval.
    p_scan : float
        Share of permuted residual curves whose best period explains as much.
    """

    amplitude: float
    phase: float
    p: float
    explained: float
    period: float
    low: float
    high: float
    p_scan: float


def _smooth(distances):
    """Orthonormal basis (K, 4) of a cubic in the logarithm of distance."""
    logs = np.log(distances) - np.log(distances).mean()
    return np.linalg.qr(np.stack([logs**power for power in range(4)], axis=1))[0]


def _waves(distances, periods, trend):
    """Orthonormal bases (P, K, 2) of each period's waves, the trend taken out."""
    angles = 2 * np.pi * distances / periods[:, None]
    waves = np.stack([np.cos(angles), np.sin(angles)], axis=2)
    waves = waves - trend @ (trend.T @ waves)
    return np.linalg.qr(waves)[0]


def _explained(residuals, waves):
    """Share (P, B) of the squares of curves (B, K) that each period explains."""
    parts = np.einsum("pkw,bk->pbw", waves, residuals)
    whole = np.maximum((residuals**2).sum(axis=1), np.finfo(float).tiny)
    return (parts**2).sum(axis=2) / whole


def harmonic(distances, effects, period, rng, confidence=0.95, draws=999):
    """Test a declared period, and find the best one.

    Parameters
    ----------
    distances : numpy.ndarray
        (K,) consecutive whole letters above 0, K >= 5 periods.
    effects : numpy.ndarray
        (N, K) float64, one curve per background.
    period : float
        Declared before looking, for example 10.5, the turn of the double helix.
    rng : numpy.random.Generator
    confidence : float
    draws : int
        Of the bootstrap and of the permutations.

    Returns
    -------
    Harmonic
        No bin of a Fourier transform: 150 letters have bins at 10.0 and 10.7, none at 10.5.
    """
    n, trend = len(effects), _smooth(distances)
    angles = 2 * np.pi * distances / period
    waves = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    inverse = np.linalg.pinv(np.concatenate([trend, waves], axis=1))[-2:]
    each = effects @ inverse.T
    a, b = each.mean(axis=0)
    covariance = np.cov(each.T)
    t2 = n * each.mean(axis=0) @ np.linalg.pinv(covariance) @ each.mean(axis=0)
    p = scipy.stats.f.sf((n - 2) / (2 * (n - 1)) * t2, 2, n - 2) if each.any() else 1.0

    def detrend(curves):
        return curves - curves @ trend @ trend.T

    mean = detrend(effects.mean(axis=0)[None])
    scanned = _waves(distances, PERIODS, trend)
    found = _explained(mean, scanned)[:, 0]
    drawn = _explained(detrend(bootstrap_means(effects, rng, draws)), scanned).argmax(axis=0)
    tail = (1 - confidence) / 2
    low, high = np.quantile(PERIODS[drawn], [tail, 1 - tail])
    shuffled = detrend(rng.permuted(np.repeat(mean, draws, axis=0), axis=1))
    beaten = (_explained(shuffled, scanned).max(axis=0) >= found.max()).sum()
    declared = _explained(mean, _waves(distances, np.array([period]), trend))[0, 0]
    return Harmonic(
        float(np.hypot(a, b)),
        float(np.arctan2(b, a)),
        float(p),
        float(declared),
        float(PERIODS[found.argmax()]),
        float(low),
        float(high),
        (1 + beaten) / (draws + 1),
    )
