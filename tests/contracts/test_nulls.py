"""What every null model promises: its claim, its letters, its seeds, its settings, its place."""

import ast
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chisquare, ks_2samp

import giaflow.nulls
from giaflow.base.alphabet import UNKNOWN, decode, encode
from giaflow.base.checks import InputError
from giaflow.nulls import BLOCK, REGISTRY, backgrounds
from giaflow.nulls.options import Options

M, L, W = 397, 61, 2_999
LABEL = ("a_null", "a_set")
# Null models that hand out real sequences.
FINITE = ("gc_matched", "genomic", "quantile")


def draw_biased(rng, rows, length=L):
    """Sequences whose composition differs by position and by sequence, and with neighbours."""
    gc = rng.beta(8, 10, (rows, 1))
    first = rng.random((rows, length)) < gc
    codes = np.where(first, 1, 0) + 2 * (rng.random((rows, length)) < 0.4)
    codes[:, 1:] = np.where(rng.random((rows, length - 1)) < 0.3, 3 - codes[:, :-1], codes[:, 1:])
    codes[:, 3::11] = 1
    return codes.astype(np.uint8)


@pytest.fixture
def reference(rng):
    return draw_biased(rng, M)


@pytest.fixture
def arrays(rng):
    """Every array that a null model may need, by name."""
    return {
        "values": rng.permutation(M) / 7,
        "candidates": draw_biased(rng, W),
        "windows": draw_biased(rng, W),
    }


def draw(name, reference, arrays, n=83, seed=0, options=None, **settings):
    module = REGISTRY.load(name)
    settings = module.Settings(**settings)
    needed = module.needs(settings) if hasattr(module, "needs") else ()
    given = {each: arrays[each] for each in needed}
    return backgrounds(name, LABEL, reference, n, seed, settings, options=options, arrays=given)


def words(codes, k):
    """Sorted words of k letters in one sequence, none across an unknown letter."""
    views = np.lib.stride_tricks.sliding_window_view(codes, k)
    return Counter(word.tobytes() for word in views if (word != UNKNOWN).all())


def keeps_words(k):
    def check(reference, arrays, codes, source):
        for made, origin in zip(codes, reference[source], strict=True):
            assert words(made, k) == words(origin, k)
        assert (codes != reference[source]).any(axis=1).mean() > 0.95
        if k > 1:
            ends = [*range(k - 1), *range(L - k + 1, L)]
            assert (codes[:, ends] == reference[source][:, ends]).all()

    return check


def keeps_profile(reference, arrays, codes, source):
    counts, expected = (
        np.stack([(x == a).sum(0) for a in range(4)], 1) for x in (codes, reference)
    )
    expected = (expected + 1) / (M + 4) * len(codes)
    p = [chisquare(c, e).pvalue for c, e in zip(counts, expected, strict=True)]
    assert min(p) > 1e-3 / L
    # Neighbours are independent: given the columns' own frequencies, pairs are as expected.
    same = (codes[:, 1:] == 3 - codes[:, :-1]).mean()
    share = expected / len(codes)
    assert same == pytest.approx((share[1:] * share[:-1, ::-1]).sum(1).mean(), abs=0.02)


def keeps_length_alone(reference, arrays, codes, source):
    assert chisquare(np.bincount(codes.ravel(), minlength=4)).pvalue > 1e-3


def keeps_markov(reference, arrays, codes, source):
    made, origin = (sum((words(row, 4) for row in x), Counter()) for x in (codes, reference))
    for word, count in origin.most_common(20):
        expected = count / origin.total() * made.total()
        assert made[word] == pytest.approx(expected, abs=6 * expected**0.5 + 0.05 * expected)


def keeps_gc(reference, arrays, codes, source):
    assert (codes == arrays["windows"][source]).all()
    made, origin = ((x % 3 > 0).mean(axis=1) for x in (codes, reference))
    assert ks_2samp(made, origin).pvalue > 0.05
    # The windows as a whole are different, so that a match was needed.
    assert ks_2samp((arrays["windows"] % 3 > 0).mean(axis=1), origin).pvalue < 1e-3


def keeps_candidates(reference, arrays, codes, source):
    assert (codes == arrays["candidates"][source]).all()


def keeps_lowest_quarter(reference, arrays, codes, source):
    assert (codes == reference[source]).all()
    assert arrays["values"][source].max() <= np.quantile(arrays["values"], 0.25)


def keeps_outside_the_right_arm(reference, arrays, codes, source):
    base, _, _ = draw("profile", reference, arrays, len(codes))
    outside = [*range(24), *range(33, L)]
    assert (codes[:, outside] == base[:, outside]).all()
    assert (codes[:, 8:17] + codes[:, 24:33][:, ::-1] == 3).all()


CLAIMS = {
    "profile": keeps_profile,
    "uniform": keeps_length_alone,
    "mononucleotide": keeps_words(1),
    "dinucleotide": keeps_words(2),
    "klet": keeps_words(3),
    "markov": keeps_markov,
    "gc_matched": keeps_gc,
    "genomic": keeps_candidates,
    "quantile": keeps_lowest_quarter,
    "hairpin": keeps_outside_the_right_arm,
}
# Backgrounds for a claim: many where it holds on average only, as many as there are where finite.
SIZES = {"profile": 2_003, "uniform": 501, "markov": 1_501, "gc_matched": 389, "hairpin": 307}


@pytest.fixture
def windows_differ(arrays):
    """Windows with twice as many sequences rich in GC, so that matching has work to do."""
    windows = arrays["windows"].copy()
    rich = windows[: W // 2, ::3]
    rich[rich == 0] = 2
    return arrays | {"windows": windows}


@pytest.mark.parametrize("name", REGISTRY.names)
def test_backgrounds_are_what_preserves_claims(name, reference, windows_differ):
    codes, source, _ = draw(name, reference, windows_differ, SIZES.get(name, 97))
    assert codes.dtype == np.uint8 and codes.shape == (SIZES.get(name, 97), L)
    assert REGISTRY.load(name).PRESERVES
    CLAIMS[name](reference, windows_differ, codes, source)


@pytest.mark.parametrize("name", REGISTRY.names)
def test_equal_seeds_give_equal_bytes_and_0_is_a_seed(name, reference, arrays):
    first, again, other = (draw(name, reference, arrays, 83, seed)[0] for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("options", [None, Options(purge=["GCRTAC", "TTTATC"], dedupe=True)])
@pytest.mark.parametrize("name", REGISTRY.names)
def test_more_backgrounds_keep_those_drawn_before(name, options, reference, arrays):
    n = 40 if name == "quantile" else 70 if name in FINITE else BLOCK + 47
    few, many = (draw(name, reference, arrays, size, options=options) for size in (n // 2, n))
    assert (many[0][: n // 2] == few[0]).all()
    assert (many[1][: n // 2] == few[1]).all()
    json.dumps(many[2])


@pytest.mark.parametrize("name", FINITE)
def test_a_finite_null_gives_each_sequence_once_and_then_refuses(name, reference, arrays):
    _, _, record = draw(name, reference, arrays, 1)
    codes, source, _ = draw(name, reference, arrays, record["pool"])
    assert len(set(source.tolist())) == record["pool"]
    assert record["conditioning"] if name != "gc_matched" else record["pool"] == M
    with pytest.raises(InputError, match=rf"has {len(codes)} sequences .* n={len(codes) + 1}"):
        draw(name, reference, arrays, record["pool"] + 1)


def with_unknown(codes, rng):
    """Codes with one column unknown throughout, padding at the end of some, and a few letters."""
    codes = codes.copy()
    codes[:, 40] = UNKNOWN
    codes[::3, 57:] = UNKNOWN
    codes[rng.random(codes.shape) < 0.01] = UNKNOWN
    codes[:, 8:17] &= 3  # hairpins refuse them there
    return codes


def unknown_stay(reference, codes, source):
    assert ((codes == UNKNOWN) == (reference[source] == UNKNOWN)).all()


def unknown_column_stays(reference, codes, source):
    assert (codes[:, 40] == UNKNOWN).all()
    assert (np.delete(codes, 40, axis=1) != UNKNOWN).all()


def none_is_unknown(reference, codes, source):
    assert (codes != UNKNOWN).all()


UNKNOWN_RULES = {
    "profile": unknown_column_stays,
    "uniform": unknown_column_stays,
    "mononucleotide": unknown_stay,
    "dinucleotide": unknown_stay,
    "klet": unknown_stay,
    "markov": none_is_unknown,
    "gc_matched": None,
    "genomic": None,
    "quantile": unknown_stay,
    "hairpin": unknown_column_stays,
}


@pytest.mark.parametrize("name", REGISTRY.names)
def test_unknown_letters_follow_the_stated_rule(name, reference, arrays, rng):
    assert REGISTRY.load(name).UNKNOWN_LETTERS
    reference = with_unknown(reference, rng)
    if UNKNOWN_RULES[name]:
        codes, source, _ = draw(name, reference, arrays, 71)
        UNKNOWN_RULES[name](reference, codes, source)
        return
    given = "windows" if name == "gc_matched" else "candidates"
    arrays[given] = with_unknown(arrays[given], rng)
    codes, source, _ = draw(name, reference, arrays, 71, max_unknown=0.05)
    assert (codes == arrays[given][source]).all()
    assert 0 < (codes == UNKNOWN).mean(axis=1).max() <= 0.05


@pytest.mark.parametrize("name", REGISTRY.names)
def test_unusable_references_are_refused_in_a_sentence(name, reference, arrays):
    with pytest.raises(InputError, match="at least one reference sequence, got none"):
        draw(name, reference[:0], arrays)
    with pytest.raises(InputError, match="a reference without a known letter"):
        draw(name, np.full_like(reference, UNKNOWN), arrays)
    with pytest.raises(InputError, match="is asked for n=0 backgrounds; n must be 1 or more"):
        draw(name, reference, arrays, 0)
    with pytest.raises(InputError, match=r"needs the arrays .*, got other"):
        settings = REGISTRY.load(name).Settings()
        backgrounds(name, LABEL, reference, 5, 0, settings, arrays={"other": reference})


@pytest.mark.parametrize("name", REGISTRY.names)
def test_sequences_of_one_letter_are_drawn_or_refused_in_a_sentence(name, reference, arrays):
    arrays = arrays | {each: arrays[each][:, :1] for each in ("candidates", "windows")}
    refused = {
        "dinucleotide": "a shuffle of k=2 needs 2",
        "klet": "a shuffle of k=3 needs 3",
        "markov": "order=3 is too high for a reference of 397 letters",
        "hairpin": "sequences have length 1; it never fits",
    }
    if name in refused:
        with pytest.raises(InputError, match=refused[name]):
            draw(name, reference[:, :1], arrays, 7)
    else:
        assert draw(name, reference[:, :1], arrays, 7)[0].shape == (7, 1)


@pytest.mark.parametrize("name", REGISTRY.names)
def test_what_cannot_be_drawn_at_a_length_is_known_before_anything_is_read(name, reference, arrays):
    """For sequences of one letter, and of two, `fits` refuses what a draw refuses."""
    module = REGISTRY.load(name)
    for length in (1, 2):
        cut = {each: arrays[each][:, :length] for each in ("candidates", "windows")}
        try:
            draw(name, reference[:, :length], arrays | cut, 7)
            refused = ""
        except InputError as error:
            refused = str(error)
        if "too high for a reference" in refused:
            continue  # the number of sequences decides, not their length
        if refused:
            with pytest.raises(InputError) as caught:
                module.fits(module.Settings(), length)
            assert str(caught.value) == refused
        elif hasattr(module, "fits"):
            module.fits(module.Settings(), length)


@pytest.mark.parametrize("name", REGISTRY.names)
def test_sequences_of_a_single_kind_of_letter_are_drawn_or_refused_in_a_sentence(name, arrays):
    reference = np.zeros((M, L), np.uint8)
    if name == "gc_matched":
        with pytest.raises(
            InputError, match=r"397 windows with GC content 0\.00\.\.0\.02 are miss"
        ):
            draw(name, reference, arrays, 7)
        return
    codes, _, _ = draw(name, reference, arrays, 7)
    assert codes.shape == (7, L)
    if name in ("mononucleotide", "dinucleotide", "klet", "quantile"):
        assert (codes == 0).all()


@pytest.mark.parametrize("name", REGISTRY.names)
def test_lower_case_and_u_are_the_letters_they_stand_for(name, reference, arrays):
    written = np.stack([encode(decode(row, "ACGU").lower()) for row in reference])
    assert (draw(name, written, arrays, 7)[0] == draw(name, reference, arrays, 7)[0]).all()


@pytest.mark.parametrize("name", REGISTRY.names)
def test_every_setting_is_documented_and_unknown_ones_are_refused(name):
    settings = REGISTRY.load(name).Settings
    for key, field in settings.model_fields.items():
        assert field.description, f"{name}.{key} has no description"
        assert not field.is_required(), f"{name}.{key} has no default"
    with pytest.raises(ValueError, match="not_a_setting"):
        settings(not_a_setting=1)


def test_every_file_that_draws_or_hands_out_is_registered():
    files = Path(giaflow.nulls.__file__).parent.glob("*.py")
    able = {
        file.stem
        for file in files
        if any(
            isinstance(node, ast.FunctionDef) and node.name in ("sample", "pool")
            for node in ast.parse(file.read_text()).body
        )
    }
    assert able == set(REGISTRY.names) == set(CLAIMS) == set(UNKNOWN_RULES)


@pytest.mark.parametrize("name", [n for n in REGISTRY.names if n not in (*FINITE, "markov")])
def test_a_reference_of_one_sequence_serves_any_number(name, reference, arrays):
    codes, source, _ = draw(name, reference[:1], arrays, 7)
    assert codes.shape == (7, L)
    assert (source == 0).all()
