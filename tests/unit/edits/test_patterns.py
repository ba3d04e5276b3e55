import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giaflow.base.alphabet import encode, reverse_complement
from giaflow.base.checks import InputError
from giaflow.edits.patterns import (
    Pattern,
    check_text,
    consensus,
    information,
    most_shared_letters,
    scrambles,
    trim,
    trim_information,
)


def naive_shared(one, other):
    """Equal letters at the best offset, by definition."""
    best = 0
    for offset in range(-len(other) + 1, len(one)):
        pairs = [
            (one[i], other[i - offset]) for i in range(len(one)) if 0 <= i - offset < len(other)
        ]
        best = max(best, sum(a == b != 4 for a, b in pairs))
    return best


@given(one=st.text("ACGTN", min_size=1, max_size=9), other=st.text("ACGTN", min_size=1, max_size=7))
def test_shared_letters_equal_the_definition(one, other):
    found = most_shared_letters(encode(one)[None], encode(other))
    assert found.tolist() == [naive_shared(encode(one), encode(other))]


@pytest.mark.parametrize("text", ["ATTTGCATAACAATG", "TGCTGACTCAGCA", "ATGCAAAT"])
def test_scrambles_keep_the_letters_and_differ_from_the_pattern(text, rng):
    drawn = scrambles(Pattern("motif", text), 20, rng)
    assert len({one.text for one in drawn}) == 20
    codes = encode(text)
    for one in drawn:
        assert sorted(one.text) == sorted(text) and one.control_of == "motif"
        for strand in (codes, reverse_complement(codes)):
            assert naive_shared(encode(one.text), strand) <= len(text) // 2 + (len(text) < 9)


def test_an_n_keeps_its_place_in_a_scramble(rng):
    for one in scrambles(Pattern("gapped", "TTGNNCAA"), 7, rng):
        assert one.text[3:5] == "NN" and sorted(one.text) == sorted("TTGNNCAA")


def test_scrambles_of_a_matrix_are_its_columns_in_another_order(rng):
    matrix = np.eye(4)[encode("GATTACA")] * 9 + np.arange(7)[:, None] + 1
    drawn = scrambles(Pattern("m", "GATTACA", matrix=matrix), 5, rng)
    texts = scrambles(Pattern("m", "GATTACA"), 5, np.random.default_rng(0))
    again = scrambles(Pattern("m", "GATTACA", matrix=matrix), 5, np.random.default_rng(0))
    assert [one.text for one in again] == [one.text for one in texts]
    for one in drawn:
        assert consensus(one.matrix) == one.text != "GATTACA"
        assert sorted(one.matrix.tolist()) == sorted(matrix.tolist())


def test_a_matrix_is_trimmed_by_information():
    matrix = np.array([[3, 3, 3, 3], [9, 0, 0, 0], [1, 1, 1, 1], [0, 5, 5, 0], [2, 2, 1, 2]])
    np.testing.assert_array_equal(trim_information(matrix, 0.9), matrix[1:4])
    np.testing.assert_array_equal(trim_information(matrix, 0), matrix)
    with pytest.raises(InputError, match=r"no position has 1.5 bits; the best has 0.98"):
        trim_information(matrix[2:], 1.5)


@pytest.mark.parametrize(("text", "count"), [("AAAA", 0), ("A", 0), ("AAAC", 3)])
def test_few_letters_give_few_scrambles(text, count, rng):
    assert len(scrambles(Pattern("poor", text), 5, rng)) == count


def test_scrambles_follow_their_generator():
    first, again = (
        scrambles(Pattern("m", "GATTACA"), 5, np.random.default_rng(0)) for _ in range(2)
    )
    assert first == again


@pytest.mark.parametrize(
    ("text", "message"),
    [("GATX", "has the letter 'X'"), ("NNN", "no known letter"), ("", "no known")],
)
def test_unusable_patterns_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        check_text(text)
    check_text("GAUN")


def test_trim_keeps_the_strong_core():
    scores = np.zeros((9, 4))
    scores[2, 0], scores[5, 1], scores[7, 2] = 1.0, -4.0, 0.5
    assert trim(scores, 0.3) == (5, 6)
    assert trim(scores, 0.25) == (2, 6)
    assert trim(scores, 0.1) == (2, 8)


@settings(max_examples=30)
@given(st.text("ACGT", min_size=1, max_size=12))
def test_consensus_of_one_hot_is_the_sequence(text):
    assert consensus(np.eye(4)[encode(text)]) == text


def test_information_is_two_bits_for_one_letter_and_none_for_four():
    bits = information(np.array([[1, 0, 0, 0], [0.25] * 4, [0.5, 0.5, 0, 0]]), pseudocount=1e-9)
    assert bits == pytest.approx([2, 0, 1], abs=1e-6)
