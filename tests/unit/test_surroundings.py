"""Contributions around instances: a planted wave is found, noise and a decay are not."""

import numpy as np
import pytest

from giaflow.surroundings import around, power, spectrum

REACH, M = 100, 40


def stretches(rng, depth, period=10.5):
    """A decay from the middle with a wave, and noise of every instance's own."""
    x = np.arange(-REACH, REACH)
    mean = np.exp(-np.abs(x) / 40) * (1 + depth * np.cos(2 * np.pi * x / period)) + 0.05
    return mean * rng.gamma(4, 1 / 4, (M, 2 * REACH))


def test_a_planted_wave_is_found_with_its_period(rng):
    found = spectrum(stretches(rng, 0.6), 10.5, rng)
    assert found.n == M and found.period == pytest.approx(200 / 19)
    # No finer than the frequencies: 200 letters know 10.0, 10.53 and 11.1.
    assert found.low <= 200 / 19.5 + 1e-9 and found.high >= 200 / 18.5 - 1e-9
    assert found.low < 10.5 < found.high < 11.5
    assert found.share > 0.3 and found.p <= 0.01
    assert found.share_low < found.share < found.share_high + 0.05


def test_no_wave_is_found_in_a_decay(rng):
    found = [spectrum(stretches(rng, 0), 10.5, rng, draws=199) for _ in range(20)]
    assert np.mean([one.p < 0.05 for one in found]) <= 0.2
    assert max(one.share for one in found) < 0.2


def test_another_period_is_told_from_the_declared_one(rng):
    found = spectrum(stretches(rng, 0.6, period=8), 10.5, rng, draws=199)
    assert found.period == pytest.approx(8) and found.share < 0.05


def test_the_power_does_not_depend_on_scale(rng):
    curves = rng.uniform(1, 2, (3, 60))
    assert power(7 * curves) == pytest.approx(power(curves))
    assert power(np.ones((1, 60))) == pytest.approx(0)


def test_stretches_lie_about_their_instances():
    strength = np.arange(3 * 41.0).reshape(3, 41)
    found = around(strength, np.array([0, 1, 2, 2]), np.array([20, 3, 38, 5]), 5)
    assert found.tolist() == [strength[0, 15:25].tolist(), strength[2, 0:10].tolist()]
