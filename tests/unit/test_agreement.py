"""Tables against the truth, under null models with and without an exact one."""

import dataclasses
import json

import numpy as np
import pytest

from giaflow import laboratory
from giaflow.edits import chunks
from giaflow.importance import importance_table
from giaflow.judge import Judge
from giaflow.laboratory.agreement import Truth, compare, truths
from giaflow.laboratory.designs import of_study
from giaflow.laboratory.simulation import simulate
from giaflow.model.formula import FormulaModel
from giaflow.nulls import REGISTRY, backgrounds

REFERENCE = simulate(41, 97, np.random.default_rng(2))
EMBED = {
    "kind": "global_importance",
    "settings": {"scrambles": 2, "patterns": ["site"], "reverse": False},
}
PATTERNS = {"site": "UGCAUG", "other": "GCUGG"}
IDENTITY = {
    "study": "s", "model": "m", "targets": ("R",), "unit": "u", "null": "n", "experiment": "embed",
}  # fmt: skip


def written(conditions):
    """What conditions make of one background, (C, L)."""
    codes = np.zeros((1, 41), np.uint8)
    return np.concatenate([condition.apply(codes) for condition in conditions]).tolist()


def design():
    return of_study("embed", EMBED, PATTERNS, 41, seed=5)


def tables(kind, n=701):
    """The rows of a run on n backgrounds."""
    oracle, chosen = laboratory.load("LabR"), design()
    model = FormulaModel(oracle, oracle.length, oracle.targets)
    settings = REGISTRY.load(kind).Settings()
    codes = backgrounds(kind, ("n",), REFERENCE, n, 3, settings)[0]
    predictions = model.predict_edits(codes, chunks(chosen.conditions, codes))
    judge = Judge(np.array([0.25]), 0.95, np.random.default_rng(4), ("R",))
    return importance_table(
        list(chosen.contrasts), predictions, model.predict(codes), IDENTITY, judge
    )


def marks(kind, rows):
    null = {"kind": kind, "settings": {}}
    rng = np.random.default_rng(0)
    truth = truths(laboratory.load("LabR"), design(), null, REFERENCE, 5003, rng)
    assert truth.error.any() == (kind != "profile") and truth.sd.all()
    return compare("here", rows, design(), truth, ("R",), 0.01)


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


def test_real_sequences_have_no_known_truth():
    entry = {"kind": "tiles", "settings": {"sequences": ["s"], "width": 7}}
    found = of_study("windows", entry, PATTERNS, 41, seed=5)
    assert found.conditions == found.contrasts == ()
    null = {"kind": "dinucleotide", "settings": {}}
    rng = np.random.default_rng(0)
    truth = truths(laboratory.load("LabR"), found, null, REFERENCE, 53, rng)
    assert truth.mean.shape == truth.error.shape == truth.skewness.shape == (0, 1)
    assert compare("here", tables("profile", 53), found, truth, ("R",)).empty


@pytest.mark.parametrize("kind", ["profile", "dinucleotide"])
def test_right_tables_agree(kind):
    table = marks(kind, tables(kind))
    # The site, the mean of its controls, and the difference of the two.
    assert len(table) == 3
    assert table["passed"].all(), table
    # Three rows of 1 % together, bent a little by skewness.
    assert table["high"].iloc[0] == pytest.approx(2.935, abs=0.1)
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
    chosen = design()
    one = dataclasses.replace(chosen, contrasts=chosen.contrasts[:1])
    rows = tables("profile").iloc[:1]
    still = rows.assign(estimate=0.0, se=0.0)
    zero = np.zeros((1, 1))
    truth = Truth(zero, zero, zero, zero)
    assert compare("x", still, one, truth, ("R",))["passed"].all()
    moved = dataclasses.replace(truth, mean=zero + 0.1)
    assert not compare("x", still, one, moved, ("R",))["passed"].any()


def test_float_noise_of_a_truth_is_no_difference():
    rows = tables("profile", 53).assign(estimate=0.0, se=0.0)
    mean, error, zero = np.full((3, 1), 4e-16), np.full((3, 1), 1e-18), np.zeros((3, 1))
    truth = Truth(mean, error, zero, zero)
    assert (compare("here", rows, design(), truth, ("R",))["value"] == 0).all()
    moved = dataclasses.replace(truth, mean=mean + 1e-3)
    assert not compare("here", rows, design(), moved, ("R",))["passed"].any()


def test_a_study_that_met_no_rare_background_is_right():
    """Nine in ten studies of 100 see none of an effect that one background in 1,000 makes up."""
    rows, one = tables("profile").iloc[:1], design()
    one = dataclasses.replace(one, contrasts=one.contrasts[:1])
    share, single = 1e-3, np.ones((1, 1))
    sd = np.sqrt(share * (1 - share))
    truth = Truth(share * single, 0 * single, sd * single, (1 - 2 * share) / sd * single)
    none = rows.assign(estimate=0.0, se=0.0, n=100)
    (mark,) = compare("here", none, one, truth, ("R",)).itertuples()
    assert mark.passed and mark.value == pytest.approx(-0.316, abs=0.001)
    assert mark.low == pytest.approx(-3.29, abs=0.01) and mark.high > 8
    twice = rows.assign(estimate=0.02, se=0.014, n=100)
    assert compare("here", twice, one, truth, ("R",))["passed"].all()
    many = rows.assign(estimate=0.2, se=0.04, n=100)
    assert not compare("here", many, one, truth, ("R",))["passed"].any()
