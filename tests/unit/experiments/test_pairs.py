"""Spacing and periodicity, on models whose interaction is a formula."""

import numpy as np
import pytest
from bench import conditions_of, one, pick, run, uniform

from giaflow.base.alphabet import encode, one_hot
from giaflow.base.checks import InputError
from giaflow.edits.junctions import created
from giaflow.models.formula_model import FormulaModel


def occupancy(x, text):
    """Exact matches (N, L - W + 1) of letters in one-hot x."""
    weights = one_hot(encode(text)[None])[0]
    windows = np.lib.stride_tricks.sliding_window_view(x, len(text), axis=1)
    return np.einsum("nlaw,wa->nl", windows, weights) == len(text)


def pair_model(length, first="TTTGCAT", second="ACAATGG", law=lambda d: 2.0 * (d >= 10)):
    """A + B, plus a bonus law(start distance) for each pair A...B."""

    def formula(x):
        a, b = occupancy(x, first), occupancy(x, second)
        total = 1.0 * a.sum(axis=1) + 3.0 * b.sum(axis=1)
        for d in range(1, b.shape[1]):
            both = a[:, : b.shape[1] - d] & b[:, d : d + a.shape[1]]
            total += law(d) * both.sum(axis=1)
        return np.stack([total, 5 * total], axis=1)

    return FormulaModel(formula, length, ("one", "five"))


SETTINGS = {"first": "TTTGCAT", "second": "ACAATGG", "gaps": [0, 1, 3, 4, 9]}


def test_the_interaction_of_a_pair_is_the_bonus_of_its_distance(rng):
    table = run("spacing", SETTINGS, pair_model(47), uniform(rng))
    found = pick(table, estimand="interaction", target="one").set_index("gap")["estimate"]
    assert found.to_dict() == pytest.approx({0: 0, 1: 0, 3: 2, 4: 2, 9: 2}, abs=1e-6)
    row = one(table, estimand="interaction", target="five", gap=9)
    assert row.estimate == pytest.approx(10, abs=1e-5)
    assert (row.start_distance, row.centre_distance) == (16, 16)
    threshold = one(table, estimand="steric_threshold", target="five")
    assert (threshold.estimate, threshold.unit) == (0, "letters")


def test_steric_threshold_is_the_nearest_gap_without_hindrance(rng):
    model = pair_model(47, law=lambda d: -2.0 * (d < 10))
    table = run("spacing", SETTINGS, model, uniform(rng))
    assert one(table, estimand="steric_threshold", target="one").estimate == 3


def test_the_fold_is_one_plus_interaction_over_the_first_alone(rng):
    table = run("spacing", SETTINGS, pair_model(47), uniform(rng))
    level = one(table, estimand="level", target="one").estimate
    fold = one(table, estimand="fold", target="one", gap=4)
    assert fold.estimate == pytest.approx(1 + 2 / level, abs=1e-6)
    assert fold.unit == "fold"
    assert np.isnan(fold.sesoi)


def test_the_best_gap_is_measured_on_half_of_the_backgrounds(rng):
    model = pair_model(47, law=lambda d: 4.0 * (d == 16) + 2.0)
    row = one(run("spacing", SETTINGS, model, uniform(rng)), estimand="best_interaction",
              target="one")  # fmt: skip
    assert (row.gap, row.n) == (9, 30)
    assert row.estimate == pytest.approx(6, abs=1e-6)


def test_every_arm_of_all_orientations_and_orders_is_made_once():
    every = {**SETTINGS, "orientations": ["++", "+-", "-+", "--"],
             "orders": ["first-second", "second-first"]}  # fmt: skip
    _, listed = conditions_of("spacing", every)
    arms = [c.labels["arm"] for c in listed]
    assert [arms.count(a) for a in ("first alone", "second alone", "pair")] == [2, 20, 40]
    left = [c.labels for c in listed if c.labels["order"] == "second-first"]
    assert all(c["start_distance"] == -c["gap"] - 7 for c in left)


@pytest.mark.parametrize(
    ("first", "second", "pairs"),
    [
        ("TGACTCA", "TGACTCA", 3),  # nearly a palindrome, but not one: ++, +-, -+
        ("CACGTG", "CACGTG", 1),
        ("CACGTG", "TTTGCAT", 4),  # the strand of a palindrome changes nothing
        ("GAATGGT", "TTTGCAT", 8),
    ],
)
def test_arrangements_that_spell_the_same_are_made_once(first, second, pairs):
    settings = {"first": first, "second": second, "gaps": [2],
                "orientations": ["++", "+-", "-+", "--"],
                "orders": ["first-second", "second-first"]}  # fmt: skip
    _, listed = conditions_of("spacing", settings)
    assert [c.labels["arm"] for c in listed].count("pair") == pairs


def test_the_best_of_all_arrangements_is_told_with_and_without_the_luck(rng):
    """No arrangement does anything: only noise makes one the best, and it is gone on the others."""
    codes = uniform(rng, 201)
    noise = rng.normal(size=(47, 4))
    model = FormulaModel(lambda x: np.tanh(np.einsum("nla,la->n", x, noise))[:, None], 47, ("one",))
    settings = {**SETTINGS, "orientations": ["++", "+-", "-+"]}
    table = run("spacing", settings, model, codes)
    honest, lucky = (
        one(table, estimand=f"best_arrangement{end}", target="one") for end in ("", "_as_chosen")
    )
    assert (honest.arrangement, honest.gap) == (lucky.arrangement, lucky.gap)
    pairs = pick(table, estimand="interaction", target="one")
    whole = one(pairs, arrangement=honest.arrangement, gap=honest.gap).estimate
    assert whole == pytest.approx((101 * lucky.estimate + 100 * honest.estimate) / 201)
    assert (honest.n, lucky.n) == (100, 101)
    assert (lucky.verdict, lucky.flags.split(", ")[0]) == ("derived", "winner")


def test_overlap_is_refused_unless_allowed_and_then_flagged(rng):
    settings = {"first": "TGCATG", "second": "TGCATG", "gaps": [-2, 3]}
    with pytest.raises(ValueError, match="gaps must be 0 or more without allow_overlap"):
        conditions_of("spacing", settings)
    model = pair_model(47, "TGCATG", "TGCATG", law=lambda d: 2.0)
    table = run("spacing", {**settings, "allow_overlap": True}, model, uniform(rng))
    assert (
        one(table, estimand="interaction", target="one", gap=-2).flags.split(", ")[0] == "overlap"
    )
    assert one(table, estimand="interaction", target="one", gap=3).flags in ("", "rare")


def test_a_copy_spelt_across_the_joint_is_flagged(rng):
    settings = {"first": "TGCATG", "second": "TGCATG", "gaps": [1, 2, 3]}
    table = run("spacing", settings, pair_model(47, "TGCATG", "TGCATG"), uniform(rng))
    flags = pick(table, estimand="interaction", target="one").set_index("gap")["flags"]
    # In 1 of 16 backgrounds the letters between make a third copy: that gap rests on few of them.
    found = {gap: told.split(", ")[0] == "junction" for gap, told in flags.items()}
    assert found == {1: False, 2: True, 3: False}


def test_what_a_joint_creates():
    assert created([("UGCAUG", 0), ("UGCAUG", 8)], ["UGCAUG"], False) == [("UGCAUG", 4, 2)]
    assert created([("UGCAUG", 0), ("UGCAUG", 9)], ["UGCAUG"], False) == []
    assert created([("TTTG", 0), ("ACC", 4)], ["GGTC"], False) == []
    assert created([("TTTG", 0), ("ACC", 4)], ["GGTC"]) == [("GACC", 3, 0)]
    assert created([("TTTG", 0), ("ACC", 4)], ["GGTCA"]) == [("TGACC", 2, 0)]


def test_a_log_interaction_is_zero_where_effects_multiply(rng):
    base = pair_model(47, law=lambda d: 0.0)
    model = FormulaModel(lambda x: np.exp(base.formula(x)), 47, ("one", "five"))
    table = run("spacing", {**SETTINGS, "log": True}, model, uniform(rng))
    rows = pick(table, estimand="log_interaction")
    assert np.abs(rows["estimate"]).max() < 1e-4
    assert set(rows["unit"]) == {"log ratio"}
    assert (pick(table, estimand="interaction", target="one")["estimate"] > 10).all()


def test_the_logarithm_of_a_negative_prediction_is_masked(rng):
    base = pair_model(47)
    model = FormulaModel(lambda x: -1 - base.formula(x), 47, ("one", "five"))
    rows = pick(run("spacing", {**SETTINGS, "log": True}, model, uniform(rng)),
                estimand="log_interaction")  # fmt: skip
    assert set(rows["verdict"]) == {"masked"}


def test_a_pair_that_does_not_fit_names_the_starts():
    _, listed = conditions_of("spacing", {**SETTINGS, "gaps": [40]}, length=47)
    with pytest.raises(InputError, match=r"'ACAATGG' at start=47 needs positions 47..53"):
        listed[1].apply(np.zeros((1, 47), np.uint8))


WAVE = {"first": "TTTGCAT", "second": "ACAATGG", "nearest": 4, "farthest": 66}


@pytest.mark.parametrize(
    ("law", "verdict"),
    [
        (lambda d: np.exp(-d / 40) * (1 + np.cos(2 * np.pi * d / 10.5)), "effect"),
        (lambda d: 2 * np.exp(-d / 50), "inconclusive"),
    ],
)
def test_a_period_is_found_where_there_is_one(law, verdict, rng):
    table = run("periodicity", WAVE, pair_model(83, law=law), uniform(rng, 23, 83))
    wave = one(table, estimand="wave", target="five")
    assert wave.verdict == verdict
    if verdict == "effect":
        period = one(table, estimand="period", target="five")
        assert period.estimate == pytest.approx(10.5, abs=0.2)
        assert period.p < 0.01


def test_a_scan_of_less_than_five_periods_is_refused():
    with pytest.raises(ValueError, match=r"a period of 10.5 needs 52.5 gaps or more, got 30"):
        conditions_of("periodicity", {**WAVE, "farthest": 33})
