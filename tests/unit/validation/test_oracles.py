"""The laboratory's models against closed forms, Monte Carlo and the published table."""

import itertools

import numpy as np
import pytest

from giaflow import validation
from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError
from giaflow.edits.embed import Condition, Embed
from giaflow.nulls.profile import draw_letters
from giaflow.statistics.contrasts import BACKGROUND, Contrast
from giaflow.validation.calibration import designs
from giaflow.validation.oracles.linear_forms import occupancy, overlay, pair_sum, preferences, sites
from giaflow.validation.truth.truth import exact, has_exact, monte_carlo, overwritten

RNA = np.random.default_rng(1).dirichlet([20] * 4, 41)
UNIFORM = np.full((200, 4), 0.25)


def truth_of(name, design, profile):
    return exact(validation.load(name), design, profile)[0]


def by_name(listed):
    return {design.name: design for design in listed}


# The table of the specification. It was printed from a formula in which the stem term used one
# position twice, so that it was not multilinear: that moved two of its numbers by one unit of the
# last digit (here 8.8809 for 8.8808, and a mean output of 0.61522 for 0.61523).
EFFECTS = {
    "A@17": 4.9504,
    "2 x A gap 0": 8.8909,
    "2 x A gap -2": 8.8809,
    "2 x A gap 3": 9.8908,
    "3 x A@4,12,20": 13.1994,
    "V@17": 1.0525,
    "V@9": 1.0513,
    "GC right": 0.2329,
    "GC left": 0.0711,
    "A@17 + GC right": 6.1892,
    "A@17 + GC left": 5.0212,
    "distractor@17": -0.1081,
    "scramble@17": 0.0021,
}
INTERACTIONS = {
    "A@17 x GC right": 1.0059,
    "A@17 x GC left": -0.0003,
    "A x A gap -2": -1.042,
    "A x A gap 0": -1.044,
    "A x A gap 1": -1.045,
    "A x A gap 2": -0.847,
    "A x A gap 3": -0.040,
    "A x A gap 6": -0.023,
}


@pytest.mark.parametrize(("name", "value"), EFFECTS.items())
def test_rna_effects_are_those_of_the_table(name, value):
    found = truth_of("LabR", by_name(designs.RNA_EFFECTS)[name], RNA)
    assert found == pytest.approx([value], abs=5.1e-5)


@pytest.mark.parametrize(("name", "value"), INTERACTIONS.items())
def test_rna_interactions_are_those_of_the_table(name, value):
    found = truth_of("LabR", by_name(designs.RNA_INTERACTIONS)[name], RNA)
    assert found == pytest.approx([value], abs=5.1e-5 if "GC" in name else 5.1e-4)


def test_every_design_of_the_table_is_tested():
    assert set(EFFECTS) == set(by_name(designs.RNA_EFFECTS))
    assert set(INTERACTIONS) == set(by_name(designs.RNA_INTERACTIONS))


@pytest.mark.parametrize(
    ("slots", "value"), [("4,12,20", -1.670), ("0,16,27", -0.022), ("1,13,26", -0.005)]
)
def test_rna_additivity_residuals_are_those_of_the_table(slots, value):
    found = truth_of("LabR", by_name(designs.RNA_ADDITIVITY)[f"3 x A@{slots}"], RNA)
    assert found == pytest.approx([value], abs=5.1e-4)


def test_mean_outputs_are_those_of_the_table():
    assert validation.load("LabR")(RNA[None]) == pytest.approx(np.array([[0.61522]]), abs=5.1e-6)
    found = validation.load("LabD")(UNIFORM[None])
    assert found == pytest.approx(np.array([[0.0962, 0.0146]]), abs=5.1e-5)


def test_dna_profile_of_distances_is_that_of_the_table():
    listed = [0.806, 1.187, 1.393, 1.359, 1.100, 0.710, 0.321, 0.061, 0.006, 0.159, 0.453, 0.776]
    first = Embed("AGCCATCA", 50)
    found = [
        truth_of("LabD", designs.interaction("", first, Embed("AGCCATCA", 50 + d)), UNIFORM)[0]
        for d in range(8, 20)
    ]
    assert found == pytest.approx(listed, abs=5.1e-4)


@pytest.mark.parametrize(("d", "value"), [(12, 0.940), (40, 0.537), (100, 0.162)])
@pytest.mark.parametrize("s_first", [True, False])
def test_dna_interaction_acts_on_one_output(d, value, s_first):
    texts = ("GAACAATGG", "AGCCATCA") if s_first else ("AGCCATCA", "GAACAATGG")
    pair = designs.interaction("", Embed(texts[0], 60), Embed(texts[1], 60 + d))
    on_n, on_s = truth_of("LabD", pair, UNIFORM)
    assert on_n == pytest.approx(value, abs=5.1e-4)
    assert abs(on_s) < 1.1e-4


@pytest.mark.parametrize(
    ("text", "on_s"), [("GAACAATGG", 1.4994), ("CCATTGTTC", 0.3746), ("TCTCGTAC", -0.0003)]
)
def test_dna_effects_depend_on_the_strand(text, on_s):
    found = truth_of("LabD", designs.embedding("", Embed(text, 96)), UNIFORM)
    assert found[1] == pytest.approx(on_s, abs=5.1e-5)
    if text == "TCTCGTAC":
        assert found[0] == pytest.approx(-0.0043, abs=5.1e-5)


@pytest.mark.parametrize("stem", [False, True])
def test_hairpins_change_the_loop_motif(stem):
    """Specification: V in the loop +1.971 +- .002, in the stem -0.985, N = 40,000 backgrounds."""
    rng = np.random.default_rng(3)
    start, expected = (9, -0.985) if stem else (17, 1.971)
    embed = Embed("GCUGG", start)

    def hairpin(codes):
        folded = codes.copy()
        for p in range(8, 17):
            folded[:, 40 - p] = 3 - folded[:, p]
        return folded

    oracle, linear = validation.load("LabR"), draw_letters(RNA, 20_011, rng)
    plain = oracle(one_hot(embed.apply(linear))) - oracle(one_hot(linear))
    folded = oracle(one_hot(hairpin(embed.apply(linear)))) - oracle(one_hot(hairpin(linear)))
    context = folded - plain
    se = context.std(ddof=1) / np.sqrt(len(context))
    # Both numbers are estimates; ours comes from half as many backgrounds.
    assert abs(context.mean() - expected) < 4 * se * np.sqrt(1.5)
    assert 4 * se < 0.03


def brute_pairs(x, first, second, weights):
    """The definition, site by site: the weighted product of all letters of both motifs."""
    total = np.zeros(len(x))
    for d, j in itertools.product(range(1, len(weights)), range(x.shape[1])):
        rows = overlay(first, second, d)
        if j + len(rows) <= x.shape[1]:
            letters = [x[:, j + k] @ row for k, row in enumerate(rows)]
            total += weights[d] * np.prod(letters, axis=0)
    return total


@pytest.mark.parametrize("letters", [True, False])
@pytest.mark.parametrize(("first", "second"), [("ACA", "CAGUG"), ("CAGUG", "ACA")])
def test_pairs_are_their_definition(letters, first, second, rng):
    x = rng.dirichlet([0.7] * 4, (7, 19))
    if letters:
        x = np.eye(4)[x.argmax(axis=2)]
    rows = preferences(first, 0.3), preferences(second, 0.2)
    weights = rng.normal(size=9)
    found = pair_sum(x, sites(x, rows[0]), sites(x, rows[1]), weights)
    assert found == pytest.approx(brute_pairs(x, *rows, weights))


def test_occupancy_is_a_product_over_letters(rng):
    x = one_hot(rng.integers(0, 4, (3, 11), dtype=np.uint8)).astype(float)
    rows = preferences("GAU", (0.5, 0.25, 0.125))
    assert occupancy(x, rows).shape == (3, 9)
    perfect = one_hot(Embed("GAU", 5).apply(np.zeros((1, 11), np.uint8))).astype(float)
    assert occupancy(perfect, rows)[0, 5] == 1
    assert occupancy(perfect, rows)[0, 0] == 0.5 * 1 * 0.125


PLAIN = [name for name in validation.MODELS if "_" not in name]


@pytest.mark.parametrize("name", PLAIN)
def test_models_are_affine_in_every_position(name, rng):
    """What makes the value at the probabilities the expectation, exactly."""
    oracle = validation.load(name)
    x = rng.dirichlet([0.5] * 4, (1, oracle.length))
    mixed = np.repeat(x, oracle.length, axis=0)
    letters = np.repeat(mixed[None], 4, axis=0)
    for position in range(oracle.length):
        for letter in range(4):
            letters[letter, position, position] = np.eye(4)[letter]
    of_letters = oracle(letters.reshape(-1, oracle.length, 4))
    of_letters = of_letters.reshape(4, oracle.length, -1)
    expected = np.einsum("pa,apt->pt", x[0], of_letters)
    assert oracle(mixed) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", PLAIN)
def test_expectation_is_the_value_at_the_probabilities(name, rng):
    oracle = validation.load(name)
    profile = rng.dirichlet([5] * 4, oracle.length)
    values = oracle(one_hot(draw_letters(profile, 20_011, rng)))
    se = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    assert (np.abs(values.mean(axis=0) - oracle(profile[None])[0]) < 3.5 * se).all()
    assert (se > 0).all()


@pytest.mark.parametrize("name", ["LabR", "LabD"])
def test_links_are_functions_of_the_plain_model(name, rng):
    plain = validation.load(name)
    x = one_hot(rng.integers(0, 4, (5, plain.length), dtype=np.uint8))
    y = plain(x)
    assert validation.load(f"{name}_exp")(x) == pytest.approx(np.exp(0.3 * y))
    assert validation.load(f"{name}_sigmoid")(x) == pytest.approx(1 / (1 + np.exp(-(y - 2))))


@pytest.mark.parametrize("name", ["LabR", "LabR_exp", "LabR_sigmoid", "ZeroMeanSkewed"])
def test_derivative_is_the_slope(name, rng):
    oracle = validation.load(name)
    x = rng.dirichlet([2] * 4, (3, oracle.length))
    direction = rng.normal(size=x.shape)
    step = 1e-5
    slope = (oracle(x + step * direction) - oracle(x - step * direction))[:, 0] / (2 * step)
    found = (oracle.derivative(x, 0) * direction).sum(axis=(1, 2))
    assert found == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_inert_model_is_blind_to_its_window_only(rng):
    oracle, codes = validation.load("Inert"), rng.integers(0, 4, (13, 41), dtype=np.uint8)
    before = oracle(one_hot(codes))
    assert np.array_equal(oracle(one_hot(Embed("GCGCGC", 17).apply(codes))), before)
    assert not np.array_equal(oracle(one_hot(Embed("GCGCGC", 18).apply(codes))), before)
    assert not np.array_equal(oracle(one_hot(Embed("GCGCGC", 16).apply(codes))), before)


@pytest.mark.parametrize(("name", "skewed"), [("ZeroMean", False), ("ZeroMeanSkewed", True)])
def test_zero_mean_models_have_spread(name, skewed, rng):
    oracle, uniform = validation.load(name), np.full((41, 4), 0.25)
    design = designs.embedding("", Embed("ACACAA", 17))
    assert abs(exact(oracle, design, uniform)[0, 0]) < 1e-12
    codes = draw_letters(uniform, 4001, rng)
    effects = oracle(one_hot(Embed("ACACAA", 17).apply(codes))) - oracle(one_hot(codes))
    assert effects.std() > 0.9
    assert (np.median(effects) < -0.3) == skewed


def test_monte_carlo_agrees_with_the_exact_truth():
    oracle = validation.load("LabR")
    design = designs.site_pair(2)
    mean, sd = monte_carlo(
        oracle, design, lambda n, rng: draw_letters(RNA, n, rng), 9001, np.random.default_rng(0)
    )
    assert (np.abs(mean - exact(oracle, design, RNA)) < 3 * sd / np.sqrt(9001)).all()
    effects = []
    rng = np.random.default_rng(0)
    for n in (4096, 4096, 809):
        codes = draw_letters(RNA, n, rng)
        arms = [oracle(one_hot(c.apply(codes)))[:, 0] for c in design.conditions]
        effects.append(arms[0] - arms[1] - arms[2] + oracle(one_hot(codes))[:, 0])
    together = np.concatenate(effects)
    assert mean == pytest.approx(together.mean())
    assert sd == pytest.approx(together.std(ddof=1))


class Reverse:
    """An edit that moves letters."""

    start, stop, text = 0, 41, "all"

    def apply(self, codes, rows=None):
        return codes[:, ::-1]


class Complement(Reverse):
    """An edit that changes letters without overwriting them."""

    def apply(self, codes, rows=None):
        return 3 - codes


def test_only_overwritten_letters_have_exact_truths():
    written = overwritten(Condition({}, (Embed("GNC", 4),)), 9)
    assert written.tolist() == [4, 4, 4, 4, 2, 4, 1, 4, 4]
    for edit in (Reverse(), Complement()):
        turned = Condition({"arm": "turned"}, (edit,))
        with pytest.raises(InputError, match="does more than overwrite letters"):
            overwritten(turned, 41)
        design = designs.Design("", (turned,), ())
        assert not has_exact(validation.load("LabR"), design)
    assert has_exact(validation.load("LabR"), designs.RNA_EFFECTS[0])
    assert not has_exact(validation.load("LabR_exp"), designs.RNA_EFFECTS[0])


def test_models_with_a_link_have_no_exact_truth():
    with pytest.raises(InputError, match=r"'LabR_exp' has a link.*use Monte Carlo"):
        truth_of("LabR_exp", designs.RNA_EFFECTS[0], RNA)


def test_mistakes_are_named(rng):
    with pytest.raises(InputError, match=r"model 'LabRNA'; known.*did you mean 'LabR'"):
        validation.load("LabRNA")
    with pytest.raises(InputError, match=r"'LabR' takes matrices \(N, 41, 4\), got \(3, 40, 4\)"):
        validation.load("LabR")(np.zeros((3, 40, 4)))


def test_designs_weigh_what_they_say():
    triple = designs.residual("", Embed("A", 0), Embed("C", 5), Embed("G", 8))
    assert triple.contrasts[0].weights == {0: 1.0, 1: -1.0, 2: -1.0, 3: -1.0, BACKGROUND: 2.0}
    (pair,) = designs.interaction("", Embed("A", 0), Embed("C", 5)).contrasts
    assert pair == Contrast({}, {0: 1.0, 1: -1.0, 2: -1.0, BACKGROUND: 1.0}, "interaction")


@pytest.mark.parametrize("name", ["LabD", "LabD_sigmoid", "LabR"])
def test_edits_are_predicted_like_whole_sequences(name):
    """What an edit changes, added to the background, is the formula of the edited sequence."""
    oracle, rng = validation.load(name), np.random.default_rng(3)
    codes = rng.integers(0, 5, (13, oracle.length)).astype(np.uint8)
    conditions = [
        Condition({}, ()),
        Condition({}, (Embed("AGCCATCA", 3), Embed("AGCCATCA", 14))),
        Condition({}, (Embed("GAACAATGG", 0), Embed("AGCCATCA", oracle.length - 8))),
        Condition({}, (Embed("AGCCNNNNAGCCATCA", 20),)),
    ]
    parts = [np.stack([c.apply(codes) for c in some]) for some in (conditions[:1], conditions[1:])]
    found = oracle.predict_edits(codes, iter(parts))
    expected = np.stack([oracle(one_hot(c.apply(codes))) for c in conditions])
    assert found.shape == (4, 13, len(oracle.targets))
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-13)
    assert oracle.predict_edits(codes, iter(())).shape == (0, 13, len(oracle.targets))
