"""Tables against the truth, under null models with and without an exact one."""

import dataclasses
import json

import numpy as np
import pytest

from giaflow import experiments, validation
from giaflow.experiments.constructs import Subjects
from giaflow.experiments.run import analyse, predictions_of
from giaflow.models.formula_model import FormulaModel
from giaflow.nulls import REGISTRY, backgrounds, profile
from giaflow.statistics.verdicts import Inference
from giaflow.validation.calibration.designs import of_study, patterns_of
from giaflow.validation.oracles.simulation import simulate
from giaflow.validation.truth.agreement import Run, Truth, compare, truths
from giaflow.validation.truth.fresh_draws import Population, Source, null_model

REFERENCE = simulate(41, 97, np.random.default_rng(2))
EMBED = {
    "kind": "global_importance",
    "settings": {"scrambles": 2, "random": 0, "patterns": ["site"], "reverse": False},
}
PATTERNS = {"site": "UGCAUG", "other": "GCUGG"}


def written(conditions):
    """What conditions make of one background, (C, L)."""
    codes = np.zeros((1, 41), np.uint8)
    return np.concatenate([condition.apply(codes) for condition in conditions]).tolist()


def design():
    return of_study("embed", EMBED, PATTERNS, 41, seed=5)


def run_of(kind, settings, name=("n", "embed")):
    module = experiments.REGISTRY.load(kind)
    chosen = module.Settings(**settings)
    return Run(kind, chosen, patterns_of(chosen, PATTERNS, 5), 5, name, 41)


EMBEDDED = run_of(**EMBED, name=("calibration", "embed"))


def estimated(run, subjects):
    """The rows of a run on its subjects."""
    oracle = validation.load("LabR")
    made = run.constructs(subjects, FormulaModel(oracle, oracle.length, oracle.targets))
    inference = Inference(np.array([0.25]), 0.95, np.random.default_rng(4), ("R",))
    return analyse(run.kind, run.settings, predictions_of(made), inference)


def tables(kind, n=701):
    """The rows of a run on n backgrounds."""
    settings = REGISTRY.load(kind).Settings()
    codes = backgrounds(kind, ("n",), REFERENCE, n, 3, settings)[0]
    return estimated(EMBEDDED, Subjects(codes, np.arange(n)))


def profiles_of(kind):
    """Letter probabilities, where positions are independent."""
    own = profile.matrix(REFERENCE, profile.Settings())
    return (own, own) if kind == "profile" else None


def truth_of(run, kind, n, sources=(), profiles=None):
    population = Population(null_model({"kind": kind, "settings": {}}, REFERENCE), sources)
    rng = np.random.default_rng(0)
    return truths(validation.load("LabR"), run, population, n, rng, profiles)


def marks(kind, rows):
    truth = truth_of(EMBEDDED, kind, 5003, profiles=profiles_of(kind))
    assert truth.error.any() == (kind != "profile") and truth.sd.all()
    return compare("here", rows, truth, ("R",), 0.01)


def test_a_study_s_design_has_its_patterns_and_their_scrambles():
    letters = [condition.labels["letters"] for condition in design().conditions]
    assert letters[0] == "UGCAUG"
    assert len(letters) == 3
    assert {"".join(sorted(text.replace("T", "U"))) for text in letters} == {"ACGGUU"}
    again = of_study("embed", EMBED, PATTERNS, 41, seed=5)
    assert written(design().conditions) == written(again.conditions)


def test_random_controls_have_no_row_and_so_no_truth():
    entry = {"kind": "global_importance", "settings": {"scrambles": 0, "random": 7}}
    found = of_study("embed", entry, PATTERNS, 41, 5, "shuffled")
    roles = [condition.labels["role"] for condition in found.conditions]
    assert roles == ["pattern", "reversed"] * len(PATTERNS)


def test_real_sequences_have_no_exact_design():
    entry = {"kind": "tiles", "settings": {"sequences": ["s"], "width": 7}}
    found = of_study("windows", entry, PATTERNS, 41, seed=5)
    assert found.conditions == found.contrasts == ()


@pytest.mark.parametrize("kind", ["profile", "dinucleotide"])
def test_right_tables_agree(kind):
    table = marks(kind, tables(kind))
    # The site, the mean of its controls, its window redrawn, and what it does beyond either.
    assert len(table) == 5
    assert table["passed"].all(), table
    # Five rows of 1 % together, bent a little by skewness.
    assert table["high"].iloc[0] == pytest.approx(3.09, abs=0.1)
    assert table["design"].iloc[0].startswith("here: global importance {")


@pytest.mark.parametrize("kind", ["profile", "dinucleotide"])
def test_wrong_tables_do_not(kind):
    rows = tables(kind)
    wrong = rows.assign(estimate=rows["estimate"] + 6 * rows["se"])
    assert not marks(kind, wrong)["passed"].any()


def test_the_order_of_labels_does_not_matter():
    rows = tables("profile")
    turned = [json.dumps(dict(reversed(json.loads(c).items()))) for c in rows["condition"]]
    assert turned != list(rows["condition"])
    again = marks("profile", rows.assign(condition=turned))
    assert again["value"].tolist() == marks("profile", rows)["value"].tolist()


def test_effects_without_spread_must_be_zero():
    one = truth_of(EMBEDDED, "profile", 53).contrasts[:1]
    still = tables("profile").iloc[:1].assign(estimate=0.0, se=0.0)
    zero = np.zeros((1, 1))
    truth = Truth(one, zero, zero, zero, (np.zeros((7, 1)),))
    assert compare("x", still, truth, ("R",))["passed"].all()
    moved = dataclasses.replace(truth, mean=zero + 0.1)
    assert not compare("x", still, moved, ("R",))["passed"].any()


def test_float_noise_of_a_truth_is_no_difference():
    rows = tables("profile", 53).assign(estimate=0.0, se=0.0)
    mean, error, zero = np.full((5, 1), 4e-16), np.full((5, 1), 1e-18), np.zeros((5, 1))
    truth = Truth(
        truth_of(EMBEDDED, "profile", 53).contrasts, mean, error, zero, 5 * (np.zeros((7, 1)),)
    )
    assert (compare("here", rows, truth, ("R",))["value"] == 0).all()
    moved = dataclasses.replace(truth, mean=mean + 1e-3)
    assert not compare("here", rows, moved, ("R",))["passed"].any()


def test_six_digits_of_one_number_are_right_and_five_are_not():
    one = truth_of(EMBEDDED, "profile", 53).contrasts[:1]
    rows = tables("profile", 53).iloc[:1].assign(n=1)
    zero = np.zeros((1, 1))
    truth = Truth(one, zero + 8.1234567, zero, zero, (np.zeros((7, 1)),))
    assert compare("x", rows.assign(estimate=8.12346), truth, ("R",))["passed"].all()
    assert not compare("x", rows.assign(estimate=8.1236), truth, ("R",))["passed"].any()


def test_a_study_that_met_no_rare_background_is_right():
    """Nine in ten studies of 100 see none of an effect that one background in 1,000 makes up."""
    rows, one = tables("profile").iloc[:1], truth_of(EMBEDDED, "profile", 53).contrasts[:1]
    share, single = 1e-3, np.ones((1, 1))
    sd, seen = np.sqrt(share * (1 - share)), np.zeros((7000, 1))
    seen[:7] = 1
    truth = Truth(one, share * single, 0 * single, sd * single, (seen,))
    none = rows.assign(estimate=0.0, se=0.0, n=100)
    (mark,) = compare("here", none, truth, ("R",)).itertuples()
    assert mark.passed and mark.value == pytest.approx(-0.316, abs=0.001)
    assert mark.low == pytest.approx(-3.29, abs=0.01)
    assert mark.high == pytest.approx(7.04, abs=0.1)
    twice = rows.assign(estimate=0.02, se=0.014, n=100)
    assert compare("here", twice, truth, ("R",))["passed"].all()
    many = rows.assign(estimate=0.2, se=0.04, n=100)
    assert not compare("here", many, truth, ("R",))["passed"].any()


OWN = np.random.default_rng(7).dirichlet(np.full(4, 3), 41)
DRAWN = {"sequences": ["s"], "draws": 2}
MOVES = {
    "tiles": {**DRAWN, "width": 9},
    "context": {**DRAWN, "tiles": {"left": [3, 14]}},
    "context_distance": {**DRAWN, "anchor": [4, 12], "tile": [24, 32], "places": [13]},
    "regional_composition": {"pattern": "UGCAUG"},
}


@pytest.mark.parametrize("kind", MOVES)
def test_exact_truths_of_moved_letters_are_those_of_many_sequences(kind):
    """The exact truth of letters that come from donors, against a large sample of the same run."""
    run = run_of(kind, MOVES[kind])
    donor = profile.matrix(REFERENCE, profile.Settings())
    edits_sequences = "sequences" in MOVES[kind]
    sources = (Source(997, OWN),) if edits_sequences else ()
    profiles = (OWN if edits_sequences else donor, donor)
    exact = truth_of(run, "profile", 53, sources, profiles)
    assert not exact.error.any()
    sampled = truth_of(run, "profile", 4099, sources)
    assert sampled.error.any()
    away = (sampled.mean - exact.mean) / np.maximum(sampled.error, 1e-12)
    assert abs(away).max() < 4.5


@pytest.mark.parametrize(
    ("kind", "settings", "exact"),
    [
        ("context_search", {**DRAWN, "goal": "multiplicity", "tile": [0, 11], "rounds": 1}, 0),
        ("occlusion", {**DRAWN, "patterns": ["site"]}, 0),
        # Both places of the pattern without a hairpin.
        ("hairpin", {"pattern": "GCUGG"}, 2),
    ],
)
def test_letters_that_are_read_have_no_exact_truth(kind, settings, exact):
    sources = (Source(97, OWN),) if "sequences" in settings else ()
    truth = truth_of(run_of(kind, settings), "profile", 503, sources, (OWN, OWN))
    varying = truth.sd > 0
    assert varying.all() and (truth.error == 0).sum() == exact < truth.mean.size


def test_fresh_sequences_are_planted_and_chosen_as_those_of_the_study():
    source = Source.of(41, 1009, 3, "planted", "LabR", None)
    run = run_of("double_removal", {**DRAWN, "first": "UGCAUG", "second": "GCUGG", "aside": 17})
    population = Population(null_model({"kind": "profile", "settings": {}}, REFERENCE), (source,))
    oracle, rng = validation.load("LabR"), np.random.default_rng(1)
    drawn = run.experiment, run.settings, run.patterns, 2003, oracle, rng
    subjects = population.subjects(*drawn)
    # About one in eight sequences holds both motifs, side by side.
    assert 100 < len(subjects.codes) < 500
    assert len(subjects.donors) == 4 * len(subjects.codes)
    assert (run.settings.starts(subjects.codes)[:, 0] >= 0).all()


def test_fresh_sequences_have_the_pattern_of_the_study_s_in_their_middle():
    source = Source.of(41, 1009, 3, "planted", None, "UGNAU")
    codes = source.draw(503, np.random.default_rng(1))
    assert (codes[:, [18, 19, 21, 22]] == [3, 2, 0, 3]).all()
    assert abs((codes == 3).mean(axis=0) - source.profile[:, 3])[:18].max() < 0.1
    assert len(np.unique(codes[:, 20])) == 4


@pytest.mark.parametrize("wrong", [False, True])
def test_rows_of_chosen_sequences_are_held_against_fresh_ones(wrong):
    source = Source.of(41, 1009, 3, "planted", "LabR", None)
    run = run_of("occlusion", {**DRAWN, "patterns": ["site"], "n": 307})
    null = null_model({"kind": "profile", "settings": {}}, REFERENCE)
    population, rng = Population(null, (source,)), np.random.default_rng(1)
    oracle = validation.load("LabR")
    rows = estimated(
        run, population.subjects(run.experiment, run.settings, run.patterns, 701, oracle, rng)
    )
    if wrong:
        rows = rows.assign(estimate=rows["estimate"] + 6 * rows["se"])
    table = compare("here", rows, truth_of(run, "profile", 5003, (source,)), ("R",))
    assert len(table) == 3 and (table["passed"].any() != wrong) and table["passed"].all() != wrong


def test_sequences_are_predicted_alike_among_the_edited_ones_and_alone():
    codes = simulate(41, 53, np.random.default_rng(3))
    subjects, oracle = Subjects(codes, np.arange(53)), validation.load("LabR")
    together = EMBEDDED.constructs(subjects, oracle)
    alone = EMBEDDED.constructs(subjects, oracle)
    alone.fill(alone.tiles())
    assert np.array_equal(together.baseline, alone.baseline) and together.baseline.std() > 0
    assert np.array_equal(together.prediction, alone.prediction)
    assert np.array_equal(together.changed, alone.changed) and together.changed.any()
