"""Estimates, verdicts, corrections and resampling, against closed forms and known error rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from giaflow.base.checks import InputError
from giaflow.statistics import estimates, resampling, stopping_rule
from giaflow.statistics.verdicts import Inference

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=29)


def test_a_paired_estimate_is_the_t_test(rng):
    effects = rng.normal(0.3, 1, (37, 2))
    found = estimates.paired(effects, np.full(2, 0.1))
    test = scipy_stats.ttest_1samp(effects, 0)
    low, high = test.confidence_interval(0.95)
    np.testing.assert_allclose(found.p, test.pvalue)
    np.testing.assert_allclose([found.ci_low, found.ci_high], [low, high])


def test_the_minimum_detectable_effect_is_found_in_80_percent_of_studies(rng):
    n = 53
    mde = (scipy_stats.t.isf(0.025, n - 1) + scipy_stats.t.ppf(0.8, n - 1)) / np.sqrt(n)
    studies = rng.normal(mde, 1, (n, 5003))
    assert (estimates.paired(studies, np.ones(5003)).p < 0.05).mean() == pytest.approx(
        0.8, abs=0.02
    )
    unit = np.resize([1.0, -1.0], (n + 1, 1)) / np.sqrt((n + 1) / n)
    expected = (scipy_stats.t.isf(0.025, n) + scipy_stats.t.ppf(0.8, n)) / np.sqrt(n + 1)
    assert estimates.paired(unit, np.ones(1)).mde == pytest.approx(expected)


@given(p_values)
def test_corrections_are_ordered_and_never_shrink_a_p_value(p):
    holm, bh, by = (estimates.adjust(p, method) for method in ("holm", "bh", "by"))
    assert (bh >= np.array(p) - 1e-12).all()
    assert (bh <= holm + 1e-12).all()
    assert (bh <= by + 1e-12).all()
    assert max(map(np.max, (holm, bh, by))) <= 1


@given(p_values)
def test_a_missing_p_value_belongs_to_no_family(p):
    for method in estimates.METHODS:
        padded = estimates.adjust([np.nan, *p, np.nan], method)
        np.testing.assert_array_equal(padded[1:-1], estimates.adjust(p, method))
        assert np.isnan(padded[[0, -1]]).all()


def test_holm_by_hand():
    np.testing.assert_allclose(estimates.adjust([0.03, 0.01, 0.02], "holm"), [0.04, 0.03, 0.04])


def test_an_unknown_correction_names_the_nearest():
    with pytest.raises(InputError, match=r"unknown correction 'hol'; .*did you mean 'holm'"):
        estimates.adjust([0.1], "hol")


def test_no_p_values_give_none():
    assert estimates.adjust([]).size == 0


def test_derived_rows_have_no_verdict_in_model_units():
    found = estimates.derived(11, [2.0, np.nan], [1.0, np.nan], [3.0, np.nan])
    assert list(found.verdict) == ["derived", "masked"]
    assert np.isnan([*found.se, *found.p, *found.d_z, *found.mde]).all()


def skewed(rng, shape):
    """Lognormal effects of mean zero."""
    return rng.lognormal(0, 0.5, shape) - np.exp(0.125)


def test_sign_flip_keeps_its_size_where_wilcoxon_does_not(rng):
    effects = skewed(rng, (101, 401))
    rejected = (resampling.sign_flip(effects, rng, 499) < 0.05).mean()
    assert rejected < 0.09
    assert (scipy_stats.wilcoxon(effects).pvalue < 0.05).mean() > 0.2


def test_sign_flip_of_five_equal_effects_by_hand(rng):
    """Only 2 of 32 sign patterns reach the sum of five ones."""
    p = resampling.sign_flip(np.ones((5, 1)), rng, 20_011)
    assert p == pytest.approx(1 / 16, abs=0.01)


def test_the_band_holds_for_a_whole_sweep(rng):
    """Without correction 13 correlated points would be missed somewhere in far more sweeps."""
    missed = single = 0
    for _ in range(200):
        effects = rng.normal(size=(71, 13)) + rng.normal(size=(71, 1))
        critical, p = resampling.max_t(effects, rng, draws=500)
        t = np.abs(effects.mean(axis=0)) / (effects.std(axis=0, ddof=1) / np.sqrt(71))
        missed += t.max() > critical
        single += t.max() > scipy_stats.t.ppf(0.975, 70)
        assert (p.min() < 0.05) == (t.max() > critical) or abs(p.min() - 0.05) < 0.01
    assert missed <= 20
    assert single > 30


def test_the_band_of_one_point_is_its_interval(rng):
    critical, p = resampling.max_t(rng.normal(size=(43, 1)), rng, draws=20_011)
    assert critical == pytest.approx(scipy_stats.t.ppf(0.975, 42), abs=0.06)
    assert 0 < p[0] <= 1


def test_a_band_over_inert_points_is_flat(rng):
    effects = np.zeros((19, 3))
    effects[:, 2] = 0.5
    critical, p = resampling.max_t(effects, rng)
    assert critical == pytest.approx(scipy_stats.t.ppf(0.975, 18))
    assert list(p) == [1, 1, 0]


@pytest.mark.parametrize("method", [resampling.bca_mean, resampling.percentile_t])
def test_bootstrap_intervals_cover_a_skewed_mean(method, rng):
    held = 0
    for _ in range(150):
        low, high = method(skewed(rng, (61, 1)), rng, draws=800)
        held += (low <= 0 <= high).item()
    assert held >= 132  # 95 % of 150 is 142.5; the t interval loses more on the left


def test_bca_of_a_constant_is_its_t_interval(rng):
    np.testing.assert_allclose(
        resampling.bca_mean(np.full((17, 1), 3.0), rng, draws=100), [[3.0], [3.0]]
    )


def test_bca_without_skew_or_bias_is_the_percentile_interval():
    draws = np.linspace(-1, 1, 2001)
    low, high = resampling.bca(draws, 0.0, np.array([-1.0, 0.0, 1.0]))
    assert (low, high) == pytest.approx((-0.95, 0.95), abs=2e-3)


def test_a_two_level_bootstrap_has_the_variance_of_both_levels(rng):
    """Of a balanced design: that of the unit means, and that within units over their size."""
    values = rng.normal(size=(29, 1)) + rng.normal(size=(29, 3))
    drawn = resampling.two_level(
        values.reshape(-1, 1), np.repeat(np.arange(29), 3), rng, draws=20_000
    )
    expected = (values.mean(axis=1).var() + values.var(axis=1).mean() / 3) / 29
    assert drawn.var() == pytest.approx(expected, rel=0.05)
    assert drawn.mean() == pytest.approx(values.mean(), abs=0.01)


def test_a_two_level_bootstrap_covers_where_a_naive_interval_does_not(rng):
    held, naive = 0, 0
    for _ in range(200):
        sizes = rng.integers(1, 6, 41)
        units = np.repeat(np.arange(41), sizes)
        values = rng.normal(size=41)[units] + rng.normal(0, 0.5, len(units))
        drawn = resampling.two_level(values[:, None], units, rng, draws=400)
        low, high = np.quantile(drawn, [0.025, 0.975])
        held += low <= 0 <= high
        half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
        naive += abs(values.mean()) <= half
    assert held >= 181  # 190 expected at 95 %
    assert naive < 170


def test_a_two_level_bootstrap_of_single_values_is_that_of_units(rng):
    values = rng.normal(size=(37, 2))
    order = rng.permutation(37)
    drawn = resampling.two_level(values[order], order, np.random.default_rng(3), draws=11)
    whole = resampling.bootstrap_means(values, np.random.default_rng(3), draws=11)
    np.testing.assert_allclose(drawn, whole)


def test_fieller_agrees_with_the_t_interval_when_the_denominator_is_a_constant(rng):
    a = rng.normal(2, 1, (31, 1))
    found = resampling.ratio(a, np.full((31, 1), 4.0))
    mean = estimates.paired(a, np.ones(1))
    np.testing.assert_allclose(
        np.ravel(found), np.ravel([mean.estimate, mean.ci_low, mean.ci_high]) / 4
    )


def test_a_ratio_to_nothing_is_masked(rng):
    around_zero = rng.normal(0, 1, (31, 1))
    around_zero -= around_zero.mean()
    assert np.isnan(resampling.ratio(rng.normal(2, 1, (31, 1)), around_zero)).all()


def test_fieller_covers_a_ratio(rng):
    held = 0
    for _ in range(400):
        shared = rng.normal(size=(47, 1))
        _, low, high = resampling.ratio(
            3 + shared + rng.normal(size=(47, 1)), 2 + shared + rng.normal(size=(47, 1))
        )
        held += (low <= 1.5 <= high).item()
    assert held / 400 == pytest.approx(0.95, abs=0.03)


def test_the_winner_is_measured_on_backgrounds_that_did_not_choose_it(rng):
    naive, honest = [], []
    for _ in range(60):
        effects = rng.normal(size=(103, 41))
        best, held_out = resampling.chosen_on_one_half(effects)
        assert len(held_out) == 51
        naive.append(effects.mean(axis=0).max() * np.sqrt(103))
        honest.append(held_out.mean() * np.sqrt(51))
        np.testing.assert_array_equal(held_out, effects[1::2, best])
    assert np.mean(naive) > 1.5
    assert abs(np.mean(honest)) < 0.5


def test_looks_double_from_200_and_end_at_the_cap():
    assert stopping_rule.looks(1000) == [200, 400, 800, 1000]
    assert stopping_rule.looks(400) == [200, 400]
    assert stopping_rule.looks(7) == [7]


def test_fixed_width_stopping_covers(rng):
    held = 0
    for _ in range(400):
        effects = rng.normal(0.2, 1, 3200)
        for n in stopping_rule.looks(3200):
            if stopping_rule.half_width(effects[:n]) <= 0.09:
                break
        assert stopping_rule.half_width(effects[:n]) <= 0.09
        held += abs(effects[:n].mean() - 0.2) <= stopping_rule.half_width(effects[:n])
    assert held / 400 == pytest.approx(0.95, abs=0.03)


def judged(effects, interval="t", test="t", sesoi=0.1, confidence=0.95):
    """The estimate of effects (N, T) as a study with these settings has it."""
    targets = effects.shape[1]
    rng = np.random.default_rng(3)
    inference = Inference(np.full(targets, sesoi), confidence, rng, (), interval, test)
    return inference.mean(effects)


@pytest.mark.parametrize("interval", ["percentile_t", "bca"])
def test_a_study_s_interval_is_the_one_it_asks_for(interval, rng):
    effects = rng.lognormal(0, 1, (83, 2))
    found, student = judged(effects, interval), judged(effects)
    weights = resampling.resamples(83, np.random.default_rng(3))
    low, high = resampling.bootstrapped(effects, weights, interval)(0.95)
    np.testing.assert_array_equal([found.ci_low, found.ci_high], [low, high])
    # A long tail above: the mean may be much larger than it looks, hardly smaller.
    assert (found.ci_high > student.ci_high).all() and (found.ci_low > student.ci_low).all()
    np.testing.assert_array_equal(found.p, student.p)


@pytest.mark.parametrize("interval", ["percentile_t", "bca"])
def test_verdicts_follow_the_interval_that_is_shown(interval, rng):
    effects = rng.normal(size=(101, 1))
    effects -= effects.mean()
    for shift, expected in ((0.0, "negligible"), (3.0, "effect"), (0.5, "inconclusive")):
        assert judged(effects + shift, interval, sesoi=0.5).verdict == expected
    assert judged(0 * effects, interval).verdict == "inert"


def test_all_effects_of_a_run_share_their_resamples(rng):
    inference = Inference(np.ones(1), 0.95, rng, (), "bca", "sign_flip")
    effects = np.random.default_rng(5).normal(0.2, 1, (47, 1))
    one, other = inference.mean(effects), inference.mean(effects)
    assert (one.ci_low, one.p) == (other.ci_low, other.p)


def test_sign_flips_in_a_table_are_those_of_the_test(rng):
    effects = rng.normal(0.2, 1, (61, 2))
    found = judged(effects, test="sign_flip").p
    np.testing.assert_array_equal(found, resampling.sign_flip(effects, np.random.default_rng(3)))
    assert judged(0 * effects, test="sign_flip").p.tolist() == [1, 1]


def test_bca_covers_a_ratio(rng):
    held = 0
    for _ in range(200):
        shared = rng.normal(size=(71, 1))
        a, b = (level + shared + rng.normal(size=(71, 1)) for level in (6, 4))
        weights = resampling.resamples(71, rng, 800)
        value, low, high = resampling.bca_ratio(a, b, weights)
        assert value == pytest.approx(a.mean() / b.mean())
        held += (low <= 1.5 <= high).item()
    assert held / 200 == pytest.approx(0.95, abs=0.05)


def test_a_bca_ratio_is_masked_where_fieller_s_is(rng):
    a, b = rng.normal(2, 1, (31, 2)), rng.normal(0, 1, (31, 2))
    b[:, 1] = 4.0
    weights = resampling.resamples(31, rng, 500)
    found = np.array(resampling.bca_ratio(a, b - [b[:, 0].mean(), 0], weights))
    assert np.isnan(found[:, 0]).all() and np.isfinite(found[:, 1]).all()
    constant = np.array(resampling.bca_ratio(b[:, 1:], b[:, 1:], weights))
    assert constant.tolist() == [[1], [1], [1]]
