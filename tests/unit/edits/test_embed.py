import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giaflow.base.alphabet import decode, encode
from giaflow.base.checks import InputError
from giaflow.edits.embed import Condition, Embed, chunks


@pytest.fixture
def codes(rng):
    return rng.integers(0, 4, (3, 11), dtype=np.uint8)


def test_embedding_overwrites_these_letters_and_no_others(codes):
    before = codes.copy()
    edited = Embed("GATA", 5).apply(codes)
    assert [decode(row[5:9]) for row in edited] == ["GATA"] * 3
    assert np.array_equal(np.delete(edited, range(5, 9), 1), np.delete(codes, range(5, 9), 1))
    assert np.array_equal(codes, before), "the input is changed"


def test_n_keeps_the_background_s_letter(codes):
    edited = Embed("GNA", 2).apply(codes)
    assert np.array_equal(edited[:, 3], codes[:, 3])
    assert (edited[:, 2] == 2).all() and (edited[:, 4] == 0).all()


@given(text=st.text("ACGTN", min_size=1, max_size=11), data=st.data())
def test_embedding_twice_is_embedding_once(text, data):
    start = data.draw(st.integers(0, 11 - len(text)))
    codes = np.arange(33, dtype=np.uint8).reshape(3, 11) % 4
    once = Embed(text, start).apply(codes)
    assert np.array_equal(Embed(text, start).apply(once), once)


@pytest.mark.parametrize("start", [0, 7])
def test_both_ends_are_reachable(codes, start):
    assert decode(Embed("ACGT", start).apply(codes)[0, start : start + 4]) == "ACGT"


@pytest.mark.parametrize("start", [-1, 8])
def test_outside_is_refused(codes, start):
    with pytest.raises(InputError, match=r"allowed starts are 0\.\.7"):
        Embed("ACGT", start).apply(codes)


def test_the_order_of_edits_does_not_matter_and_overlap_is_refused(codes):
    left, right = Embed("CAT", 1), Embed("GAT", 4)
    both = Condition({}, (left, right)).apply(codes)
    assert np.array_equal(both, Condition({}, (right, left)).apply(codes))
    with pytest.raises(InputError, match="'CAT' at 1 and 'GAT' at 3 overlap"):
        Condition({}, (Embed("GAT", 3), left))


def test_a_condition_without_edits_is_the_background(codes):
    assert np.array_equal(Condition({}, ()).apply(codes), codes)


@pytest.mark.parametrize("rows", [1, 3, 7, 100])
def test_chunks_hold_every_condition_once_in_order(codes, rows):
    conditions = [Condition({"start": i}, (Embed("ACG", i),)) for i in range(5)]
    found = np.concatenate(list(chunks(conditions, codes, rows)))
    assert found.shape == (5, 3, 11)
    for condition, edited in zip(conditions, found, strict=True):
        assert np.array_equal(edited, condition.apply(codes))


def test_codes_of_a_pattern_are_those_of_the_alphabet():
    assert encode("ACGTN").tolist() == [0, 1, 2, 3, 4]
