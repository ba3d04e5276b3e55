"""Lines through correlated means: generalized least squares, exact and against its definition."""

import numpy as np
import pytest
from scipy import stats

from giaflow.statistics.distance_curves import gls_line

STARTS = np.array([3.0, 7.0, 12.0, 20.0, 31.0])


def curves(rng, n, slope=0.0, bend=0.0):
    """Correlated noise of unequal size around a line, or around a curve."""
    size = np.array([0.2, 1.0, 3.0, 0.5, 2.0])
    shared = rng.normal(size=(n, 1)) * np.linspace(1, 2, 5)
    return 1 + slope * STARTS + bend * STARTS**2 + shared + size * rng.normal(size=(n, 5))


def test_the_slope_is_that_of_generalized_least_squares(rng):
    effects = curves(rng, 400, 0.05)
    (slope, low, high, _), _ = gls_line(STARTS, effects)
    weight = np.linalg.inv(np.cov(effects.T))
    line = np.stack([np.ones(5), STARTS], axis=1)
    expected = np.linalg.solve(line.T @ weight @ line, line.T @ weight @ effects.mean(axis=0))[1]
    assert slope == pytest.approx(expected, rel=1e-8)
    assert low < slope < high


def test_it_covers_and_is_narrower_than_the_mean_slope():
    rng = np.random.default_rng(0)
    held, rejected, width, plain = 0, 0, [], []
    centred = STARTS - STARTS.mean()
    for _ in range(600):
        effects = curves(rng, 47, 0.05)
        (_, low, high, _), (_, p) = gls_line(STARTS, effects)
        held += low <= 0.05 <= high
        rejected += p < 0.05
        width.append((high - low) / 2)
        plain.append(2.013 * (effects @ centred / (centred**2).sum()).std(ddof=1) / np.sqrt(47))
    assert held / 600 == pytest.approx(0.95, abs=0.027)
    assert rejected / 600 == pytest.approx(0.05, abs=0.027)
    assert np.mean(width) < 0.8 * np.mean(plain)


def test_a_curve_is_no_line(rng):
    _, (_, p) = gls_line(STARTS, curves(rng, 300, bend=0.002))
    assert p < 1e-4


def test_too_few_backgrounds_have_no_covariance(rng):
    slope, misfit = gls_line(STARTS, curves(rng, 19))
    assert np.isnan(slope).all() and np.isnan(misfit).all()


def test_positions_that_repeat_each_other_add_nothing(rng):
    """All curves are exact lines with slopes of their own: the mean slope and its t interval."""
    slopes = rng.normal(0.3, 1, 61)
    (slope, low, high, _), misfit = gls_line(STARTS, 2 + np.outer(slopes, STARTS))
    assert slope == pytest.approx(slopes.mean())

    assert high - low == pytest.approx(2 * stats.t.ppf(0.975, 60) * stats.sem(slopes))
    assert np.isnan(misfit).all()


def test_nothing_has_no_slope():
    slope, misfit = gls_line(STARTS, np.zeros((61, 5)))
    assert np.isnan(slope).all() and np.isnan(misfit).all()
