"""Where the letters of edited sequences come from, and exact means that follow."""

import numpy as np
import pytest

from giaflow import validation
from giaflow.base.checks import InputError
from giaflow.edits.embed import Condition, Embed, EmbedEach, Hairpin, Redraw
from giaflow.edits.replace import Graft, Occlude, keep_windows, replace_windows
from giaflow.validation.truth.exact_means import means, origins

LENGTH = 7
OWN, DONOR = range(4, 11), range(11, 18)


def made(*edits):
    return origins(Condition({}, edits), LENGTH)


def test_written_letters_and_the_others_places():
    assert made(Embed("GNC", 2))[0].tolist() == [4, 5, 2, 7, 1, 9, 10]


def test_replaced_and_kept_windows_come_from_the_donor():
    replaced = made(replace_windows([[[1, 3]]], 0, 2))
    assert replaced.tolist() == 2 * [[4, 12, 13, *OWN[3:]]]
    assert made(keep_windows([[[1, 3]]], 1, 2))[0].tolist() == [11, 5, 6, *DONOR[3:]]


def test_a_moved_window_keeps_its_letters_and_the_next_sequence_is_like_this_one():
    moved = Graft([[[0, 2, 5]]], "own", "null")
    assert made(moved)[0].tolist() == [*DONOR[:5], 4, 5]
    swapped = Graft([[[0, 2, 5]]], "own", "next")
    # The first two places stand there twice, of different sequences.
    assert made(swapped)[0].tolist() == [*OWN[:5], 4, 5]


def test_a_redrawn_window_is_like_the_first():
    assert made(Redraw(2, 4)).tolist() == 2 * [list(OWN)]


def test_letters_that_differ_between_sequences_are_told_row_by_row():
    letters = np.array([[0, 1], [2, 3]], np.uint8)
    rows = made(EmbedEach(letters, np.array([1, 4])))
    assert rows[0].tolist() == [4, 0, 1, *OWN[3:]]
    assert rows[1].tolist() == [*OWN[:4], 2, 3, 10]


@pytest.mark.parametrize(
    "edit", [Hairpin(0, 2, 3), Occlude("ACG", 0), Graft([[[0, 2, 4]]], "own", "own")]
)
def test_letters_that_are_read_or_copied_have_no_exact_mean(edit):
    with pytest.raises(InputError, match=r"condition .*(reads|copies) letters"):
        made(edit)


def test_means_are_those_of_all_sequences():
    oracle, rng = validation.load("LabR"), np.random.default_rng(3)
    own, donor = (rng.dirichlet(np.full(4, 2), 41) for _ in range(2))
    written = np.array([[1, 2, 3], [0, 0, 2]], np.uint8)
    conditions = [
        Condition({}, (EmbedEach(written, np.array([11, 30])),)),
        Condition({}, (Hairpin(8, 9, 7),)),
        Condition({}, (replace_windows([[[5, 23]]], 0, 1), Embed("UGCAUG", 25))),
    ]
    found = means(oracle, conditions, own, donor)
    assert np.isnan(found[1]).all()
    edited = np.stack([own, own])
    edited[0, 11:14], edited[1, 30:33] = np.eye(4)[written]
    assert found[0] == pytest.approx(oracle(edited).mean(axis=0))
    mixed = np.concatenate([own[:5], donor[5:23], own[23:]])
    mixed[25:31] = np.eye(4)[[3, 2, 1, 0, 3, 2]]
    assert found[2] == pytest.approx(oracle(mixed[None])[0])
