"""Finding patterns in sequences."""

import re

import numpy as np
import pytest
from giaflow.alphabet import decode, encode, reverse_complement
from giaflow.checks import InputError
from giaflow.scan import letter_sets, occurrences
from hypothesis import given
from hypothesis import strategies as st


@given(st.text("ACGTN", min_size=7, max_size=31), st.text("ACGT", min_size=1, max_size=4))
def test_occurrences_are_those_of_a_regular_expression(text, pattern):
    def starts(word):
        return {hit.start() for hit in re.finditer(f"(?={word})", text)}

    codes = encode(text)[None]
    [found] = occurrences(codes, pattern, both_strands=False)
    assert set(np.flatnonzero(found)) == starts(pattern)
    [found] = occurrences(codes, pattern)
    turned = decode(reverse_complement(encode(pattern)))
    assert set(np.flatnonzero(found)) == starts(pattern) | starts(turned)


def test_ambiguity_letters_match_their_sets_and_u_is_t():
    codes = np.stack([encode(text) for text in ("GAATC", "GAGTC", "GANTC", "GACTC")])
    found = occurrences(codes, "gaRu", both_strands=False)
    assert found.tolist() == [[True, False], [True, False], [False, False], [False, False]]
    # The reverse complement of RAC is GTY.
    assert occurrences(codes, "RAC")[:, 2].tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "a pattern must hold at least one letter"),
        ("GA-TA", "letter '-' of pattern 'GA-TA' is not a nucleotide; allowed letters are ACGTU"),
    ],
)
def test_patterns_that_are_not_nucleotides_are_refused(pattern, message):
    with pytest.raises(InputError, match=re.escape(message)):
        letter_sets(pattern)


def test_a_pattern_longer_than_the_sequences_is_refused():
    with pytest.raises(InputError, match=r"pattern 'GATTACA' has 7 letters, but .* length 5"):
        occurrences(np.zeros((3, 5), np.uint8), "GATTACA")
