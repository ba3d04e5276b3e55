"""alphabet, checks, seeds, registry, settings, software: the layer everything stands on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giaflow.base import alphabet, checks
from giaflow.base.alphabet import (
    decode,
    encode,
    from_one_hot,
    one_hot,
    reverse_complement,
    spelled,
)
from giaflow.base.checks import InputError
from giaflow.base.registry import Registry
from giaflow.base.seeds import generator
from giaflow.base.versions import versions

known = st.text("ACGT", min_size=1, max_size=40)


@given(known)
def test_letters_survive_the_round_trip(text):
    codes = encode(text)
    assert decode(codes) == text
    assert np.array_equal(from_one_hot(one_hot(codes[None])), codes[None])


@given(st.text("ACGTN", min_size=1, max_size=40))
def test_reverse_complement_twice_is_the_identity(text):
    codes = encode(text)
    assert np.array_equal(reverse_complement(reverse_complement(codes)), codes)


def test_reverse_complement_of_a_known_word():
    assert decode(reverse_complement(encode("AACGTN"))) == "NACGTT"


def test_case_and_rna_letters_share_codes_and_ambiguity_is_unknown():
    assert encode("acguT").tolist() == [0, 1, 2, 3, 3]
    assert encode("RYSWKMBDHVN").tolist() == [alphabet.UNKNOWN] * 11
    assert decode(encode("ACGU"), alphabet.RNA) == "ACGU"


def test_an_unknown_letter_is_a_row_of_zeros():
    onehot = one_hot(encode("ANG")[None])
    assert onehot.dtype == np.float32
    assert onehot[0].tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]


@pytest.mark.parametrize("text", ["AC-T", "AC*", "AC T", "ACé", "EFI"])
def test_other_characters_are_refused(text):
    bad = next(c for c in text if c not in "ACGT")
    at = text.index(bad)
    with pytest.raises(InputError, match=rf"letter .* at position {at} is not a nucleotide"):
        encode(text)


def test_codes_are_checked_at_the_door():
    with pytest.raises(TypeError, match=r"axes \(N, L\), got int64 \(2, 3\)"):
        one_hot(np.zeros((2, 3), int))
    with pytest.raises(ValueError, match="found 5"):
        one_hot(np.full((2, 3), 5, np.uint8))
    with pytest.raises(InputError, match="length 3, but 7 is needed"):
        checks.check_codes(np.zeros((2, 3), np.uint8), 7)


def test_a_pattern_that_does_not_fit_names_its_positions():
    with pytest.raises(InputError, match=r"start=8 needs positions 8\.\.11, .* starts are 0\.\.7"):
        checks.check_fits("GATA", 8, 11)
    with pytest.raises(InputError, match="has 4 letters, but sequences have length 3"):
        checks.check_fits("GATA", 0, 3)
    checks.check_fits("GATA", 7, 11)


def test_rows_that_are_not_finite_are_named():
    values = np.ones((7, 3))
    values[[2, 5], 1] = np.nan
    with pytest.raises(InputError, match=r"not finite for 2 of 7 rows \(first: 2, 5\)"):
        checks.check_finite(values, "scores")


def test_unknown_names_get_a_hint():
    with pytest.raises(InputError, match=r"unknown null 'dinuc'.*did you mean 'dinucleotide'"):
        checks.check_name("dinuc", ["profile", "dinucleotide"], "null")


class TestSeeds:
    def draw(self, *labels):
        return generator(*labels).integers(2**62)

    def test_equal_seeds_and_labels_give_equal_streams(self):
        assert self.draw(0, "null", 3) == self.draw(0, "null", 3)

    def test_every_part_matters(self):
        draws = {
            self.draw(*labels)
            for labels in [
                (0,),
                (1,),
                (0, "a"),
                (0, "b"),
                (0, "a", "b"),
                (0, "ab"),
                (0, 1),
                (0, "1"),
            ]
        }
        assert len(draws) == 8

    def test_the_stream_is_the_same_in_every_version(self):
        # A change here would silently change every study's numbers.
        assert self.draw(0, "null", "dinucleotide", 0) == 4366550644806711302

    @pytest.mark.parametrize("seed", [-1, 1.0, "1", None, True])
    def test_other_seeds_are_refused(self, seed):
        with pytest.raises(TypeError, match="seed must be a whole number"):
            generator(seed)

    def test_other_labels_are_refused(self):
        with pytest.raises(TypeError, match="seed label"):
            generator(0, 1.5)


def test_a_registry_loads_by_name_and_explains_unknown_ones():
    registry = Registry("layer", "giaflow.base", ("seeds", "checks"))
    assert registry.load("seeds").generator is generator
    with pytest.raises(InputError, match=r"unknown layer 'sedes'.*did you mean 'seeds'"):
        registry.load("sedes")


def test_versions_are_sorted_and_name_what_is_missing():
    found = versions("pandas", "no-such-package", "numpy")
    assert found[0] == "no-such-package=not installed"
    assert found[1] == f"numpy={np.__version__}"
    assert versions("tensorflow")[0].startswith("tensorflow=2.")


@pytest.mark.parametrize(
    ("key", "text", "rna"),
    [
        ("variant", "chr7:1204 A>T", "chr7:1204 A>U"),
        # A contig may hold any letter; only alleles are letters of RNA.
        ("variant", "TTAT_x T:9 TGT>ATT", "TTAT_x T:9 UGU>AUU"),
        ("ref", "TG", "UG"),
        ("letters", "TTNA", "UUNA"),
        ("letters", "5 orders", "5 orders"),
        ("fill", "AT repeat", "AU repeat"),
        ("arm", "3' minus 5' AT repeat", "3' minus 5' AU repeat"),
        ("pattern", "TATA", "TATA"),
        ("pair", "TAT -> TTT", "TAT -> TTT"),
    ],
)
def test_letters_of_rna_have_u_and_names_stay_as_they_are(key, text, rna):
    assert spelled({key: text, "start": 3}, "ACGU") == {key: rna, "start": 3}
    assert spelled({key: text, "start": 3}, "ACGT") == {key: text, "start": 3}
