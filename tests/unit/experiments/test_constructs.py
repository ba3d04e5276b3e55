"""Interaction, hairpin, composition, words, mutagenesis and flanks, against closed forms."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from bench import conditions_of, one, pick, run, uniform
from hypothesis import given
from hypothesis import strategies as st
from models import occurrences
from test_single import LENGTH, counting, linear, linear_effect

from giaflow.base.alphabet import DNA, UNKNOWN, decode, encode
from giaflow.base.checks import InputError
from giaflow.edits.embed import Hairpin
from giaflow.experiments.summaries.kmer_screen import word_matrix
from giaflow.models.formula_model import FormulaModel
from giaflow.sequences.folding import energies, pairing, with_energies

PARTS = {
    "a": {"text": "ACG", "start": 2},
    "b": {"text": "TTG", "start": 11},
    "c": {"text": "GGA", "start": 23},
}


def present(x):
    """Whether each of the three parts stands at its place, (3, N) of 0 and 1."""
    codes = {letter: i for i, letter in enumerate(DNA)}
    found = []
    for part in PARTS.values():
        hits = [x[:, part["start"] + i, codes[t]] for i, t in enumerate(part["text"])]
        found.append(np.prod(hits, axis=0))
    return found


def test_moebius_sums_are_the_coefficients_of_a_polynomial(rng):
    def formula(x):
        a, b, c = present(x)
        second = a * b * 2
        return np.stack([a + 3 * b + 0.5 * a * b - 2 * b * c + 4 * a * b * c, second], axis=1)

    codes = uniform(rng)
    codes[:, :30] = 3  # no part stands there by chance
    model = FormulaModel(formula, LENGTH, ("one", "two"))
    table = run("interaction", {"parts": PARTS, "log": False}, model, codes)
    found = pick(table, estimand="interaction", target="one").set_index("subset")["estimate"]
    expected = {"a + b": 0.5, "a + c": 0, "b + c": -2, "a + b + c": 4}
    assert found.to_dict() == pytest.approx(expected, abs=1e-6)
    assert one(table, estimand="interaction", target="two", subset="a + b").estimate == 2


def test_interactions_of_a_linear_model_are_inert(rng):
    table = run("interaction", {"parts": PARTS}, linear(rng)[0], uniform(rng))
    rows = pick(table, estimand="interaction")
    assert np.abs(rows["estimate"]).max() < 1e-6


def test_the_direction_of_an_interaction_that_one_output_alone_has(rng):
    def formula(x):
        a, b, _ = present(x)
        return np.stack([a + 2 * a * b * (1 + x[:, 40, 0]), b + 0 * a], axis=1)

    two = {name: PARTS[name] for name in "ab"}
    model = FormulaModel(formula, LENGTH, ("one", "two"))
    settings = {"parts": two, "direction": ["one", "two"]}
    row = one(run("interaction", settings, model, uniform(rng)), estimand="direction_index")
    assert (row.estimate, row.target) == (1, "one")
    assert (row.ci_low, row.ci_high) == (1, 1)
    with pytest.raises(InputError, match=r"unknown target 'tow'; .*did you mean 'two'"):
        run("interaction", {**settings, "direction": ["one", "tow"]}, model, uniform(rng))


def test_the_direction_of_no_interaction_is_masked(rng):
    two = {name: PARTS[name] for name in "ab"}
    table = run("interaction", {"parts": two, "direction": ["one", "two"]}, linear(rng)[0],
                uniform(rng))  # fmt: skip
    assert one(table, estimand="direction_index").verdict == "masked"


def test_direction_needs_two_patterns():
    with pytest.raises(ValueError, match="direction needs two patterns and two different targets"):
        conditions_of("interaction", {"parts": PARTS, "direction": ["x", "y"]})


# hairpin


@pytest.mark.parametrize("form", ["paired", "swapped"])
def test_every_pair_of_a_stem_pairs(form, rng):
    codes = uniform(rng, 29, 41)
    edited = Hairpin(8, 9, 7, form).apply(codes)
    for i in range(9):
        np.testing.assert_array_equal(edited[:, 8 + i], 3 - edited[:, 32 - i])
    outside = [*range(8), *range(17, 24), *range(33, 41)]
    np.testing.assert_array_equal(edited[:, outside], codes[:, outside])
    same_arm = (edited[:, 8:17] == codes[:, 8:17]).all()
    assert same_arm == (form == "paired")


@given(st.integers(0, 2**32), st.integers(3, 12), st.integers(0, 3), st.floats(0.1, 1))
def test_every_pair_of_every_construct_holds(seed, stem, left, wobble):
    """Position p faces c - p, in every context and on every background, the pattern's too."""
    rng = np.random.default_rng(seed)
    codes = uniform(rng, 29, 41)
    settings = {"pattern": "GUU", "left": left, "stem": stem, "wobble": wobble, "shift": 3}
    _, listed = conditions_of("hairpin", settings, 41, seed=seed)
    for condition in listed:
        context, place = condition.labels["context"], condition.labels["place"]
        made = condition.apply(codes)
        start = left - min(3, left) if context == "shifted" else left
        one = made[:, start : start + stem]
        other = made[:, start + stem + 7 : start + 2 * stem + 7][:, ::-1]
        if context in ("hairpin", "swapped", "shifted"):
            assert pairing(one, other, wobble=True).all()
            if wobble == 1 and context == "hairpin":
                # Every G and U of the left arm that can wobble does.
                assert not pairing(one, other, wobble=False)[one >= 2].any()
        if place == "stem":
            first = left + (stem - 3) // 2
            assert (made[:, first : first + 3] == encode("GUU")).all()
        if place == "loop":
            first = left + stem
            assert (made[:, first : first + 3] == encode("GUU")).all()


def test_wobble_turns_its_share_of_pairs_and_no_other(rng):
    codes = uniform(rng, 997, 41)
    _, listed = conditions_of("hairpin", {"pattern": "GCTGG", "wobble": 0.4}, 41)
    [made] = [c.apply(codes) for c in listed if c.labels["arm"] == "hairpin alone"]
    left, facing = made[:, 8:17], made[:, 24:33][:, ::-1]
    assert (left == codes[:, 8:17]).all()
    turned = pairing(left, facing, True) & ~pairing(left, facing, False)
    assert turned[left >= 2].mean() == pytest.approx(0.4, abs=0.03)
    assert not turned[left < 2].any()


@pytest.mark.parametrize("wobble", [0.0, 0.5])
def test_a_broken_stem_keeps_its_letters_and_loses_its_pairs(wobble, rng):
    codes = uniform(rng, 997, 41)
    drawn = rng.random((997, 9)) < wobble
    paired, broken = (Hairpin(8, 9, 7, form, drawn).apply(codes) for form in ("paired", "broken"))
    np.testing.assert_array_equal(
        np.sort(paired[:, 24:33], axis=1), np.sort(broken[:, 24:33], axis=1)
    )
    held = pairing(broken[:, 8:17], broken[:, 24:33][:, ::-1], wobble=True).sum(axis=1)
    # At random 3 of 8 letters would pair. Only arms of nearly one letter keep pairs.
    assert (held == 0).mean() > 0.3
    assert held.mean() < 1.6
    whole = np.full((1, 41), 2, np.uint8)
    same = Hairpin(8, 9, 7, "broken").apply(whole)
    assert (same[:, 24:33] == 1).all(), "an arm of one letter cannot lose its pairs"


def test_no_order_of_a_short_arm_pairs_less_than_the_broken_one(rng):
    codes = uniform(rng, 31, 23)
    paired, broken = (Hairpin(2, 5, 7, form).apply(codes) for form in ("paired", "broken"))
    left = broken[:, 2:7]
    fewest = [
        pairing(left, paired[:, 14:19][:, list(order)], wobble=True).sum(axis=1)
        for order in permutations(range(5))
    ]
    held = pairing(left, broken[:, 14:19][:, ::-1], wobble=True).sum(axis=1)
    np.testing.assert_array_equal(held, np.min(fewest, axis=0))


def test_constructs_fold_as_firmly_as_their_pairs_allow(rng):
    codes = uniform(rng, 19, 41)
    _, listed = conditions_of("hairpin", {"pattern": "GCTGG"}, 41)
    found = {c.labels["arm"]: energies(c.apply(codes)).mean() for c in listed}
    for arm in ("hairpin alone", "swapped alone", "hairpin, pattern in stem"):
        assert found[arm] < found["broken alone"] - 3
    assert energies(encode("GGGGAAAACCCC")[None]).tolist() == [pytest.approx(-5.4, abs=0.01)]
    assert energies(np.full((3, 41), UNKNOWN, np.uint8)).tolist() == [0, 0, 0]


def test_a_row_tells_the_mean_energy_of_its_constructs():
    table = pd.DataFrame({"condition": ["b", "a", "c"], "n": [5, 5, 5]})
    found = with_energies(table, ["a", "b"], np.array([[-1.0, -2.0], [-3.0, -5.0]]))
    assert list(found) == ["condition", "energy", "n"]
    assert found["energy"].tolist()[:2] == [-4, -1.5]
    assert np.isnan(found["energy"][2])


def hairpin_model():
    """The pattern GCTGG at 17 counts 1, and 2 more if four pairs of 13..16 and 24..27 hold."""

    def formula(x):
        hit = np.prod([x[:, 17 + i, DNA.index(t)] for i, t in enumerate("GCTGG")], axis=0)
        stem = np.prod([(x[:, 16 - i] * x[:, 24 + i, ::-1]).sum(axis=1) for i in range(4)], axis=0)
        at_stem = np.prod([x[:, 10 + i, DNA.index(t)] for i, t in enumerate("GCTGG")], axis=0)
        blocked = x[:, 10] * x[:, 30, ::-1]
        return (hit + 2 * hit * stem + at_stem - at_stem * blocked.sum(axis=1))[:, None]

    return FormulaModel(formula, 41, ("one",))


def test_a_pattern_that_wants_a_loop(rng):
    codes = uniform(rng, 211, 41)
    codes[:, 17:22] = 0  # no pattern by chance
    codes[:, 8:17] = rng.integers(0, 2, (211, 9))  # no pair by chance: A and C alone
    codes[:, 24:33] = rng.integers(0, 2, (211, 9))
    table = run("hairpin", {"pattern": "GCTGG"}, hairpin_model(), codes)
    found = pick(table, estimand="context_interaction", place="loop").set_index("context")
    assert found.loc[["hairpin", "swapped"], "estimate"].tolist() == pytest.approx([2, 2])
    # The model wants its four pairs at one place: neither broken nor moved do they hold.
    assert found.loc[["broken", "shifted"], "estimate"].abs().max() < 0.5
    stem = one(table, estimand="context_interaction", place="stem")
    # Without the hairpin G at 10 pairs with 30 where that is a C.
    assert stem.estimate == pytest.approx(np.mean(codes[:, 30] == 1) - 1, abs=1e-6)


def test_a_pattern_too_long_for_the_loop_is_refused():
    with pytest.raises(ValueError, match="at offset 4 does not fit in a loop of 7 letters"):
        conditions_of("hairpin", {"pattern": "GCTGG", "offset": 4})


def test_a_pattern_too_long_for_the_stem_has_no_stem_arm():
    _, listed = conditions_of("hairpin", {"pattern": "GCTGG", "stem": 4})
    assert "stem" not in {c.labels["place"] for c in listed}


# regional composition


def test_gc_at_the_three_prime_end_helps_the_pattern(rng):
    pattern = "ACGTTGA"

    def formula(x):
        hit = np.prod([x[:, 20 + i, DNA.index(t)] for i, t in enumerate(pattern)], axis=0)
        gc = x[:, 40:46][:, :, [1, 2]].sum(axis=(1, 2)) / 6
        return np.stack([0.3 * gc + 2 * hit * gc, hit], axis=1)

    codes = uniform(rng, 397)
    codes[:, 20] = 3  # no pattern by chance
    model = FormulaModel(formula, LENGTH, ("one", "two"))
    settings = {"pattern": pattern, "rich": 0.9}
    table = run("regional_composition", settings, model, codes)
    share = codes[:, 40:46]
    share = np.isin(share, [1, 2]).mean()
    repeat = one(table, estimand="interaction", target="one", region="3'", fill="GC repeat")
    assert repeat.estimate == pytest.approx(2 * (1 - share), abs=1e-5)
    gain = pick(table, estimand="rich_minus_poor", target="one").set_index(["region", "fill"])
    assert gain.loc[("3'", "GC repeat"), "estimate"] == pytest.approx(2, abs=1e-5)
    assert gain.loc[("3'", "GC-rich draws"), "estimate"] == pytest.approx(1.6, abs=0.1)
    assert gain.loc[("5'", "GC repeat"), "estimate"] == 0
    three = one(table, estimand="three_minus_five", target="one", fill="GC repeat")
    assert three.estimate == pytest.approx(2 * (1 - share), abs=1e-5)
    assert (pick(table, estimand="interaction", target="two")["verdict"] == "inert").all()


def test_every_fill_also_stands_alone():
    _, listed = conditions_of("regional_composition", {"pattern": "ACGTTGA"})
    arms = [(c.labels["region"], c.labels["fill"], c.labels["pattern_present"]) for c in listed]
    assert len(set(arms)) == len(arms) == 17


# words


def test_a_screen_finds_the_planted_word_and_its_matrix(rng):
    model = counting({"CATG": 2.0, "CATC": 1.0})
    table = run("kmer_screen", {"k": 4, "aligned": 2}, model, uniform(rng, 17))
    rows = pick(table, estimand="global_importance", target="one")
    assert len(rows) == 256
    assert rows.sort_values("estimate")["letters"].iloc[-1] == "CATG"
    matrix = pick(table, estimand="word_matrix", target="one").set_index(["position", "letter"])
    assert matrix.loc[(0, "C"), "estimate"] == 1
    assert matrix.loc[(3, "G"), "estimate"] > matrix.loc[(3, "C"), "estimate"] > 0
    assert matrix.groupby("position")["estimate"].sum().tolist() == pytest.approx([1] * 4)


def test_shifted_words_are_aligned_to_the_first():
    matrix = word_matrix(["TGCATG", "GCATGA"], [3.0, 1.0])
    np.testing.assert_allclose(matrix.max(axis=1), 1)
    assert decode(matrix.argmax(axis=1)) == "TGCATG"


def test_words_of_weight_zero_leave_an_even_matrix():
    np.testing.assert_array_equal(word_matrix(["ACG"], [0.0]), np.full((3, 4), 0.25))


def test_seven_letters_are_the_most():
    with pytest.raises(ValueError, match="less than or equal to 7"):
        conditions_of("kmer_screen", {"k": 8})


# mutagenesis


def test_mutations_of_a_linear_model_are_differences_of_weights(rng):
    model, weights = linear(rng)
    codes = uniform(rng)
    table = run("motif_mutagenesis", {"pattern": "ACNTT", "start": 3}, model, codes)
    rows = pick(table, estimand="mutation", target="two")
    assert len(rows) == 12
    for row in rows.itertuples():
        at, was = 3 + row.position, DNA.index("ACNTT"[int(row.position)])
        at = int(at)
        change = weights[at, DNA.index(row.letter), 1] - weights[at, was, 1]
        assert row.estimate == pytest.approx(change, abs=1e-5)


def test_effects_that_follow_affinities_correlate_with_them(rng):
    words = {"TGCATGT": 1.0, "AGCATGT": 3.0, "TGTATGT": 40.0, "TACATGT": 300.0, "TGCATAT": 900.0}
    values = {text: -np.log(k) for text, k in words.items()}
    values["TGCATAT"] -= 0.7
    settings = {"pattern": "TGCATGT", "affinities": words}
    table = run("motif_mutagenesis", settings, counting(values), uniform(rng))
    row = one(table, estimand="affinity_correlation", target="one")
    assert row.estimate > 0.99
    assert row.p < 0.01
    assert row.ci_low < row.estimate < row.ci_high


def test_two_affinities_are_no_correlation():
    with pytest.raises(ValueError, match="affinities must be 3 or more constants above 0"):
        conditions_of("motif_mutagenesis", {"pattern": "ACG", "affinities": {"ACG": 1.0}})


# flanks


def test_letters_of_flanks_have_the_main_effects_of_a_linear_model(rng):
    model, weights = linear(rng)
    codes = uniform(rng)
    table = run("flanks", {"pattern": "NACGN", "start": 4}, model, codes)
    assert len(pick(table, estimand="fill", target="one")) == 16
    for position, at in ((0, 4), (4, 8)):
        rows = pick(table, estimand="letter", target="one", position=position)
        expected = weights[at, :, 0] - weights[at, :, 0].mean()
        np.testing.assert_allclose(rows["estimate"], expected, atol=1e-5)
    row = one(table, estimand="global_importance", target="one", letters="TACGA")
    assert row.estimate == pytest.approx(linear_effect(weights, codes, "TACGA", 4)[0], abs=1e-5)


def test_too_many_wildcards_are_refused():
    with pytest.raises(ValueError, match="has 6 wildcards N; 1 to 5 can be filled"):
        conditions_of("flanks", {"pattern": "NNNACGNNN"})


def test_what_a_fill_takes_of_a_pattern_is_told_as_a_difference_and_as_a_share(rng):
    """4 for the pattern, 0.5 for each G or C near the 3' end, 3 more for both together."""

    def formula(x):
        hit = occurrences(x[:, 20:27], "GATTACA")[:, 0]
        right = x[:, 40:46, 1:3].sum(axis=(1, 2))
        return (4 * hit + 0.5 * right + 3 * hit * (right == 6))[:, None]

    codes = uniform(rng)
    codes[:, 20], codes[:, 40] = 0, 3  # neither the pattern nor six G or C by chance
    model = FormulaModel(formula, LENGTH, ("one",))
    table = run("regional_composition", {"pattern": "GATTACA", "start": 20}, model, codes)
    poor = 6 - np.isin(codes[:, 40:46], (1, 2)).sum(axis=1).mean()
    gain = 0.5 * poor + 3
    right = {"fill": "GC repeat", "region": "3'"}
    assert one(table, estimand="fill_gain", **right).estimate == pytest.approx(gain, abs=1e-5)
    row = one(table, estimand="fill_bias", **right)
    assert row.estimate == pytest.approx(-gain / 4, abs=1e-5) and row.unit == "share"
    assert row.ci_low < row.estimate < row.ci_high < 0
    left = one(table, estimand="fill_bias", fill="GC repeat", region="5'")
    assert left.estimate == pytest.approx(0, abs=1e-6)
    (ends,) = pick(table, estimand="end_bias", arm="3' minus 5' GC repeat").itertuples()
    assert ends.estimate == pytest.approx(gain / 4, abs=1e-5)


def test_shares_of_a_pattern_without_an_effect_are_masked(rng):
    model = counting({"GGG": 1.0})
    codes = uniform(rng)
    codes[:] = 0
    table = run("regional_composition", {"pattern": "ATTA", "start": 20}, model, codes)
    assert pick(table, estimand="fill_bias")["verdict"].eq("masked").all()
    assert pick(table, estimand="end_bias")["estimate"].isna().all()
