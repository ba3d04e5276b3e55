"""Patterns into real sequences, against linear, additive and counting models."""

import numpy as np
import pytest
from bench import conditions_of, one, pick, run, uniform
from test_single import counting, linear, linear_effect

from giaflow.base.alphabet import encode
from giaflow.base.checks import InputError
from giaflow.edits.embed import chunks
from giaflow.edits.patterns import Pattern
from giaflow.experiments.kinds import knock_in

A = "ACGTTGGA"
SETTINGS = {"sequences": ["s"], "start": 5, "draws": 3, "random": 0}


def negatives(rng, n=67):
    """Sequences of 47 letters without A at 5, whatever their other letters are."""
    codes = uniform(rng, n)
    codes[:, 5] = 3
    return codes


def test_a_knock_in_into_a_linear_model_is_its_weights_minus_what_stood_there(rng):
    model, weights = linear(rng)
    codes, donors = negatives(rng), uniform(rng, 101)
    table = run("knock_in", SETTINGS, model, codes, [("a", A)], donors=donors)
    for t, target in enumerate(("one", "two")):
        row = one(table, estimand="knock_in", target=target, role="pattern")
        expected = linear_effect(weights, codes, A, 5)[t]
        assert (row.n, row.estimate) == (67, pytest.approx(expected, abs=1e-5))
        _, conditions = conditions_of("knock_in", SETTINGS, 47, [("a", A)])
        drawn = np.concatenate(list(chunks(conditions, codes, donors=donors)))[-3:]
        expected = model.predict(drawn.reshape(-1, 47)).reshape(3, 67, -1)[:, :, t].mean()
        whole = one(table, estimand="adjusted_importance", target=target)
        with_it = row.estimate + model.predict(codes)[:, t].mean()
        assert whole.estimate == pytest.approx(with_it - expected, abs=1e-4)


def test_of_a_counting_model_a_pattern_counts_once_and_its_controls_nothing(rng):
    codes, donors = negatives(rng), negatives(rng, 101)
    settings = {**SETTINGS, "scrambles": 4, "reverse": True}
    patterns = [("a", A), ("a~1", "TCAGCAGT", "a"), ("a~2", "GCATCAGT", "a")]
    table = run("knock_in", settings, counting({A: 1.5}), codes, patterns, donors=donors)
    found = pick(table, estimand="knock_in", target="one").set_index("role")["estimate"]
    assert found["pattern"] == pytest.approx(1.5)
    assert found[["scrambled control", "reversed"]].tolist() == [0, 0]
    # A replaced window may spell the pattern by chance.
    _, conditions = conditions_of("knock_in", settings, 47, [("a", A)])
    drawn = np.concatenate(list(chunks(conditions, codes, donors=donors)))[-3:]
    chance = counting({A: 1.5}).predict(drawn.reshape(-1, 47))[:, 0].mean()
    assert found["replaced window"] == pytest.approx(chance) and chance < 0.03
    for estimand, expected in (("specific_importance", 1.5), ("adjusted_importance", 1.5 - chance)):
        assert one(table, estimand=estimand, target="one").estimate == pytest.approx(expected)


def test_additive_sites_add_where_a_sequence_holds_one_already(rng):
    codes = negatives(rng)
    codes[:30, 30:38] = encode(A)
    # Without replaced windows no donor is shared, and every sequence stands for itself.
    settings = {**SETTINGS, "redraw": False}
    table = run("knock_in", settings, counting({A: 1.0}, link=np.square), codes, [("a", A)])
    row = one(table, estimand="knock_in", target="one", role="pattern")
    # From 1 to 4 in the thirty, from 0 to 1 elsewhere: a sequence is the unit.
    assert row.estimate == pytest.approx((30 * 3 + 37) / 67)
    assert row.se == pytest.approx(np.std([3] * 30 + [1] * 37, ddof=1) / np.sqrt(67))


def test_the_empirical_rank_counts_random_orders(rng):
    settings = {**SETTINGS, "random": 19, "redraw": False}
    table = run("knock_in", settings, counting({A: 1.0}), negatives(rng), [("a", A)])
    row = one(table, estimand="empirical_rank", target="one")
    assert (row.estimate, row.p) == (1, pytest.approx(1 / 20))


def chosen(codes, **settings):
    settings = knock_in.Settings(sequences=["s"], **settings)
    patterns = [Pattern("a", A), Pattern("a~1", "TTTTTTTT", "a")]
    model = counting({"GGG": 1.0})
    return knock_in.choose(settings, patterns, codes, model.targets, model.predict)


def test_sequences_that_hold_a_pattern_are_left_out_and_the_lowest_taken(rng):
    codes = np.zeros((23, 47), np.uint8)
    codes[3, 5:13], codes[4, 9:17] = encode(A), encode("TCCAACGT")
    codes[10:, 20:23] = encode("GGG")
    codes[18:, 30:33] = encode("GGG")
    rows, words = chosen(codes)
    assert (rows.tolist(), words) == ([0, 1, 2, *range(5, 23)], None)
    assert len(chosen(codes, absent=False)[0]) == 23
    rows, words = chosen(codes, lowest=0.5, target="one")
    assert rows.tolist() == [0, 1, 2, *range(5, 13)]
    assert words == "the lowest 0.5 of predictions of one"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lowest": 0.5, "target": "tow"}, "unknown target 'tow'; .*did you mean 'two'"),
        ({"lowest": 0.01, "target": "two"}, "1 of 23 sequences are left for a knock-in"),
    ],
)
def test_a_choice_that_cannot_be_made_is_one_sentence(settings, message, rng):
    with pytest.raises(InputError, match=message):
        chosen(uniform(rng, 23), **settings)


def test_a_share_needs_a_target():
    with pytest.raises(ValueError, match="lowest and target go together"):
        conditions_of("knock_in", {"sequences": ["s"], "lowest": 0.5})


def test_a_scattered_pattern_has_no_window():
    _, listed = conditions_of("knock_in", {**SETTINGS, "scatter": True}, 47, [("a", A)])
    assert "replaced window" not in {c.labels["role"] for c in listed}
