"""Occlusion and tiles of real sequences, custom conditions, and how many backgrounds."""

from itertools import pairwise

import numpy as np
import pytest
from bench import conditions_of, one, pick, run, uniform
from hypothesis import given
from hypothesis import strategies as st
from test_single import counting, linear

from giaflow.base.alphabet import UNKNOWN, encode, one_hot
from giaflow.base.checks import InputError
from giaflow.edits.replace import Isolate, Occlude, keep_windows, replace_windows
from giaflow.models.formula_model import FormulaModel
from giaflow.sequences.pattern_search import covered, occurrences
from giaflow.statistics.contrasts import BACKGROUND, Contrast
from giaflow.statistics.stopping_rule import FIRST_LOOK, grow

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
    codes, donors = real(rng), uniform(rng, 101)
    for text in (A, B):
        donors[covered(donors, text)] = 0
    return run("occlusion", settings, formula, codes, [("a", A), ("b", B)], donors=donors)


def test_necessity_is_the_value_of_what_was_removed(rng):
    table = occluded(rng, counting({A: 1.5, B: 1.0}))
    a, b = (one(table, estimand="necessity", target="one", pattern=p) for p in "ab")
    assert (a.n, b.n) == (40, 35)
    assert (a.estimate, b.estimate) == (pytest.approx(1.5), pytest.approx(1.0))
    both = one(table, estimand="necessity", target="two", pattern="a and b")
    assert (both.n, both.estimate) == (20, pytest.approx(5.0))


def test_necessity_and_sufficiency_are_shares_of_intact_minus_backgrounds(rng):
    table = occluded(rng, counting({A: 1.5, B: 1.0}, link=lambda total: 7 + total))
    # 20 of the 40 sequences with A hold nothing else, 20 hold B too; backgrounds are worth 7.
    assert one(table, estimand="total", target="one", pattern="a").estimate == pytest.approx(2)
    for test in ("necessity", "sufficiency"):
        row = one(table, estimand=f"{test}_share", target="two", pattern="a")
        assert (row.n, row.unit, row.estimate) == (40, "share", pytest.approx(0.75))
        assert row.ci_low < 0.75 < row.ci_high
    table = occluded(rng, counting({A: 1.0, B: 1.0}, link=np.square))
    rows = pick(table, target="one", pattern="a").set_index("estimand")["estimate"]
    # (1 + 1)^2 = 4 in 20 sequences, 1 in 20; without A 1 and 0.
    assert rows["necessity_share"] == pytest.approx((3 + 1) / (4 + 1))
    assert rows["sufficiency_share"] == pytest.approx((1 + 1) / (4 + 1))
    table = occluded(rng, counting({A: 1.0}), shares=False)
    assert not {"total", "sufficiency"} & set(table["estimand"])


def test_a_share_of_nothing_is_masked(rng):
    table = occluded(rng, counting({"TTTTTTTTTT": 1.0}))
    assert set(pick(table, estimand="necessity_share")["verdict"]) == {"masked"}


def test_sites_are_removed_one_at_a_time_and_count_once_each(rng):
    codes = real(rng)
    codes[:10, 16:24] = encode(A)

    def sites(number):
        return run(
            "occlusion", {"sequences": ["s"], "draws": 2, "sites": number},
            counting({A: 1.0}, link=np.square), codes, [("a", A)], donors=uniform(rng, 101),
        )  # fmt: skip

    table = sites(2)
    by_site = pick(table, estimand="site_necessity", target="one").set_index("site")
    # One of two sites of 10 sequences is worth 4 - 1, the only one of 30 is worth 1.
    assert by_site["n"].to_dict() == {0: 40, 1: 10}
    assert by_site["estimate"].to_dict() == pytest.approx({0: (10 * 3 + 30) / 40, 1: 3})
    row = one(table, estimand="mean_site_necessity", target="one")
    assert (row.n, row.sites, row.estimate) == (40, 50, pytest.approx((20 * 3 + 30) / 50))
    assert (row.ci_low < row.estimate < row.ci_high, row.verdict) == (True, "effect")
    # Both at once are worth 4.
    whole = one(table, estimand="necessity", target="one", pattern="a")
    assert whole.estimate == pytest.approx((10 * 4 + 30) / 40)
    row = one(sites(1), estimand="mean_site_necessity", target="two")
    assert row.sites == 40


def test_pairs_are_read_by_distance(rng):
    """A and B are worth 1 and 2, and 4 more with centres within 20 letters."""
    codes = real(rng)
    codes[30:40, 20:38] = codes[0, 20:38]
    codes[30:40, 18:26] = encode(B)
    # ATGGATCCAT would be B on both strands.
    codes[20:30, 29] = codes[30:40, 17] = 1

    def formula(x):
        a, b = (
            np.einsum(
                "nlaw,wa->nl",
                np.lib.stride_tricks.sliding_window_view(x, 8, axis=1),
                one_hot(encode(text)[None])[0],
            )
            == 8
            for text in (A, B)
        )
        near = np.abs(np.subtract.outer(np.arange(40), np.arange(40))) <= 20
        together = np.einsum("ni,ij,nj->n", a.astype(float), near, b.astype(float))
        return np.stack([a.sum(axis=1) + 2 * b.sum(axis=1) + 4 * together] * 2, axis=1)

    table = run(
        "occlusion",
        {"sequences": ["s"], "draws": 2, "distances": [20.0, 30.0], "per_distance": 10},
        FormulaModel(formula, 47, ("one", "two")),
        codes,
        [("a", A), ("b", B)],
        donors=uniform(rng, 101),
    )
    table = pick(table, target="one")
    rows = pick(table, estimand="interaction_by_distance").set_index("distances")
    assert rows.drop("each")["n"].to_dict() == {"0 to 20": 10, "20 to 30": 10}
    assert rows.loc["0 to 20", "estimate"] == pytest.approx(4)
    assert rows.loc["20 to 30", "estimate"] == pytest.approx(0, abs=1e-6)
    each = pick(table, estimand="interaction_by_distance", distances="each")
    assert dict(zip(each["distance"], each["estimate"], strict=True)) == pytest.approx(
        {13: 4, 25: 0}, abs=1e-6
    )
    # Removing B where A stays; and A's fold by B: (1 + 4) / 1.
    near = {"distances": "0 to 20"}
    found = one(table, estimand="necessity_by_distance", pattern="b", beside="a", **near)
    assert found.estimate == pytest.approx(6)
    found = one(table, estimand="fold_by_distance", pattern="a", beside="b", **near)
    assert (found.estimate, found.unit) == (pytest.approx(5), "fold")
    found = one(table, estimand="fold_by_distance", pattern="b", beside="a", **near)
    assert found.estimate == pytest.approx(3)


def test_patterns_that_never_stand_together_have_no_rows_by_distance(rng):
    codes = real(rng)
    codes[20:40, 30:38] = 0
    table = run(
        "occlusion", {"sequences": ["s"], "draws": 2}, counting({A: 1.0}), codes,
        [("a", A), ("b", B)], donors=uniform(rng, 101),
    )  # fmt: skip
    for estimand in ("interaction", "necessity_beside"):
        assert set(pick(table, estimand=estimand)["verdict"]) == {"masked"}
    assert not table["estimand"].str.contains("distance").any()


def test_distances_that_do_not_rise_are_refused():
    with pytest.raises(ValueError, match=r"distances must rise from above 0, got \[70.0, 35.0\]"):
        conditions_of("occlusion", {"sequences": ["s"], "distances": [70.0, 35.0]})


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


@given(st.integers(0, 2**32), st.integers(1, 9))
def test_what_replaces_are_letters_of_a_background_at_their_places_and_no_shuffle(seed, draws):
    """Of 8 letters a shuffle would have few orders and keep their composition."""
    rng = np.random.default_rng(seed)
    codes, donors = real(rng), uniform(rng, 101)
    edited = Occlude(A, draws - 1, draws).apply(codes, donors)
    window = slice(5, 13)
    assert (edited[:40, None, window] == donors[None, :, window]).all(axis=2).any(axis=1).all()
    letters = np.sort(edited[:40, window], axis=1)
    assert (letters != np.sort(encode(A))).any(axis=1).mean() > 0.5


def test_one_site_goes_and_the_others_stay(rng):
    codes = real(rng)
    codes[:40, 16:24] = encode(A)
    donors = uniform(rng, 101)
    first, second = (Occlude(A, 0, site=k).apply(codes, donors) for k in (0, 1))
    assert (first[:40, 16:24] == encode(A)).all() and (second[:40, 5:13] == encode(A)).all()
    assert (first[:40, 5:13] != encode(A)).any(axis=1).all()
    assert (second[:40, 16:24] != encode(A)).any(axis=1).all()
    assert (Occlude(A, 0, site=2).apply(codes, donors) == codes).all()


@given(st.integers(0, 2**32), st.integers(0, 1))
def test_what_is_isolated_stands_in_its_background(seed, mismatches):
    rng = np.random.default_rng(seed)
    codes, donors = real(rng), uniform(rng, 101)
    alone = Isolate(A, 1, 3, mismatches).apply(codes, donors)
    bare = keep_windows([[]], 1, 3).apply(codes, donors)
    marked = covered(codes, A, mismatches)
    held = marked.any(axis=1)
    assert (alone[held] == np.where(marked, codes, bare)[held]).all()
    assert (bare[:, None] == donors).all(axis=2).any(axis=1).all()
    assert (alone[~held] == codes[~held]).all()


def test_donors_that_change_nothing_are_refused(rng):
    codes = real(rng)
    with pytest.raises(InputError, match=f"40 sequences hold {A} where no background has letters"):
        Occlude(A, 0).apply(codes, codes[[0, 0]])


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
