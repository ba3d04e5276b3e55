"""The numbers are right: estimates against known truths, and checks that catch wrong ones."""

import dataclasses

import numpy as np
import pytest
from scipy import stats as scipy_stats

from giaflow import validation
from giaflow.edits.embed import chunks
from giaflow.experiments.kinds import spacing as spacing_experiment
from giaflow.models.formula_model import FormulaModel
from giaflow.nulls.profile import draw_letters
from giaflow.statistics.contrasts import BACKGROUND
from giaflow.statistics.estimates import Estimate, paired
from giaflow.validation.calibration import checks, designs
from giaflow.validation.calibration.repeated_studies import (
    Replicates,
    dealt,
    redrawn,
    replicate,
    resample,
)
from giaflow.validation.truth.truth import exact

RNA = np.random.default_rng(1).dirichlet([20] * 4, 41)
# 5 % of the positive control, the site.
SESOI = np.array([0.2475])
EFFECTS = {design.name: design for design in designs.RNA_EFFECTS}
THREE = ("A@17", "V@17", "distractor@17")


def model(name):
    oracle = validation.load(name)
    return FormulaModel(oracle, oracle.length, oracle.targets, oracle.unit)


def run(name, design, n, replicates, seed, profile=RNA, sesoi=SESOI):
    truth = exact(validation.load(name), design, profile)
    rng = np.random.default_rng(seed)
    return replicate(model(name), design, truth, profile, n, replicates, sesoi, rng)


def with_error(replicates, se):
    """The same estimates with other standard errors and the intervals that follow from them."""
    found = replicates.found
    half = scipy_stats.t.ppf(0.975, found.n - 1) * se
    low, high = found.estimate - half, found.estimate + half
    return dataclasses.replace(
        replicates, found=dataclasses.replace(found, se=se, ci_low=low, ci_high=high)
    )


@pytest.fixture(scope="module")
def three():
    """100 replicates of three designs: the fast slice."""
    return {name: run("LabR", EFFECTS[name], 300, 100, seed) for seed, name in enumerate(THREE)}


@pytest.mark.parametrize("name", THREE)
def test_intervals_cover_the_truth(three, name):
    # 100 replicates of one deal: three Monte Carlo errors are 0.065.
    held = checks.coverage(three[name])
    assert abs(held["value"].item() - 0.95) < 0.065, held
    assert list(held.columns) == checks.COLUMNS
    assert (held["low"].item(), held["high"].item()) == (0.93, 0.97)


@pytest.mark.parametrize("name", THREE)
def test_estimates_are_unbiased(three, name):
    # A tenth of a standard error is the Monte Carlo error of 100 replicates.
    assert abs(checks.bias(three[name])["value"].item()) < 0.3
    error = three[name].found.se.mean()
    wrong = dataclasses.replace(three[name], truth=three[name].truth + error)
    table = checks.bias(wrong)
    assert table["value"].item() == pytest.approx(-1, abs=0.4)
    assert not table["passed"].any()


def unpaired(name, n, replicates, seed):
    """Standard errors (K, R, T) of the difference of two means, as if the arms were unrelated."""
    oracle, rng = model("LabR"), np.random.default_rng(seed)
    codes = draw_letters(RNA, n * replicates, rng)
    arms = oracle.predict_edits(codes, chunks(EFFECTS[name].conditions, codes))
    both = np.concatenate([arms, oracle.predict(codes)[None]]).reshape(2, replicates, n, 1)
    return np.sqrt(both.var(axis=2, ddof=1).sum(axis=0) / n)[None]


@pytest.mark.parametrize("name", THREE)
def test_coverage_fails_for_an_unpaired_error(three, name):
    """The issue that pairing solves: an unpaired error is too wide, and all intervals hold."""
    seed = THREE.index(name)
    error = unpaired(name, 300, 100, seed)
    table = checks.coverage(with_error(three[name], error))
    assert not table["passed"].any(), table
    assert table["value"].item() > table["high"].item()


@pytest.mark.parametrize("name", THREE)
@pytest.mark.parametrize("factor", [0.6, 4.0])
def test_coverage_fails_for_an_error_of_the_wrong_size(three, name, factor):
    wrong = with_error(three[name], factor * three[name].found.se)
    assert not checks.coverage(wrong)["passed"].any()


def test_nothing_is_found_where_nothing_is():
    """A/A: 300 mini-experiments in which a window is replaced by a fresh draw of itself."""
    effects = redrawn(model("LabR"), slice(17, 23), RNA, 211, 300, np.random.default_rng(0))
    assert effects.shape == (211, 300, 1)
    right = paired(effects, SESOI)
    share = (right.p[:, 0] < 0.05).mean()
    assert 0.012 < share < 0.088
    assert checks.type_one_error("LabR", right.p[:, 0], 300)["passed"].iloc[1]
    # The same differences judged by the error of unrelated arms: hardly a rejection is left.
    codes = draw_letters(RNA, 211 * 300, np.random.default_rng(0))
    arm = model("LabR").predict(codes).reshape(300, 211).var(axis=1, ddof=1)
    t = right.estimate[:, 0] / np.sqrt(2 * arm / 211)
    wrong = checks.type_one_error("unpaired", 2 * scipy_stats.t.sf(np.abs(t), 420), 300)
    assert not wrong["passed"].any(), wrong
    too_sure = checks.type_one_error(
        "half", 2 * scipy_stats.t.sf(2 * np.abs(right.estimate / right.se)[:, 0], 210), 300
    )
    assert not too_sure["passed"].any(), too_sure
    # Where effects are rare too few rejections are forgiven, and too many are not.
    seldom = checks.type_one_error("x", np.linspace(0.06, 1, 101), 101, rare=True)
    assert seldom["passed"].tolist() == [True]
    often = checks.type_one_error("x", np.linspace(0, 0.3, 101), 101, rare=True)
    assert often["passed"].tolist() == [False]


def test_a_redrawn_window_changes_nothing_else():
    inert = redrawn(model("Inert"), slice(17, 23), RNA, 7, 5, np.random.default_rng(0))
    assert not inert.any()
    seen = redrawn(model("Inert"), slice(16, 23), RNA, 7, 5, np.random.default_rng(0))
    assert seen.any()


@pytest.mark.parametrize("name", ["ZeroMean", "ZeroMeanSkewed"])
def test_the_mean_is_tested_not_symmetry(name):
    uniform = np.full((41, 4), 0.25)
    design = EFFECTS["distractor@17"]
    found = run(name, design, 307, 300, 4, uniform)
    table = checks.type_one_error(name, found.found.p[0, :, 0], 300)
    assert 0.012 < table["value"].iloc[0] < 0.088
    oracle, codes = validation.load(name), draw_letters(uniform, 1009, np.random.default_rng(5))
    arm = design.conditions[0].apply(codes)
    effects = (oracle(np.eye(4)[arm]) - oracle(np.eye(4)[codes]))[:, 0]
    signed_ranks = scipy_stats.wilcoxon(effects).pvalue
    assert (signed_ranks < 1e-6) == (name == "ZeroMeanSkewed")


@pytest.mark.parametrize("design", designs.RNA_ADDITIVITY[:2], ids=lambda design: design.name)
def test_additivity_is_judged_right(design):
    """Slots that hinder each other: rejected; others: equivalent within 10 % of the sum."""
    singles = exact(validation.load("LabR"), EFFECTS["A@17"], RNA)[0]
    sesoi = 0.1 * 3 * singles
    found = run("LabR", design, 307, 23, 6, sesoi=sesoi)
    table = checks.verdicts(found, sesoi)
    assert table["passed"].all(), table
    expected = "effect" if design is designs.RNA_ADDITIVITY[0] else "negligible"
    assert list(table["check"]) == [f"verdict {expected}"]


def spacing(name, first, second, gaps, length, estimand="interaction"):
    settings = spacing_experiment.Settings(first=first, second=second, gaps=gaps)
    rng = np.random.default_rng(0)
    return designs.of_experiment("spacing", "spacing", settings, [], length, rng, estimand)


def test_the_spacing_experiment_finds_the_steric_threshold():
    design = spacing("spacing", "UGCAUG", "UGCAUG", list(range(8)), 41)
    found = run("LabR", design, 307, 19, 7)
    assert found.labels[2] == (
        "spacing: interaction, arm pair, arrangement first+ second+, order first-second, "
        "strands ++, gap 2, start_distance 8, centre_distance 8.0"
    )
    table = checks.threshold("A x A", found, range(8), SESOI)
    assert table["passed"].all(), table
    # A smallest effect so near a true interaction (-0.85) leaves the threshold open.
    unclear = checks.threshold("A x A", found, range(8), np.array([0.85]))
    assert not unclear["passed"].any()
    profile = checks.profile_error("A x A", found, range(8), SESOI)
    assert profile["passed"].all(), profile


def test_the_spacing_experiment_finds_the_wave_on_one_output():
    uniform = np.full((200, 4), 0.25)
    design = spacing("NN", "AGCCATCA", "AGCCATCA", [0, 5, 8, 13], 200)
    found = run("LabD", design, 97, 11, 8, uniform, np.array([0.1, 0.1]))
    # The table's start distances 8, 13 and 16; 21 is the second peak of the wave.
    assert found.truth[:3, 0] == pytest.approx([0.806, 0.710, 0.006], abs=5.1e-4)
    assert found.truth[3, 0] > 1
    # N sites have no interaction on S: there is no profile to inference.
    profile = checks.profile_error("NN", found, range(4), np.array([0.1, 0.1]))
    assert profile["design"].tolist() == ["NN on N"]
    assert profile["passed"].all()
    direction = checks.verdicts(found, np.array([0.1, 0.1]))
    assert direction["passed"].all(), direction
    assert {"verdict effect", "verdict negligible"} <= set(direction["check"])


def made(estimate, truth, se, verdict=None):
    """Replicates from given numbers (K, R, T), n = 11."""
    estimate, se = np.asarray(estimate, float), np.asarray(se, float)
    half = scipy_stats.t.ppf(0.975, 10) * se
    zeros = np.zeros_like(estimate)
    found = Estimate(
        11, estimate, se, estimate - half, estimate + half, zeros, zeros, np.asarray(verdict), zeros
    )
    labels = tuple(f"contrast {k}" for k in range(len(estimate)))
    return Replicates(labels, ("R",), np.asarray(truth, float), found)


def test_screens_are_scored_by_what_is_true():
    verdict = np.array([["effect", "effect"], ["effect", "negligible"], ["inconclusive"] * 2])
    numbers = np.ones((3, 2, 1))
    found = made(numbers, [[1.0], [0.1], [0.9]], numbers, verdict[:, :, None])
    table = checks.screen("patterns", found, np.array([0.5]))
    values = dict(zip(table["check"], table["value"], strict=True))
    # One of two claims is false in the first replicate, none in the second: 1/4.
    assert values == {"false discovery rate": 0.25, "true ones found": 0.5}
    assert table["passed"].tolist() == [False, True]


def test_profile_error_is_in_standard_errors():
    found = made([[[1.5]], [[0.5]]], [[1.0], [1.0]], [[[0.25]], [[0.25]]])
    table = checks.profile_error("d", found, [0, 1], SESOI)
    assert table["value"].item() == pytest.approx(2)
    assert table["passed"].item()
    found = made([[[1.6]], [[0.4]]], [[1.0], [1.0]], [[[0.25]], [[0.25]]])
    assert not checks.profile_error("d", found, [0, 1], SESOI)["passed"].item()


def test_power_has_its_textbook_values():
    # Cohen's table: 80 % power at d_z 0.2 needs 199 pairs, at 0.5 needs 34.
    assert checks.t_power(0.2, 199) == pytest.approx(0.80, abs=0.003)
    assert checks.t_power(-0.5, 34) == pytest.approx(0.81, abs=0.01)
    assert checks.t_power(0.0, 23) == pytest.approx(0.05)
    assert checks.t_power(50.0, 300) == 1


def test_the_band_of_rejections_is_binomial():
    assert tuple(scipy_stats.binom.interval(0.95, 1000, 0.05)) == (37, 64)
    assert checks.REJECTIONS == (0.037, 0.064)


def test_deals_use_every_background_once():
    effects, rng = np.arange(2 * 3 * 7, dtype=float).reshape(21, 2), np.random.default_rng(0)
    found = dealt(effects, 7, rng, deals=4)
    assert found.shape == (7, 12, 2)
    assert np.array_equal(np.moveaxis(found[:, :3], 0, 1).reshape(21, 2), effects)
    for first in range(0, 12, 3):
        assert np.array_equal(np.sort(found[:, first : first + 3, 0], axis=None), effects[:, 0])


def test_deals_change_no_expectation():
    """Coverage of normal effects, dealt ten times: nearer to 0.95 than that of one deal."""
    rng = np.random.default_rng(2)
    shares = []
    for _ in range(40):
        found = paired(dealt(rng.standard_normal((31 * 20, 1)), 31, rng, 10), np.ones(1))
        held = (found.ci_low <= 0) & (found.ci_high >= 0)
        shares.append((held[:20].mean(), held.mean()))
    one, ten = np.array(shares).T
    assert ten.mean() == pytest.approx(0.95, abs=0.02)
    assert ten.std() < 0.7 * one.std()


def test_backgrounds_needed_follow_cochran():
    rng = np.random.default_rng(0)
    normal = checks.needed(rng.standard_normal((100_003, 1)))
    assert normal == pytest.approx([6], abs=0.3)
    # An exponential distribution has skewness 2 and kurtosis 9; its spread does not matter.
    skewed = checks.needed(rng.exponential(7.0, (400_009, 1)))
    assert skewed == pytest.approx([100], rel=0.1)
    assert checks.needed(np.zeros((11, 2))).tolist() == [0, 0]


def test_skewed_effects_are_judged_at_the_backgrounds_they_need():
    """One background in 50 makes up the effect: 20 cannot say, as many as are needed can."""
    rng = np.random.default_rng(4)
    pool = (rng.random((1, 40 * 211, 1)) < 0.02).astype(float)
    found = paired(dealt(pool[0], 20, rng), np.ones(1))
    stacked = dataclasses.replace(
        found, **{f.name: getattr(found, f.name)[None]
                  for f in dataclasses.fields(found) if f.name != "n"}
    )  # fmt: skip
    few = Replicates(("rare",), ("R",), np.array([[0.02]]), stacked, pool)
    assert checks.coverage(few)["value"].item() < 0.5
    table = checks.skewed_coverage(few, np.ones(1), rng, many=300)
    assert table["passed"].all() and table["check"].item() == "coverage, skewed"
    n = int(table["design"].item().split()[-1])
    assert n == pytest.approx(25 * 0.96**2 / (0.02 * 0.98), rel=0.2)
    short = dataclasses.replace(few, measured=pool[:, :400])
    (row,) = checks.skewed_coverage(short, np.ones(1), rng).itertuples()
    assert row.check == "coverage at n = 20, far too few" and row.low == 0


def test_samples_are_as_large_as_asked_for():
    found = resample(np.arange(13.0)[:, None], 41, 7, np.ones(1), np.random.default_rng(0))
    assert found.n == 41 and found.estimate.shape == (7, 1)
    assert found.estimate.mean() == pytest.approx(6, abs=0.7)


def test_samples_in_blocks_have_the_spread_of_single_draws():
    rng = np.random.default_rng(3)
    pool = rng.exponential(1, (20_011, 1))
    found = resample(pool, 5003, 301, np.ones(1), rng)
    # Blocks of five: 1001 of them.
    assert found.n == 5005
    assert found.estimate.mean() == pytest.approx(pool.mean(), abs=4 / np.sqrt(5003 * 301))
    assert found.estimate.std() == pytest.approx(pool.std() / np.sqrt(5005), rel=0.15)
    assert found.se.mean() == pytest.approx(pool.std() / np.sqrt(5005), rel=0.02)


def test_additivity_residual_counts_the_background():
    weights = designs.RNA_ADDITIVITY[0].contrasts[0].weights
    assert weights[BACKGROUND] == 2
