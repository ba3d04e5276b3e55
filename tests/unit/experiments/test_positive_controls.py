"""Positive controls: named or chosen, and never measured on what chose them."""

import numpy as np
import pandas as pd
import pytest
from models import counting

from giaflow import experiments
from giaflow.edits.embed import chunks
from giaflow.edits.patterns import Pattern
from giaflow.experiments.positive_controls import (
    COLUMNS,
    candidates,
    control_effects,
    positive_controls,
)

LENGTH = 29
TARGETS = ("GAT", "TTT")


def measured(kind, settings, codes, patterns=()):
    """Candidates of one experiment on a counting model."""
    module, model = experiments.REGISTRY.load(kind), counting(LENGTH, list(TARGETS))
    settings = module.Settings(**settings)
    conditions = module.conditions(settings, list(patterns), LENGTH, np.random.default_rng(0))
    predictions = model.predict_edits(codes, chunks(conditions, codes))
    contrasts = module.contrasts(settings, conditions)
    return candidates(kind, contrasts, predictions, model.predict(codes))


@pytest.fixture
def listed(rng):
    codes = rng.integers(0, 4, (211, LENGTH), dtype=np.uint8)
    patterns = [Pattern("once", "GAT"), Pattern("twice", "GATGAT"), Pattern("other", "TTTT")]
    return measured("global_importance", {"random": 3}, codes, patterns)


def test_controls_of_patterns_are_no_candidates(listed):
    assert [name for _, name, _ in listed] == ["once", "twice", "other"]


def test_a_named_control_is_measured_on_all_backgrounds(listed):
    table = positive_controls(listed, TARGETS, {"GAT": "once"})
    row = table.set_index("target").loc["GAT"]
    values = listed[0][2][:, 0]
    assert (row["control"], row["chosen"], row["n"]) == ("once", "named", 211)
    assert row["estimate"] == pytest.approx(values.mean()) and row["used"]


def test_the_strongest_is_chosen_on_one_half_and_measured_on_the_other(listed):
    table = positive_controls(listed, TARGETS, {}).set_index("target")
    assert table["control"].to_dict() == {"GAT": "twice", "TTT": "other"}
    assert table.loc["GAT", "estimate"] == pytest.approx(listed[1][2][1::2, 0].mean())
    assert table.loc["GAT", "n"] == 105


def test_the_best_word_of_a_screen_is_a_control(rng):
    codes = rng.integers(0, 4, (53, LENGTH), dtype=np.uint8)
    table = positive_controls(measured("kmer_screen", {"k": 3}, codes), TARGETS, {})
    assert table["control"].tolist() == list(TARGETS)


def test_only_named_controls_set_what_is_small(listed):
    table = positive_controls(listed, TARGETS, {"GAT": "once"})
    assert set(control_effects(table)) == set(TARGETS)
    assert set(control_effects(table, ("named",))) == {"GAT"}


def test_a_control_without_an_effect_is_not_used(listed):
    idle = [("e", "idle", np.resize([[1.0, -1.0], [-1.0, 1.0]], (40, 2)))]
    table = positive_controls(idle, TARGETS, {"GAT": "idle", "TTT": "missing"})
    assert table[["target", "used"]].to_numpy().tolist() == [["GAT", False]]
    assert control_effects(table) == {}


def test_chance_makes_no_control_on_average(rng):
    """Of 31 candidates that do nothing the best looks large only where it was chosen."""
    found = []
    for _ in range(200):
        idle = [("e", str(i), rng.normal(size=(60, 1))) for i in range(31)]
        (row,) = positive_controls(idle, ("one",), {}).itertuples()
        found.append((row.estimate, row.used))
    estimates, used = np.transpose(found)
    assert abs(estimates.mean()) < 4 / np.sqrt(30 * 200)
    assert used.mean() == pytest.approx(0.05, abs=0.05)


def test_no_experiment_gives_no_control():
    table = positive_controls([], (), {"GAT": "once"})
    assert table.empty and tuple(table.columns) == COLUMNS and control_effects(table) == {}
    assert isinstance(table, pd.DataFrame)
