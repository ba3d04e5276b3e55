"""Experiments with one pattern, on models whose effects are known."""

import numpy as np
import pytest
from bench import conditions_of, one, pick, run, uniform
from scipy.stats import kstest

from giaflow.base.alphabet import decode, encode, one_hot
from giaflow.base.checks import InputError
from giaflow.edits.embed import Embed, EmbedEach, Redraw
from giaflow.edits.patterns import Pattern, draw, opposite
from giaflow.models.formula_model import FormulaModel
from giaflow.statistics.contrasts import BACKGROUND, Contrast, weigh
from giaflow.statistics.estimates import paired

LENGTH = 47


def linear(rng, length=LENGTH):
    """A position-specific linear model with two targets, and its weights (L, 4, T)."""
    weights = rng.normal(size=(length, 4, 2))
    model = FormulaModel(lambda x: np.einsum("nla,lat->nt", x, weights), length, ("one", "two"))
    return model, weights


def counting(texts, length=LENGTH, link=lambda total: total):
    """Counts exact copies of words, each times its value."""

    def formula(x):
        total = np.zeros(len(x))
        for text, value in texts.items():
            weights = one_hot(encode(text)[None])[0]
            windows = np.lib.stride_tricks.sliding_window_view(x, len(text), axis=1)
            total += value * (np.einsum("nlaw,wa->nl", windows, weights) == len(text)).sum(axis=1)
        return np.stack([link(total), link(2 * total)], axis=1)

    return FormulaModel(formula, length, ("one", "two"))


def linear_effect(weights, codes, text, start):
    """Mean effect (T,) of letters at a start under linear weights, by hand."""
    window = one_hot(codes).mean(axis=0)[start : start + len(text)]
    change = one_hot(encode(text)[None])[0] - window
    return np.einsum("la,lat->t", change, weights[start : start + len(text)])


def test_global_importance_of_a_linear_model(rng):
    model, weights = linear(rng)
    codes = uniform(rng)
    table = run("global_importance", {}, model, codes, [("p", "ACGTTGA")])
    expected = linear_effect(weights, codes, "ACGTTGA", 20)
    found = pick(table, estimand="global_importance", role="pattern")
    np.testing.assert_allclose(found["estimate"], expected, atol=1e-5)
    backwards = pick(table, estimand="global_importance", role="reversed")
    np.testing.assert_allclose(
        backwards["estimate"], linear_effect(weights, codes, "AGTTGCA", 20), atol=1e-5
    )
    assert set(backwards["letters"]) == {"AGTTGCA"}


def test_the_mean_over_all_words_of_a_site_independent_null_is_zero(rng):
    """Sum of q(k) I(k) over words is zero: an effect is relative to the average word."""
    model, _ = linear(rng)
    codes = np.stack(np.meshgrid(*[np.arange(4, dtype=np.uint8)] * 2), axis=-1).reshape(-1, 2)
    codes = np.concatenate([codes, rng.integers(0, 4, (16, 9), dtype=np.uint8)], axis=1)
    model, _ = linear(rng, 11)
    table = run("kmer_screen", {"k": 2, "start": 0}, model, codes)
    effects = pick(table, estimand="global_importance", target="two")["estimate"]
    assert len(effects) == 16
    assert effects.mean() == pytest.approx(0, abs=1e-6)


def test_the_best_word_is_measured_on_backgrounds_that_did_not_choose_it(rng):
    codes = uniform(rng, 61, 11)
    model = counting({"GAC": 1.0}, 11)
    table = run("kmer_screen", {"k": 3, "start": 4}, model, codes)
    row = one(table, estimand="best_word", target="one")
    edited = Embed("GAC", 4).apply(codes)
    expected = (model.predict(edited) - model.predict(codes))[1::2, 0].mean()
    assert (row.letters, row.n, row.estimate) == ("GAC", 30, pytest.approx(expected))


@pytest.mark.parametrize("n", [60, 61])
def test_a_redrawn_window_is_zero_on_average_whatever_the_model(n, rng):
    """x and x with a fresh window are exchangeable: p is uniform under any model."""
    model = counting({"ACG": 1.0, "TT": 2.0, "GA": -1.0}, 31, link=np.tanh)
    weights = {0: 1.0, BACKGROUND: -1.0}
    contrast = Contrast({}, weights, "redraw", step=2)
    p = []
    for _ in range(1000):
        codes = uniform(rng, n, 31)
        edited = model.predict(Redraw(11, 20).apply(codes))
        effects = weigh(contrast, edited[None], model.predict(codes))
        assert len(effects) == 30
        p.append(paired(effects, np.ones(2)).p[0])
    assert 0.037 <= np.mean(np.array(p) < 0.05) <= 0.064
    assert kstest(p, "uniform").pvalue > 0.001


def test_the_redrawn_window_is_a_row_of_the_table(rng):
    table = run("global_importance", {}, linear(rng)[0], uniform(rng), [("p", "ACGTTGA")])
    row = one(table, estimand="redraw", target="one")
    assert (row.n, row.role, row.start) == (30, "redrawn window", 20)


def test_an_adjusted_effect_is_the_pattern_minus_its_redrawn_window(rng):
    model, codes = counting({"GATTA": 2.0}), uniform(rng, 60)
    settings = {"scrambles": 0, "random": 0, "start": 20}
    table = run("global_importance", settings, model, codes, [("a", "GATTA")])
    row = one(table, estimand="adjusted_importance", target="one")
    # Every second background; the others give the windows.
    embedded = model.predict(Embed("GATTA", 20).apply(codes))[::2]
    redrawn = model.predict(Redraw(20, 25).apply(codes))[::2]
    assert (row.n, row.role) == (30, "pattern")
    assert row.estimate == pytest.approx((embedded - redrawn)[:, 0].mean())


def test_a_redrawn_window_of_a_pair_by_hand():
    codes = np.arange(15, dtype=np.uint8).reshape(5, 3) % 4
    edited = Redraw(1, 3).apply(codes)
    np.testing.assert_array_equal(edited[[0, 2], 1:], codes[[1, 3], 1:])
    np.testing.assert_array_equal(edited[[1, 3, 4]], codes[[1, 3, 4]])
    np.testing.assert_array_equal(edited[:, 0], codes[:, 0])


def test_the_tests_of_redrawn_windows_are_calibrated(rng):
    """Fresh windows of a linear model: p-values of 20 mini-experiments, uniform."""
    table = run("global_importance", {"random": 0}, linear(rng)[0], uniform(rng, 1201),
                [("p", "ACGTTGA")])  # fmt: skip
    for row in pick(table, estimand="redraw_calibration").itertuples():
        assert row.estimate <= 0.2 and row.ci_low <= 0.05 <= row.ci_high and row.p > 0.01
        assert row.unit == "share of tests" and row.role == "redrawn window"
    few = run("global_importance", {"random": 0}, linear(rng)[0], uniform(rng), [("p", "ACGT")])
    assert pick(few, estimand="redraw_calibration").empty


def test_a_test_that_does_not_hold_is_seen():
    """Windows that are not exchangeable: every second background has other letters."""
    codes = np.zeros((800, LENGTH), np.uint8)
    codes[1::2] = 2
    codes[:, ::3] = np.random.default_rng(0).integers(0, 4, (800, 16))
    table = run("global_importance", {"random": 0}, counting({"G": 1.0}), codes, [("p", "ACGTTGA")])
    row = one(table, estimand="redraw_calibration", target="one")
    assert row.estimate == 1 and row.p < 1e-6


def test_the_reverse_complement_is_a_control_of_models_that_read_one_strand(rng):
    model = counting({"ACGTTGA": 1.0, "TCAACGT": 0.25})
    settings = {"complement": True, "random": 0, "redraw": False}
    table = run("global_importance", settings, model, uniform(rng), [("p", "ACGTTGA")])
    row = one(table, role="reverse complement", target="one")
    assert row.letters == "TCAACGT" and row.estimate == pytest.approx(0.25, abs=0.1)


def test_random_controls_rank_a_pattern(rng):
    model = counting({"ACGTTGA": 1.0})
    settings = {"random": 19, "reverse": False, "redraw": False}
    table = run("global_importance", settings, model, uniform(rng), [("p", "ACGTTGA")])
    row = one(table, estimand="empirical_rank", target="one")
    assert row.p == pytest.approx(1 / 20)
    assert row.estimate == 1
    # The controls are read by the rank alone; 19 rows more would hide what a study is about.
    assert table["role"].unique().tolist() == ["pattern"]


def test_a_pattern_is_not_its_own_rival():
    """Of three orders of AAC one is the pattern's own; of AAA there is no other."""
    settings = {"random": 47, "reverse": False, "redraw": False}
    codes = np.full((1, 19), 3, np.uint8)
    for text, expected in (("AAC", {"ACA", "CAA"}), ("AAA", {"AAA"})):
        _, listed = conditions_of("global_importance", settings, 19, [("p", text)])
        mixed = [c for c in listed if c.labels["role"] == "random control"]
        assert {decode(c.apply(codes, None)[0, 8:11]) for c in mixed} == expected
        assert len(mixed) == 47


def test_iupac_letters_are_drawn_for_each_background_and_n_keeps_its_own(rng):
    instances = draw(Pattern("p", "ARNS"), rng)
    assert instances.letters.shape[0] > 1000
    counts = [np.bincount(column, minlength=5) for column in instances.letters.T]
    assert np.flatnonzero(counts[0]).tolist() == [0]
    assert np.flatnonzero(counts[1]).tolist() == [0, 2]
    assert np.flatnonzero(counts[2]).tolist() == [4]
    assert np.flatnonzero(counts[3]).tolist() == [1, 2]
    assert counts[1][0] / len(instances.letters) == pytest.approx(0.5, abs=0.05)


def test_instances_of_a_matrix_follow_its_probabilities(rng):
    matrix = np.array([[0.7, 0.1, 0.1, 0.1], [0.0, 0.0, 0.25, 0.75]])
    letters = draw(Pattern("p", "AT", matrix=matrix), rng).letters
    for column, expected in zip(letters.T, matrix, strict=True):
        shares = np.bincount(column, minlength=4) / len(letters)
        np.testing.assert_allclose(shares, expected, atol=0.03)


def test_an_instance_is_refused_where_a_letter_stands_for_several():
    with pytest.raises(ValueError, match="'R' stands for several letters: embed its instances"):
        Embed("AR", 3)


def test_scattered_instances_stand_anywhere_on_either_strand(rng):
    settings = {"scatter": True, "strand": "either", "reverse": False, "random": 0}
    _, [condition] = conditions_of("global_importance", settings, 19, [("p", "AACGG")])
    assert condition.labels["start"] is None
    edited = condition.apply(np.full((3001, 19), 4, np.uint8))
    texts = [decode(row) for row in edited]
    assert {t.strip("N") for t in texts} == {"AACGG", "CCGTT"}
    starts = np.bincount([len(t) - len(t.lstrip("N")) for t in texts], minlength=15)
    assert len(starts) == 15
    assert starts.min() > 130


@pytest.mark.parametrize("text", ["ACGGT", "ARNSY", "UUGCA", "BDHVKM"])
def test_the_opposite_strand_twice_is_the_text(text):
    assert opposite(opposite(text)) == text.replace("U", "T")
    assert opposite("AAGR") == "YCTT"


def test_each_background_keeps_its_instance_in_every_arm():
    letters = np.array([[0, 1], [2, 3], [3, 3]], np.uint8)
    edited = EmbedEach(letters, np.array([0, 2, 1])).apply(np.full((4, 5), 4, np.uint8))
    assert [decode(row) for row in edited] == ["ACNNN", "NNGTN", "NTTNN", "ACNNN"]


# position


def test_position_follows_the_weights_of_a_linear_model(rng):
    model, weights = linear(rng)
    codes = uniform(rng)
    table = run("position", {"starts": [0, 11, 40]}, model, codes, [("p", "ACGTTGA")])
    for start in (0, 11, 40):
        found = pick(table, estimand="global_importance", start=start)["estimate"]
        np.testing.assert_allclose(
            found, linear_effect(weights, codes, "ACGTTGA", start), atol=1e-5
        )
    rows = pick(table, estimand="global_importance")
    assert (rows["band_high"] - rows["band_low"] >= rows["ci_high"] - rows["ci_low"] - 1e-9).all()


def test_range_and_slope_of_a_pattern_that_grows_along_the_sequence(rng):
    """Copies count their start: slope 1 per letter, range the width of the sweep."""
    weights = one_hot(encode("ACGTTGA")[None])[0]

    def formula(x):
        windows = np.lib.stride_tricks.sliding_window_view(x, 7, axis=1)
        hit = np.einsum("nlaw,wa->nl", windows, weights) == 7
        return (hit * np.arange(41)).sum(axis=1, keepdims=True)

    model = FormulaModel(formula, LENGTH, ("one",))
    table = run("position", {"points": 6}, model, uniform(rng), [("p", "ACGTTGA")])
    found = one(table, estimand="range", target="one")
    assert (found.start, found.smallest_at, found.n) == (40, 0, 30)
    assert found.estimate == pytest.approx(40, abs=1)
    assert one(table, estimand="slope", target="one").estimate == pytest.approx(1, abs=0.05)
    # 61 backgrounds cannot tell how 41 positions vary together.
    assert one(table, estimand="slope_gls", target="one").verdict == "masked"


def test_a_line_through_the_effects_and_a_curve_that_is_none(rng):
    """Weights that grow with position: effects on a line for one target, on a parabola for two."""
    rise = np.arange(LENGTH)[:, None] * np.array([1.0, 0.0, 0.0, 0.0])
    weights = np.stack([0.1 * rise, 0.004 * rise**2], axis=2)
    model = FormulaModel(lambda x: np.einsum("nla,lat->nt", x, weights), LENGTH, ("one", "two"))
    table = run("position", {"starts": [3, 11, 20, 29, 38]}, model, uniform(rng, 203), [("p", "A")])
    line = one(table, estimand="slope_gls", target="one")
    # Three in four backgrounds gain an A.
    assert line.ci_low < 0.075 < line.ci_high and line.p < 1e-6 and line.unit == "per letter"
    assert one(table, estimand="linearity", target="one").p > 0.01
    assert one(table, estimand="linearity", target="two").p < 1e-6
    assert one(table, estimand="flatness", target="one").p < 0.01


def test_a_model_blind_to_position_is_flat(rng):
    table = run("position", {"points": 9}, counting({"ACGTTGA": 1.0}), uniform(rng),
                [("p", "ACGTTGA")])  # fmt: skip
    assert one(table, estimand="range", target="one").verdict in ("inert", "negligible")
    assert one(table, estimand="flatness", target="one").p > 0.05


# copies

COPIES = {"pattern": "ACGTTG", "slots": [0, 15, 31, 47]}


def test_copies_of_a_counting_model_add_up(rng):
    table = run("copies", COPIES, counting({"ACGTTG": 1.5}, 59), uniform(rng, 61, 59))
    residuals = pick(table, estimand="additivity_residual", target="two")
    assert residuals["copies"].tolist() == [2, 3, 4]
    assert np.abs(residuals["estimate"]).max() < 1e-6
    shares = pick(table, estimand="additivity_share", target="two")
    assert set(shares["verdict"]) == {"negligible"}
    means = pick(table, arm="mean over sets", estimand="global_importance", target="one")
    np.testing.assert_allclose(means["estimate"], 1.5 * means["copies"], atol=0.2)


def test_a_saturating_link_is_subadditive_and_its_curve_is_found(rng):
    score = np.array([1.0, -1.0, 2.0, -2.0])

    def formula(x):
        copies = counting({"ACGTTG": 1.0}, 59).formula(x)[:, 0]
        # Each number of copies has noise of its own, from a letter between the slots.
        rows = np.arange(len(x))
        noise = x[rows, 8 + np.minimum(copies.astype(int), 4)] @ score
        return (8 * -np.expm1(-0.4 * copies) + 0.1 * noise)[:, None]

    model = FormulaModel(formula, 59, ("one",))
    table = run("copies", COPIES, model, uniform(rng, 203, 59))
    shares = pick(table, estimand="additivity_share", target="one").set_index("copies")
    truth = {c: -np.expm1(-0.4 * c) / (c * -np.expm1(-0.4)) - 1 for c in (2, 3, 4)}
    assert shares["estimate"].to_dict() == pytest.approx(truth, abs=0.02)
    assert set(shares["verdict"]) == {"effect"}
    curves = pick(table, estimand="aicc_difference", target="one").set_index("curve")
    assert curves["estimate"].idxmin() == "saturating"
    assert curves.loc["linear", "p"] < 1e-6
    assert curves.loc["saturating", "p"] > 0.001
    assert one(table, estimand="exponent", target="one").ci_high < 1


def test_every_number_of_copies_has_two_sets_of_slots():
    _, listed = conditions_of("copies", COPIES, 59)
    sets = {}
    for condition in listed:
        sets.setdefault(condition.labels["copies"], []).append(condition.labels["slots"])
    assert {c: len(s) for c, s in sets.items()} == {1: 4, 2: 2, 3: 2, 4: 1}
    assert all(len(set(s)) == len(s) for s in sets.values())


def test_the_ceiling_of_a_link_is_flagged(rng):
    """Spread without copies over spread with them is the link's slope: for tanh(c) 1 - tanh^2."""
    score = rng.normal(size=(59, 4)) * 0.01
    score[[*range(0, 6), *range(15, 21), *range(31, 37), *range(47, 53)]] = 0

    def formula(x):
        copies = counting({"ACGTTG": 0.6}, 59).formula(x)[:, 0]
        noise = np.einsum("nla,la->n", x, score)
        return np.stack([np.tanh(copies + noise), copies + noise], axis=1)

    model, codes = FormulaModel(formula, 59, ("bounded", "free")), uniform(rng, 401, 59)
    codes = codes[["ACGTTG" not in decode(row) for row in codes]]
    table = run("copies", COPIES, model, codes)
    found = pick(table, estimand="sensitivity").set_index(["target", "copies"])
    for copies in (1, 2, 3, 4):
        slope = 1 - np.tanh(0.6 * copies) ** 2
        assert found.loc[("bounded", copies), "estimate"] == pytest.approx(slope, rel=0.15)
        assert found.loc[("free", copies), "estimate"] == pytest.approx(1, abs=0.15)
    flags = found["flags"]
    assert [flags["bounded", c] for c in (1, 2, 3, 4)] == [
        "",
        "saturates",
        "saturates",
        "saturates",
    ]
    assert set(flags["free"]) == {""}


def test_close_slots_are_flagged(rng):
    settings = {"pattern": "ACGTTG", "slots": [4, 12, 20]}
    table = run("copies", settings, counting({"ACGTTG": 1.0}), uniform(rng))
    assert set(pick(table, estimand="additivity_residual")["flags"].str.split(",").str[0]) == {
        "close_slots"
    }


def test_copies_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="8 copies of 'ACGTTG' do not fit in 47"):
        conditions_of("copies", {"pattern": "ACGTTG", "most": 8})
    with pytest.raises(ValueError, match=r"slots must be at least 2 and all different, got \[3\]"):
        conditions_of("copies", {"pattern": "ACGTTG", "slots": [3]})
    with pytest.raises(InputError, match="'ACGTTG' at 3 and 'ACGTTG' at 5 overlap"):
        conditions_of("copies", {"pattern": "ACGTTG", "slots": [3, 5]})
