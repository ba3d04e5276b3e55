"""A study's own designs on laboratory models: right estimates pass, wrong ones are named."""

import numpy as np
import pytest

from giaflow import validation
from giaflow.base.checks import InputError
from giaflow.base.seeds import generator
from giaflow.edits.patterns import Pattern
from giaflow.experiments.kinds import global_importance, spacing
from giaflow.models.formula_model import FormulaModel
from giaflow.nulls import profile
from giaflow.plot.page.pages import calibration_page
from giaflow.validation.calibration.designs import of_experiment
from giaflow.validation.calibration.settings import Repeats
from giaflow.validation.calibration.study_checks import calibrate, check_passed
from giaflow.validation.oracles.simulation import simulate

REPEATS = Repeats(n=211, replicates=47, null_experiments=101)
SESOI = np.array([0.25])


def frequencies(length=41):
    codes = simulate(length, 307, np.random.default_rng(1))
    return profile.matrix(codes, profile.Settings())


def embedding(*patterns):
    settings = global_importance.Settings(scrambles=0, reverse=False)
    listed = [Pattern(text, text) for text in patterns]
    return of_experiment("embed", "global_importance", settings, listed, 41, generator(0))


def gap_scan():
    settings = spacing.Settings(first="UGCAUG", second="UGCAUG", gaps=[0, 2, 4, 8])
    return of_experiment("gaps", "spacing", settings, [], 41, generator(0))


def marks(name, designs, formula=None):
    oracle = validation.load(name)
    model = FormulaModel(formula or oracle, oracle.length, oracle.targets, oracle.unit)
    return calibrate(model, oracle, designs, frequencies(), SESOI, REPEATS, seed=0)


def test_a_study_on_the_right_model_is_judged_by_every_check():
    table = marks("LabR", [embedding("UGCAUG", "ACACAA"), gap_scan()])
    counts = table["check"].value_counts()
    # 2 patterns; 1 site, 4 second sites, 4 pairs and their 4 interactions.
    judged = counts["coverage"] + counts.filter(like="coverage, skewed").sum()
    assert judged + counts.filter(like="far too few").sum() == counts["bias, SE"] == 2 + 13
    assert counts["coverage"] >= 10
    # By t and by random signs.
    assert counts.filter(like="A/A rejections").sum() == 2
    assert counts["profile RMSE / SE"] == counts["steric threshold"] == 1
    assert counts["verdict effect"] >= 11
    assert "verdict inert" not in counts
    # 47 replicates are too few for the bands, but not for the claims.
    claims = table[table["check"].str.contains("verdict|steric|RMSE")]
    assert claims["passed"].all(), claims
    held = table[table["check"] == "coverage, all rows"]["value"]
    assert held.between(0.9, 0.99).all()


def test_effects_that_never_vary_are_called_inert():
    table = marks("Inert", [embedding("GCGCGC"), gap_scan()])
    inert = table[table["check"] == "verdict inert"]["design"]
    # The pattern lies in the blind window; every interaction of a linear model is zero.
    assert sum("interaction" in name for name in inert) == 4
    assert list(inert).count("embed") == 1


def test_a_wrong_model_is_named():
    right = validation.load("LabR")

    def wrong(x):
        return 1.05 * right(x)

    table = marks("LabR", [embedding("UGCAUG")], wrong).assign(model="mine")
    with pytest.raises(
        InputError, match=r"marks failed\nmine: bias, SE of embed: .* is outside \["
    ):
        check_passed(table)
    # A change of nothing stays without effect, whatever the model.
    nothing = table[table["check"].str.startswith("A/A")]["value"]
    right = marks("LabR", [embedding("UGCAUG")])
    right = right[right["check"].str.startswith("A/A")]["value"]
    assert nothing.tolist() == pytest.approx(right.tolist(), abs=0.02)


def test_a_link_has_no_exact_truth():
    with pytest.raises(InputError, match="'LabR_sigmoid' has a link"):
        marks("LabR_sigmoid", [embedding("UGCAUG")])


def test_simulated_letters_differ_by_position():
    codes = simulate(11, 20_011, np.random.default_rng(0))
    shares = np.stack([(codes == letter).mean(axis=0) for letter in range(4)])
    assert shares.shape == (4, 11)
    # A Dirichlet distribution with 20 a letter has a standard deviation of 0.048 around 1/4.
    assert 0.03 < shares.std() < 0.07
    assert shares.mean(axis=1) == pytest.approx([0.25] * 4, abs=0.05)
    # Positions are independent: neighbouring letters agree as often as their shares say.
    together = (codes[:, 1:] == codes[:, :-1]).mean(axis=0)
    assert together == pytest.approx((shares[:, 1:] * shares[:, :-1]).sum(axis=0), abs=0.015)


def test_the_page_names_failed_marks_first():
    table = marks("LabR", [embedding("UGCAUG")]).assign(model="mine")
    table["passed"] = table["check"] != "coverage"
    page = calibration_page(table)
    assert f"{len(table) - 1} of {len(table)} marks passed" in page
    assert page.index("<h2>failed</h2>") < page.index("<h2>coverage</h2>")
    assert "<h2>failed</h2>" not in calibration_page(table[table["check"] == "bias"])
    one = table.iloc[[0]].assign(value=0.25, low=-1.5, high=12.75)
    assert '<td class="number">−1.5 to 12.8</td>' in calibration_page(one)
