"""Finding patterns in sequences."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giaflow.base.alphabet import decode, encode, reverse_complement
from giaflow.base.checks import InputError
from giaflow.sequences import pattern_search
from giaflow.sequences.pattern_search import (
    count_words,
    covered,
    distances,
    letter_sets,
    occurrences,
    sites,
)


@settings(deadline=None)
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


@settings(deadline=None)
@given(
    st.lists(st.text("ACGTN", min_size=9, max_size=9), min_size=1, max_size=7), st.integers(1, 4)
)
def test_words_are_counted_without_those_across_unknown_letters(texts, k):
    expected = np.zeros(4**k, int)
    for text in texts:
        for at in range(9 - k + 1):
            word = text[at : at + k]
            if "N" not in word:
                expected[int("".join(str("ACGT".index(letter)) for letter in word), 4)] += 1
    codes = np.stack([encode(text) for text in texts])
    assert (count_words(codes, k) == expected).all()


def test_counting_in_chunks_changes_nothing(monkeypatch, rng):
    codes = rng.integers(0, 5, (23, 17), dtype=np.uint8)
    whole = count_words(codes, 2)
    monkeypatch.setattr(pattern_search, "_CHUNK", 70)
    assert (count_words(codes, 2) == whole).all()
    assert count_words(codes[:, :1], 2).sum() == 0


def test_instances_that_share_letters_are_one_site():
    #               0123456789012345678901
    codes = encode("GATGATGATCCGATGCATCNNT")[None]
    found = sites(codes, "GATGAT")
    assert found[0].tolist() == [0] * 9 + [-1] * 13
    found = sites(codes, "GAT")[0]
    # Side by side is apart; ATC on the other strand shares AT.
    assert "".join("." if at < 0 else str(at) for at in found) == "0001112222.333..444..."


@given(st.lists(st.text("ACGTN", min_size=13, max_size=13), min_size=1, max_size=5),
       st.text("ACGTRN", min_size=1, max_size=4), st.integers(0, 1))  # fmt: skip
def test_sites_cover_all_instances_and_rise_from_the_left(texts, pattern, mismatches):
    codes = np.stack([encode(text) for text in texts])
    found = sites(codes, pattern, mismatches)
    assert ((found >= 0) == covered(codes, pattern, mismatches)).all()
    for row in found:
        numbers = row[row >= 0]
        assert (np.diff(numbers) >= 0).all()
        assert sorted(set(numbers.tolist())) == list(range(len(set(numbers.tolist()))))


def test_distances_are_between_the_nearest_centres():
    texts = ("GATTACAAAAAACCGGTTTTTTT", "CCGGAAAAAAAAAAGATTACACC", "GATTACAAAAAAAAAAAAAAAAA")
    codes = np.stack([encode(text) for text in texts])
    # Centres 3 and 13.5; 17 and 1.5; no CCGG.
    np.testing.assert_allclose(distances(codes, "GATTACA", "CCGG"), [10.5, 15.5, np.nan])
    codes[0, 16:20] = encode("CCGG")
    assert distances(codes, "CCGG", "GATTACA")[0] == 10.5
