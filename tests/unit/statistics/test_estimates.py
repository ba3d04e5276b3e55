import numpy as np
import pytest
from scipy import stats as scipy_stats

from giaflow.statistics.estimates import adjust, paired, rests_on_few, silence_noise


def test_an_estimate_is_the_textbook_s(rng):
    effects = rng.normal(0.3, 2, (17, 3))
    found = paired(effects, np.full(3, 0.1), 0.9)
    for t in range(3):
        expected = scipy_stats.ttest_1samp(effects[:, t], 0)
        low, high = expected.confidence_interval(0.9)
        assert found.estimate[t] == pytest.approx(effects[:, t].mean())
        assert found.p[t] == pytest.approx(expected.pvalue)
        assert (found.ci_low[t], found.ci_high[t]) == pytest.approx((low, high))
        assert found.d_z[t] == pytest.approx(effects[:, t].mean() / effects[:, t].std(ddof=1))
    assert found.n == 17


def test_verdicts_follow_the_interval(rng):
    noise = rng.normal(0, 1, 400)
    noise -= noise.mean()
    effects = np.stack([noise + 3, noise - 3, noise * 0.1, noise + 0.5, noise * 0], axis=1)
    verdicts = paired(effects, np.full(5, 0.5)).verdict.tolist()
    assert verdicts == ["effect", "effect", "negligible", "inconclusive", "inert"]


def test_significant_but_small_is_no_effect(rng):
    effects = rng.normal(0.02, 0.01, (1000, 1))
    found = paired(effects, np.array([0.5]))
    assert found.p[0] < 1e-6 and found.verdict[0] == "negligible"


def test_an_inert_effect_has_p_one_and_a_point_interval():
    found = paired(np.zeros((7, 2)), np.full(2, 0.1))
    assert found.p.tolist() == [1, 1] and found.ci_low.tolist() == found.ci_high.tolist() == [0, 0]
    assert np.isnan(found.d_z).all()


def test_a_constant_effect_has_no_spread_and_no_nan_p():
    found = paired(np.full((7, 1), 2.0), np.array([0.1]))
    assert found.p[0] == 0 and found.verdict[0] == "effect" and found.se[0] == 0


def test_one_background_is_too_few():
    with pytest.raises(ValueError, match="at least 2 backgrounds, got 1"):
        paired(np.ones((1, 2)), np.ones(2))


def test_float_noise_beside_a_large_prediction_is_silenced():
    effects = np.array([[1e-7, 5e-5, 1e-3]])
    scale = np.array([[0.0, 100.0, 100.0]])
    assert silence_noise(effects, scale).tolist() == [[0, 0, 1e-3]]


def test_false_discovery_is_benjamini_hochberg():
    # Sorted p times m over rank, made monotone from the right.
    p = np.array([0.04, 0.01, 0.03, 0.5])
    assert adjust(p) == pytest.approx([0.16 / 3, 0.04, 0.16 / 3, 0.5])
    assert adjust([]).size == 0


def test_intervals_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    effects = rng.normal(0.7, 1.3, (31, 2000))
    found = paired(effects, np.full(2000, 0.1))
    covered = ((found.ci_low <= 0.7) & (found.ci_high >= 0.7)).mean()
    # 2,000 replicates: three binomial standard errors are 0.015.
    assert abs(covered - 0.95) < 0.015


def test_cochran_s_rule_by_hand():
    """Of n values m are one and the others zero: squared skewness (1 - 2q)^2 / (q (1 - q))."""
    for ones, expected in ((10, True), (22, True), (26, False), (40, False)):
        values = np.zeros((1000, 1))
        values[:ones] = 1
        q = ones / 1000
        assert rests_on_few(values).item() == (25 * (1 - 2 * q) ** 2 / (q * (1 - q)) >= 1000)
        assert rests_on_few(values).item() == expected


def test_what_has_no_spread_rests_on_nothing():
    values = np.stack([np.zeros(9), np.full(9, 0.1), np.resize([1.0, -1.0], 9)], axis=1)
    assert rests_on_few(values).tolist() == [False, False, False]
    assert not paired(values, np.ones(3)).rare.any()


def test_the_rule_separates_intervals_that_hold_from_those_that_do_not():
    """An effect that one background in m shows: 95 % intervals hold once 25 of them show it."""
    rng = np.random.default_rng(0)
    for shown, lowest, highest in ((5, 0.0, 0.93), (100, 0.93, 0.97)):
        effects = (rng.random((1000, 2000)) < shown / 1000).astype(float)
        found = paired(effects, np.ones(2000))
        truth = shown / 1000
        held = ((found.ci_low <= truth) & (truth <= found.ci_high)).mean()
        assert lowest < held < highest
        assert found.rare.mean() == pytest.approx(float(shown == 5), abs=0.02)
    assert paired(rng.normal(size=(200, 2000)), np.ones(2000)).rare.mean() < 0.01
