"""Declared marks: right on small sizes, and each names what is wrong."""

import dataclasses

import numpy as np
import pytest

from giaflow import validation
from giaflow.models.formula_model import FormulaModel
from giaflow.nulls import profile
from giaflow.validation.calibration import designs, marks_dna, marks_rna
from giaflow.validation.calibration.bench import Bench, together
from giaflow.validation.calibration.settings import Repeats
from giaflow.validation.oracles.simulation import simulate

SMALL = Repeats(n=100, replicates=23, null_experiments=61, deals=3, truth=3001)


def opened(name):
    oracle = validation.load(name)
    edits = oracle.predict_edits
    model = FormulaModel(oracle, oracle.length, oracle.targets, oracle.unit, edits=edits)
    return model, oracle


def bench(name, formula=None):
    model, oracle = opened(name)
    if formula is not None:
        model = FormulaModel(formula, oracle.length, oracle.targets)
    codes = simulate(oracle.length, 1009, np.random.default_rng(1))
    sesoi = np.array([0.25]) if name == "LabR" else np.array([0.1, 0.1])
    matrix = profile.matrix(codes, profile.Settings())
    return Bench(model, oracle, matrix, sesoi, SMALL, 1, opened)


def values(parts):
    """Value and whether it passed, by check and design, of tables of marks."""
    return {
        (row.check, row.design): (row.value, row.passed)
        for part in parts
        for row in part.itertuples()
    }


@pytest.fixture(scope="module")
def rna():
    return bench("LabR")


def test_every_model_s_marks_are_registered():
    assert validation.marks("LabR") == marks_rna.__name__
    assert validation.marks("LabD") == marks_dna.__name__
    named = [mark.__name__ for module in (marks_rna, marks_dna) for mark in module.MARKS]
    assert {"power", "screen", "sequential", "hairpin", "period", "direction"} <= set(named)


def test_designs_together_are_those_alone(rna):
    chosen = designs.RNA_EFFECTS[:2] + designs.RNA_INTERACTIONS[:2]
    joined = together("all", chosen)
    alone = np.concatenate([rna.truth(design) for design in chosen])
    assert rna.truth(joined) == pytest.approx(alone)
    assert len(set(joined.labels)) == 4


def test_additivity_is_rejected_only_where_sites_hinder_each_other(rna, monkeypatch):
    monkeypatch.setattr(marks_rna, "STUDIES", 3)
    found = values(marks_rna.additivity(rna))
    assert found == {
        ("additivity rejected", "3 x A@4,12,20"): (1, True),
        ("additivity equivalent", "3 x A@0,16,27"): (1, True),
        ("additivity equivalent", "3 x A@1,13,26"): (1, True),
    }


def test_power_has_the_value_of_its_plan(rna):
    found = values(marks_rna.power(rna, n=200))
    assert found["power at d_z 0.2", "d_z 0.2, n = 200"][0] == pytest.approx(0.8, abs=0.06)
    curve = [value for (check, _), (value, _) in found.items() if "minus" in check]
    assert len(curve) == 4 and np.abs(curve).max() < 0.06


def test_a_screen_has_20_true_patterns_and_few_false_claims(rna, monkeypatch):
    monkeypatch.setattr(marks_rna, "STUDIES", 2)
    found = values(marks_rna.screen(rna, n=60, controls=1))
    assert found["false discovery rate", "screen"][0] < 0.06
    assert 0.3 < found["true ones found", "screen"][0] < 1


def test_runs_that_stop_by_themselves_cover(rna):
    found = values(marks_rna.sequential(rna, cap=800))
    # 23 runs a design: a right rule misses five or more of them once in 200 times.
    assert len(found) == 3 and min(value for value, _ in found.values()) > 0.8


def test_the_steric_threshold_and_the_profile_are_found(rna):
    found = values(marks_rna.spacing(dataclasses.replace(rna, settings=SMALL)))
    assert found["steric threshold", "A x A, gap 3"] == (1, True)
    assert found["profile RMSE / SE", "A x A"][1]


def test_a_model_without_hindrance_fails_its_marks():
    from giaflow.validation.oracles.linear_forms import sites
    from giaflow.validation.oracles.rna import SITE_ROWS

    def additive(x):
        return 4 * sites(x.astype(float), SITE_ROWS).at.sum(axis=1)[:, None]

    found = values(marks_rna.spacing(bench("LabR", additive)))
    assert found["steric threshold", "A x A, gap 3"] == (0, False)
    assert not found["profile RMSE / SE", "A x A"][1]


def test_equivalence_is_called(rna):
    found = values(marks_rna.equivalence(rna))
    assert all(passed for _, passed in found.values()) and len(found) == 2


def test_the_period_of_a_wave_is_found_and_a_decay_has_none():
    found = values(marks_dna.period(bench("LabD"), n=61, studies=1))
    assert found["period", "N x N, smallest of the studies"][0] == pytest.approx(10.5, abs=0.1)
    assert found["false periodicity", "S x N, a decay"] == (0, True)
    assert all(passed for _, passed in found.values())


def test_noise_has_the_correlation_asked_for():
    curves = marks_dna._autoregressive(np.random.default_rng(0), 3001, 7, 0.9)
    assert curves.std(axis=0) == pytest.approx(np.ones(7), abs=0.06)
    assert np.corrcoef(curves[:, 2], curves[:, 3])[0, 1] == pytest.approx(0.9, abs=0.02)


def test_noise_has_no_period():
    found = values(marks_dna.noise(bench("LabD"), n=37, many=60))
    # 60 tests at 5 %: more than nine rejections have a probability of 1 in 1,000.
    assert len(found) == 2 and max(value for value, _ in found.values()) <= 0.15


def test_the_direction_is_that_of_the_formula(monkeypatch):
    monkeypatch.setattr(marks_dna, "STUDIES", 3)
    found = values(marks_dna.direction(bench("LabD"), n=31))
    assert set(found.values()) == {(1.0, True)} and len(found) == 2
