"""Hairpins: every pair pairs, controls do what they say, edits are mended."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giaflow.base.alphabet import decode, encode
from giaflow.base.checks import InputError
from giaflow.nulls import hairpin, profile

COMPLEMENT = {"A": "U", "U": "A", "C": "G", "G": "C"}


def sample(module, reference, n, rng, settings):
    return module.sample(reference, n, rng, settings, fitted=module.fit(reference, settings))


def facing(text, settings):
    """Letters that face each other, outermost pair first, by counting along the text."""
    left = text[settings.start : settings.start + settings.stem]
    after_loop = settings.start + settings.stem + settings.loop
    right = text[after_loop : after_loop + settings.stem]
    return list(zip(left, right[::-1], strict=True))


geometry = st.tuples(st.integers(0, 9), st.integers(1, 11), st.integers(3, 8))


@settings(deadline=None)
@given(geometry, st.sampled_from(["paired", "compensated"]), st.integers(0, 999))
def test_every_constructed_pair_pairs(where, variant, seed):
    start, stem, loop = where
    settings = hairpin.Settings(start=start, stem=stem, loop=loop, variant=variant)
    rng = np.random.default_rng(seed)
    reference = rng.integers(0, 4, (5, 41), dtype=np.uint8)
    for row in sample(hairpin, reference, 7, rng, settings):
        assert all(COMPLEMENT[a] == b for a, b in facing(decode(row, "ACGU"), settings))


def test_the_published_geometry_is_the_default():
    settings = hairpin.Settings()
    left, right = hairpin.arms(41, settings)
    assert (left[0], left[-1], right[-1], right[0]) == (8, 16, 24, 32)
    assert (left + right == 40).all()


def draw(seed=0, n=211, **settings):
    reference = np.random.default_rng(5).integers(0, 4, (19, 41), dtype=np.uint8)
    settings = hairpin.Settings(**settings)
    return sample(hairpin, reference, n, np.random.default_rng(seed), settings), settings


def test_the_loop_and_the_flanks_are_the_base_nulls_own_draw():
    codes, _ = draw()
    reference = np.random.default_rng(5).integers(0, 4, (19, 41), dtype=np.uint8)
    linear = sample(profile, reference, 211, np.random.default_rng(0), profile.Settings())
    outside = [*range(24), *range(33, 41)]
    assert (codes[:, outside] == linear[:, outside]).all()


def test_a_broken_stem_has_the_same_letters_and_few_pairs():
    paired, settings = draw()
    broken, _ = draw(variant="broken")
    same = [*range(24), *range(33, 41)]
    assert (broken[:, same] == paired[:, same]).all()
    assert (np.sort(broken[:, 24:33], axis=1) == np.sort(paired[:, 24:33], axis=1)).all()
    assert hairpin.pairs(broken, settings).mean() < 0.15
    assert hairpin.pairs(paired, settings).all()


def test_a_compensated_stem_exchanges_facing_letters():
    paired, settings = draw()
    swapped, _ = draw(variant="compensated")
    left, right = hairpin.arms(41, settings)
    assert (swapped[:, left] == paired[:, right]).all()
    assert (swapped[:, right] == paired[:, left]).all()
    assert (np.delete(swapped, [*left, *right], 1) == np.delete(paired, [*left, *right], 1)).all()


def test_wobble_makes_gu_pairs_as_often_as_asked():
    codes, settings = draw(wobble=0.3, n=4_001)
    pairs = [pair for row in codes for pair in facing(decode(row, "ACGU"), settings)]
    g = [b for a, b in pairs if a == "G"]
    u = [b for a, b in pairs if a == "U"]
    assert set(g) == {"C", "U"} and set(u) == {"A", "G"}
    assert g.count("U") / len(g) == pytest.approx(0.3, abs=0.03)
    assert u.count("G") / len(u) == pytest.approx(0.3, abs=0.03)
    assert all(COMPLEMENT[a] == b for a, b in pairs if a in "AC")


@pytest.mark.parametrize("keep", ["left", "right"])
@pytest.mark.parametrize("wobble", [0.0, 0.4])
def test_refold_mends_what_an_edit_broke_and_nothing_else(keep, wobble):
    codes, settings = draw(wobble=wobble)
    left, right = hairpin.arms(41, settings)
    kept = left if keep == "left" else right
    edited = codes.copy()
    edited[:, kept[2:7]] = encode("GCUGG")
    mended = hairpin.refold(edited, settings, keep=keep)
    assert hairpin.pairs(mended, settings).all()
    assert (mended[:, kept] == edited[:, kept]).all()
    assert (hairpin.refold(mended, settings, keep=keep) == mended).all()
    untouched = np.delete(np.arange(41), [*left[2:7], *right[2:7]])
    assert (mended[:, untouched] == codes[:, untouched]).all()


def test_a_base_null_with_settings_is_used(rng):
    reference = rng.integers(0, 4, (7, 41), dtype=np.uint8)
    settings = hairpin.Settings(base="klet", base_settings={"k": 2})
    codes = sample(hairpin, reference, 7, rng, settings)
    assert (codes[:, 0] == reference[:, 0]).all()
    with pytest.raises(
        ValueError, match=r"base_settings\.kk does not fit null model 'klet': Extra"
    ):
        hairpin.Settings(base="klet", base_settings={"kk": 2})


def test_hairpins_that_do_not_fit_or_cannot_pair_are_refused(rng):
    settings = hairpin.Settings(start=20)
    message = r"25 letters at start=20 needs positions 20\.\.44, .* length 41; .* 0\.\.16"
    with pytest.raises(InputError, match=message):
        hairpin.arms(41, settings)
    with pytest.raises(InputError, match="length 23; it never fits"):
        hairpin.arms(23, settings)
    reference = np.full((3, 41), 4, np.uint8)
    reference[:, 20:] = 1
    with pytest.raises(InputError, match="the left arm of a hairpin holds unknown letters"):
        sample(hairpin, reference, 5, rng, hairpin.Settings())
    with pytest.raises(ValueError, match="greater than or equal to 3"):
        hairpin.Settings(loop=2)
