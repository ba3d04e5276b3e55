"""Tables against the truth, under null models with and without an exact one."""

import dataclasses
import json

import numpy as np
import pytest

from giaflow import laboratory
from giaflow.edits import chunks
from giaflow.importance import importance_table
from giaflow.laboratory.agreement import compare, truths
from giaflow.laboratory.designs import of_study
from giaflow.laboratory.simulation import simulate
from giaflow.model.formula import FormulaModel
from giaflow.nulls import REGISTRY, backgrounds
from giaflow.stats import Judge

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
    truth, error = truths(laboratory.load("LabR"), design(), null, REFERENCE, 5003, rng)
    assert error.any() == (kind != "profile")
    return compare("here", rows, design(), truth, error, ("R",), 0.99)


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
    truth, error = truths(laboratory.load("LabR"), found, null, REFERENCE, 53, rng)
    assert truth.shape == error.shape == (0, 1)
    assert compare("here", tables("profile", 53), found, truth, error, ("R",), 0.99).empty


@pytest.mark.parametrize("kind", ["profile", "dinucleotide"])
def test_right_tables_agree(kind):
    table = marks(kind, tables(kind))
    # The site, the mean of its controls, and the difference of the two.
    assert len(table) == 3
    assert table["passed"].all(), table
    assert table["high"].iloc[0] == pytest.approx(2.935, abs=0.001)
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
    assert compare("x", still, one, zero, zero, ("R",), 0.99)["passed"].all()
    assert not compare("x", still, one, zero + 0.1, zero, ("R",), 0.99)["passed"].any()


def test_float_noise_of_a_truth_is_no_difference():
    rows = tables("profile", 53).assign(estimate=0.0, se=0.0)
    truth, error = np.full((3, 1), 4e-16), np.full((3, 1), 1e-18)
    assert (compare("here", rows, design(), truth, error, ("R",), 0.99)["value"] == 0).all()
    assert not compare("here", rows, design(), truth + 1e-3, error, ("R",), 0.99)["passed"].any()
