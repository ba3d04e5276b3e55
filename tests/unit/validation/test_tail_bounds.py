"""Bounds of the mean of effects of any shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from giaflow.validation.truth.tail_bounds import reach

RISK = 1e-4


def quantiles(distribution, m=200_003):
    """A sample (m,) that has the shape of a distribution, without chance."""
    return distribution.ppf((np.arange(m) + 0.5) / m)


@pytest.mark.parametrize("n", [20, 700])
def test_bounds_of_normal_effects_are_those_of_a_normal_mean(n):
    low, high = reach(3 + 2 * quantiles(scipy_stats.norm), n, RISK)
    assert -low == pytest.approx(high) == pytest.approx(3.72, rel=0.03)


@pytest.mark.parametrize("n", [11, 170])
def test_bounds_of_skewed_effects_are_those_of_a_gamma_mean(n):
    """The mean of n exponential effects is gamma, with standard error 1 / sqrt(n)."""
    low, high = reach(quantiles(scipy_stats.expon), n, RISK)
    exact = (scipy_stats.gamma.isf(RISK, n) / n - 1) * np.sqrt(n)
    assert high == pytest.approx(exact, rel=0.04) and high > 4
    # The other tail is short: the bound is that of a normal mean.
    assert low == pytest.approx(scipy_stats.norm.ppf(RISK))


@pytest.mark.parametrize("n", [300, 4000])
def test_rare_jumps_either_way_reach_further_on_both_sides(n):
    """They have no skewness, but several at once happen far more often than normally."""
    share, effects = 1e-3, np.zeros(100_000)
    effects[:50], effects[50:100] = 1, -1
    low, high = reach(effects, n, RISK)
    # The difference of two numbers of jumps is Skellam; a bound lies between two whole numbers.
    jumps = high * np.sqrt(share * n)
    beyond = scipy_stats.skellam.sf(np.floor(jumps) - 1, n * share / 2, n * share / 2)
    within = scipy_stats.skellam.sf(np.ceil(jumps), n * share / 2, n * share / 2)
    assert within < RISK < beyond
    assert low == pytest.approx(-high) and high > 3.8


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.sampled_from([5, 37, 1009]))
def test_bounds_know_no_place_and_no_scale(place, scale, n):
    effects = quantiles(scipy_stats.gamma(0.5), 997)
    expected = reach(effects, n, RISK)
    assert reach(place + scale * effects, n, RISK) == pytest.approx(expected, rel=1e-3)
    low, high = reach(-effects, n, RISK)
    assert (-high, -low) == pytest.approx(expected)


def test_effects_without_spread_have_a_normal_band():
    for effects in (np.zeros(7), np.full(11, 2.5), np.zeros(1)):
        assert reach(effects, 13, RISK) == pytest.approx((-3.72, 3.72), abs=0.01)


def test_a_largest_effect_bounds_the_mean():
    """A mean of two cannot pass the largest effect, however small the risk."""
    _, high = reach(np.array([0.0, 0.0, 1.0]), 2, 1e-12)
    assert high <= max(scipy_stats.norm.isf(1e-12), np.sqrt(2) * (1 - 1 / 3) / np.sqrt(2 / 9))
