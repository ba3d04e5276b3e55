"""Occlusion and tiles of real sequences, custom conditions, and how many backgrounds."""

from itertools import pairwise

import numpy as np
import pytest
from bench import conditions_of, one, pick, run, uniform
from hypothesis import given
from hypothesis import strategies as st
from test_single import counting, linear

from giaflow.alphabet import UNKNOWN, encode, one_hot
from giaflow.checks import InputError
from giaflow.design import BACKGROUND, Contrast
from giaflow.replacements import Occlude, replace_windows
from giaflow.scan import covered, occurrences
from giaflow.stopping import FIRST_LOOK, grow

A, B = "ACGTTGCA", "GGATCCAT"


def real(rng, n=67):
    """Sequences without A or B but for those planted: A in the first 40, B in rows 20 to 54."""
    codes = uniform(rng, n)
    for text in (A, B):
        codes[covered(codes, text)] = 0
    codes[:40, 5:13] = encode(A)
    codes[20:55, 30:38] = encode(B)
    return codes


def occluded(rng, formula, **settings):
    settings = {"sequences": ["s"], "draws": 3, **settings}
    return run(
        "occlusion", settings, formula, real(rng), [("a", A), ("b", B)], donors=uniform(rng, 101)
    )


def test_necessity_is_the_value_of_what_was_removed(rng):
    table = occluded(rng, counting({A: 1.5, B: 1.0}))
    a, b = (one(table, estimand="necessity", target="one", pattern=p) for p in "ab")
    assert (a.n, b.n) == (40, 35)
    assert (a.estimate, b.estimate) == (pytest.approx(1.5), pytest.approx(1.0))
    both = one(table, estimand="necessity", target="two", pattern="a and b")
    assert (both.n, both.estimate) == (20, pytest.approx(5.0))


def test_the_double_mutant_cycle_of_additive_patterns_is_zero_and_of_others_is_not(rng):
    table = occluded(rng, counting({A: 1.5, B: 1.0}))
    row = one(table, estimand="interaction", target="one")
    assert (row.n, row.estimate) == (20, pytest.approx(0, abs=1e-6))
    table = occluded(rng, counting({A: 1.0, B: 1.0}, link=np.square))
    # (1 + 1)^2 - 1 - 1 + 0: one removed leaves the other.
    assert one(table, estimand="interaction", target="one").estimate == pytest.approx(2)


def test_a_pattern_that_no_sequence_holds_is_masked(rng):
    table = run(
        "occlusion", {"sequences": ["s"], "draws": 2}, counting({A: 1.0}), real(rng),
        [("absent", "GGGGCCCCGGGG")], donors=uniform(rng, 101),
    )  # fmt: skip
    row = one(table, estimand="necessity", target="two")
    assert (row.n, row.verdict, row.flags) == (0, "masked", "too_few")


@given(st.integers(0, 2**32), st.integers(0, 2))
def test_no_instance_is_left_and_nothing_else_is_touched(seed, mismatches):
    rng = np.random.default_rng(seed)
    codes, donors = real(rng), uniform(rng, 101)
    edited = Occlude(A, 1, 2, (A, B), mismatches).apply(codes, donors)
    marked = covered(codes, A, mismatches)
    assert not covered(edited, A, mismatches).any()
    assert (edited[~marked] == codes[~marked]).all()
    assert not (occurrences(edited, B) & ~occurrences(codes, B)).any()
    rows = marked.any(axis=1)
    assert ((edited != codes)[rows].sum(axis=1) * 2 >= marked[rows].sum(axis=1)).all()


def test_instances_that_share_letters_are_no_pair(rng):
    codes = real(rng)
    codes[60, 12:24] = encode("ACGTTGCAGGTT")
    alone = Occlude(A, 0).apply(codes, uniform(rng, 101))
    together = Occlude(A, 0, apart_from="CAGGTT").apply(codes, uniform(rng, 101))
    assert (alone[60] != codes[60]).any()
    assert (together[60] == codes[60]).all()
    assert (together[:40] != codes[:40]).any(axis=1).all()


def test_draws_take_other_letters(rng):
    codes, donors = real(rng), uniform(rng, 101)
    first, second = (Occlude(A, draw, 2).apply(codes, donors) for draw in (0, 1))
    assert (first[:40] != second[:40]).any(axis=1).all()


def test_donors_that_change_nothing_are_refused(rng):
    codes = real(rng)
    with pytest.raises(InputError, match=f"40 sequences hold {A} where no background has letters"):
        Occlude(A, 0).apply(codes, codes[:1])


def test_both_strands_and_mismatches_are_covered():
    codes = encode("AACGTTGNCATTACGTTAG")[None]
    assert covered(codes, "CGTTG").nonzero()[1].tolist() == [2, 3, 4, 5, 6]
    assert covered(codes, "CAACG").nonzero()[1].tolist() == [2, 3, 4, 5, 6]
    assert 13 in covered(codes, "CGTTG", 1).nonzero()[1]
    assert not covered(np.full((3, 7), UNKNOWN, np.uint8), "NNN").any()


def test_tiles_of_a_linear_model_are_sums_of_weights(rng):
    model, weights = linear(rng)
    codes, donors = uniform(rng), uniform(rng, 101)
    settings = {"sequences": ["s"], "width": 9, "draws": 2}
    table = run("tiles", settings, model, codes, donors=donors)
    rows = pick(table, estimand="necessity", target="two")
    assert rows["start"].tolist() == [0, 9, 18, 27, 36]
    for start in (0, 36):
        window = slice(start, start + 9)
        made = [replace_windows([[[start, start + 9]]], d, 2).apply(codes, donors) for d in (0, 1)]
        change = one_hot(codes)[:, window] - np.mean([one_hot(m)[:, window] for m in made], axis=0)
        expected = np.einsum("nla,la->n", change, weights[window, :, 1]).mean()
        assert one(rows, start=start).estimate == pytest.approx(expected, abs=1e-5)


def test_a_window_longer_than_the_sequence_is_refused():
    with pytest.raises(InputError, match="windows of 50 letters do not fit in 47"):
        conditions_of("tiles", {"sequences": ["s"], "width": 50})


CUSTOM = {
    "conditions": {
        "one": [{"text": "ACGTTG", "start": 3}],
        "two": [{"text": "ACGTTG", "start": 3}, {"text": "CAACGT", "start": 20, "strand": "-"}],
    },
    "contrasts": {"second copy": {"two": 1.0, "one": -1.0}},
}


def test_custom_conditions_and_contrasts(rng):
    codes = uniform(rng)
    codes[:, 20:26] = 0
    table = run("custom", CUSTOM, counting({"ACGTTG": 2.0}), codes)
    assert one(table, name="second copy", target="two").estimate == pytest.approx(4)
    assert one(table, name="one", target="one").estimate == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("contrast", "message"),
    [
        ({"two": 1.0, "on": -1.0}, "unknown condition 'on'.*did you mean 'one'"),
        ({"two": 1.0}, "the weights of contrast 'c' must add up to 0, not 1"),
    ],
)
def test_a_custom_contrast_that_is_none_is_refused(contrast, message):
    with pytest.raises(ValueError, match=message):
        conditions_of("custom", {**CUSTOM, "contrasts": {"c": contrast}})


@pytest.mark.parametrize(("target", "n"), [(None, 1000), (0.5, 200), (0.065, 1000), (0.09, 800)])
def test_backgrounds_are_predicted_until_intervals_are_narrow(target, n, rng):
    effects = rng.normal(size=1000).astype(np.float32)
    asked = []

    def predict(start, stop):
        asked.append((start, stop))
        return effects[None, start:stop, None], np.zeros((stop - start, 1), np.float32)

    contrast = Contrast({}, {0: 1.0, BACKGROUND: -1.0})
    predictions, baseline = grow(predict, [contrast], 1000, target)
    assert predictions.shape == (1, n, 1)
    assert baseline.shape == (n, 1)
    np.testing.assert_array_equal(predictions[0, :, 0], effects[:n])
    assert asked[0][0] == 0
    assert all(before[1] == after[0] for before, after in pairwise(asked))


def test_too_few_sequences_with_a_pattern_never_stop_the_growth(rng):
    changed = np.zeros((1, 1000), bool)
    changed[:, :: 1000 // FIRST_LOOK * 2] = True

    def predict(start, stop):
        return np.zeros((1, stop - start, 1), np.float32), np.zeros((stop - start, 1), np.float32)

    contrast = Contrast({}, {0: 1.0, BACKGROUND: -1.0}, present=True)
    predictions, _ = grow(predict, [contrast], 1000, 1.0, changed=changed)
    assert predictions.shape[1] == 1000
