"""Contributions around instances: a planted wave is found, noise and a decay are not."""

import numpy as np
import pandas as pd
import pytest

from giaflow.attribution.periods import around, around_instances, power, shown, spectrum
from giaflow.base.alphabet import encode, reverse_complement
from giaflow.plot.periods import draw_periods

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


@pytest.mark.parametrize("word", ["GATTACAG", "CCTGACATT"])
def test_instances_on_the_other_strand_are_turned_round(word):
    codes, length = np.full((3, 61), 2, np.uint8), len(word)
    codes[0, 20 : 20 + length] = encode(word)
    codes[2, 31 : 31 + length] = reverse_complement(encode(word))
    codes[1, :length] = encode(word)  # too near the edge
    strength = np.arange(3 * 61.0).reshape(3, 61)
    forward, turned = around_instances(strength, codes, word, 0, 15)
    assert forward.tolist() == strength[0, 20 + length // 2 - 15 :][:30].tolist()
    # The same letters seen from the other strand are turned back to the same stretch.
    mirrored = around_instances(strength[2:, ::-1], reverse_complement(codes[2:]), word, 0, 15)
    assert turned.tolist() == mirrored[0].tolist()


def test_a_palindrome_is_one_instance():
    codes = np.full((1, 31), 1, np.uint8)
    codes[0, 12:18] = encode("GAATTC")
    assert len(around_instances(np.ones((1, 31)), codes, "GAATTC", 0, 10)) == 1


def test_a_planted_periodic_contribution_is_read_through_instances_and_drawn(rng):
    n, length, word = 37, 283, "GATTACAG"
    codes = rng.integers(0, 4, (n, length), dtype=np.uint8)
    start = length // 2 - len(word) // 2
    codes[:, start : start + len(word)] = encode(word)
    x = np.arange(length) - length // 2
    wave = 2 + np.cos(2 * np.pi * x / 10.5)
    found = around_instances(np.repeat(wave[None], n, axis=0), codes, word, 0, REACH)
    fit = spectrum(found, 10.5, rng, draws=99)
    period, share = fit.estimates()
    assert period["estimate"] == pytest.approx(200 / 19) and period["unit"] == "letters"
    assert period["ci_low"] <= 200 / 19.5 < 10.5 < period["ci_high"] and np.isnan(period["p"])
    assert share["estimate"] > 0.6 and share["n"] == len(found) >= n
    curves = pd.DataFrame({"offset": range(-REACH, REACH), "contribution": found.mean(axis=0)})
    curves = curves.assign(target="y", set="s", pattern="word", unit="logit")
    left, right = draw_periods(curves, 10.5, shown).axes
    drawn = right.lines[0]
    assert drawn.get_xdata()[np.argmax(drawn.get_ydata())] == pytest.approx(200 / 19)
    assert len(left.lines[0].get_xdata()) == 2 * REACH
    assert draw_periods(curves[:0], 10.5, shown).axes[0].texts
