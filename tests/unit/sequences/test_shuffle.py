"""The k-let shuffle: exact counts, and every sequence that has them equally likely."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from giaflow.base.alphabet import UNKNOWN, decode, encode
from giaflow.base.checks import InputError
from giaflow.sequences.pattern_search import count_words
from giaflow.sequences.shuffle import shuffle


def klets(text, k):
    """Sorted runs of k letters, without those across an unknown letter."""
    return sorted(
        word[i : i + k] for word in text.split("N") for i in range(max(0, len(word) - k + 1))
    )


def all_shuffles(text, k):
    """Every sequence with the k-let counts of a short text, by trying all walks."""
    found = set()

    def walk(made, left):
        if not left:
            found.add(made)
        for word in set(left):
            if word[:-1] == made[len(made) - k + 1 :]:
                rest = list(left)
                rest.remove(word)
                walk(made + word[-1], rest)

    walk(text[: k - 1], klets(text, k))
    return found


@pytest.mark.parametrize(
    ("text", "k", "n_shuffles"),
    [
        ("ACAGTACGTCA", 2, 15),
        ("ACGACTGAC", 2, 2),
        ("CGGGTTAAAG", 2, 3),
        ("GGCAATGATGA", 2, 27),
        ("TAGTTCTTAAAC", 2, 72),
        ("GAGGTAACAGTC", 2, 90),
        ("CACTTCTATGAA", 2, 252),
        ("AATTTAATATTT", 3, 12),
        ("AGGGCGGGGTGG", 3, 20),
        ("AACGT", 1, 60),
    ],
)
def test_every_shuffle_is_equally_likely(text, k, n_shuffles, rng):
    expected = all_shuffles(text, k)
    if k == 1:
        expected = {"".join(letters) for letters in permutations(text)}
    assert len(expected) == n_shuffles
    drawn = shuffle(np.tile(encode(text), (400 * n_shuffles, 1)), k, rng)
    counts = {each: 0 for each in expected}
    for row in drawn:
        counts[decode(row)] += 1  # a KeyError here is a shuffle with other counts
    assert chisquare(list(counts.values())).pvalue > 1e-3


letters = st.text("ACGTN", min_size=6, max_size=67)


@settings(deadline=None)
@given(letters, st.integers(1, 6), st.integers(0, 2**32))
def test_klet_counts_are_exact_and_unknown_letters_stay(text, k, seed):
    [row] = shuffle(encode(text)[None], k, np.random.default_rng(seed))
    out = decode(row)
    assert klets(out, k) == klets(text, k)
    assert [at for at in range(len(text)) if out[at] == "N"] == [
        at for at in range(len(text)) if text[at] == "N"
    ]
    for before, after in zip(text.split("N"), out.split("N"), strict=True):
        assert (before[: k - 1], before[::-1][: k - 1]) == (after[: k - 1], after[::-1][: k - 1])
        assert sorted(before) == sorted(after)


@pytest.mark.parametrize(("k", "length"), [(2, 70_001), (4, 5_003), (6, 307)])
def test_long_sequences_keep_their_counts_too(k, length, rng):
    """Above some size the letters are counted before they are laid out."""
    before = rng.integers(0, 4, (3, length), dtype=np.uint8)
    after = shuffle(before, k, rng)
    for one, other in zip(before, after, strict=True):
        assert (count_words(one[None], k) == count_words(other[None], k)).all()
        assert (one != other).any()


@pytest.mark.parametrize(("length", "kept"), [(41, 0.34), (200, 0.27)])
def test_the_end_is_shuffled_too(length, kept, rng):
    """The routine most of the field copies keeps the last two letters always."""
    before = rng.integers(0, 4, (20_011, length), dtype=np.uint8)
    same = (shuffle(before, 2, rng) == before).mean(axis=0)
    assert same[-1] == 1
    assert same[-2] == pytest.approx(kept, abs=0.02)
    assert same[-3] == pytest.approx(0.27, abs=0.02)


def test_equal_seeds_give_equal_bytes_and_seed_0_is_a_seed(rng):
    codes = rng.integers(0, 5, (37, 53), dtype=np.uint8)

    def draw(seed):
        return shuffle(codes, 2, np.random.default_rng(seed))

    assert (draw(0) == draw(0)).all()
    assert (draw(0) != draw(1)).any()


@pytest.mark.parametrize("k", [1, 3])
def test_threads_do_not_change_the_result(k, rng):
    codes = rng.integers(0, 5, (2_503, 31), dtype=np.uint8)
    one, three = (shuffle(codes, k, np.random.default_rng(0), threads=t) for t in (1, 3))
    assert (one == three).all()


def test_equal_rows_are_shuffled_apart_and_the_input_is_left(rng):
    codes = np.tile(encode("ACGTACGGTTACATTGCAGA"), (29, 1))
    before = codes.copy()
    assert len(np.unique(shuffle(codes, 2, rng), axis=0)) > 20
    assert (codes == before).all()


@pytest.mark.parametrize("text", ["NNNNNNN", "AAAAAAA", "ANCNGNT", "ACNNNGT"])
@pytest.mark.parametrize("k", [2, 6])
def test_sequences_with_one_arrangement_stay(text, k, rng):
    assert decode(shuffle(encode(text)[None], k, rng)[0]) == text


def test_no_sequences_give_no_sequences(rng):
    assert shuffle(np.empty((0, 11), np.uint8), 2, rng).shape == (0, 11)


@pytest.mark.parametrize("k", [0, 7, 2.0, True, "2"])
def test_k_outside_1_to_6_is_refused(k, rng):
    with pytest.raises(InputError, match=r"k=.* cannot be kept by a shuffle; allowed are 1\.\.6"):
        shuffle(np.zeros((3, 8), np.uint8), k, rng)


def test_sequences_shorter_than_k_are_refused(rng):
    with pytest.raises(InputError, match="length 4, but a shuffle of k=5 needs 5"):
        shuffle(np.full((3, 4), UNKNOWN, np.uint8), 5, rng)
