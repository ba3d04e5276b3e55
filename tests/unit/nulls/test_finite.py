"""Null models that hand out real sequences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.checks import InputError
from giaflow.nulls import gc_matched, genomic, quantile


def test_quantile_parts_hold_every_sequence_once_in_ascending_values(rng):
    reference = rng.integers(0, 4, (43, 7), dtype=np.uint8)
    values = rng.normal(size=43)
    rows = [
        quantile.pool(reference, rng, quantile.Settings(parts=4, part=part), values=values)[1]
        for part in (1, 2, 3, 4)
    ]
    assert np.concatenate(rows).tolist() == np.argsort(values).tolist()
    settings = quantile.Settings(part=4, by="prediction")
    assert quantile.conditioning(settings) == "sequences in part 4 of 4 by prediction value"


@pytest.mark.parametrize(
    ("settings", "values", "message"),
    [
        ({}, np.arange(9.0), r"values have shape \(9,\), but the reference holds 11 sequences"),
        ({}, np.r_[np.arange(10.0), np.nan], "are not finite for 1 of 11 rows"),
        ({"parts": 12, "part": 12}, np.arange(11.0), "11 sequences cannot be divided into"),
    ],
)
def test_quantile_faults_are_named(settings, values, message, rng):
    reference = np.zeros((11, 5), np.uint8)
    with pytest.raises(InputError, match=message):
        quantile.pool(reference, rng, quantile.Settings(**settings), values=values)


def test_parts_that_do_not_exist_are_refused_at_once():
    with pytest.raises(ValueError, match=r"part=5 does not exist; allowed parts are 1\.\.4"):
        quantile.Settings(part=5)


def test_genomic_leaves_out_sequences_with_many_unknown_letters(rng):
    reference = np.zeros((3, 10), np.uint8)
    candidates = np.zeros((5, 10), np.uint8)
    candidates[1, :2] = UNKNOWN
    candidates[4, :1] = UNKNOWN
    settings = genomic.Settings(max_unknown=0.1)
    codes, rows = genomic.pool(reference, rng, settings, candidates=candidates)
    assert rows.tolist() == [0, 2, 3, 4]
    assert (codes == candidates[rows]).all()
    with pytest.raises(InputError, match=r"none of 1 sequences has a share .* max_unknown=0\.1"):
        genomic.pool(reference, rng, settings, candidates=candidates[1:2])
    with pytest.raises(InputError, match="sequences have length 10, but 8 is needed"):
        genomic.pool(reference[:, :8], rng, settings, candidates=candidates)


def test_genomic_can_take_the_least_active_sequences(rng):
    reference = rng.integers(0, 4, (37, 6), dtype=np.uint8)
    values = rng.normal(size=37)
    settings = genomic.Settings(source="low_activity", below=0.3)
    codes, rows = genomic.pool(reference, rng, settings, values=values)
    assert rows.tolist() == np.argsort(values)[:11].tolist()
    assert (codes == reference[rows]).all()
    assert "lowest 0.3 of measured" in genomic.conditioning(settings)


intervals = st.lists(st.tuples(st.integers(0, 99), st.integers(1, 30)), max_size=7)


@settings(deadline=None)
@given(intervals, st.integers(1, 120), st.integers(1, 13))
def test_tiles_are_those_that_touch_no_blocked_interval(pairs, size, length):
    blocked = [(start, start + width) for start, width in pairs]
    expected = [
        start
        for start in range(0, size - length + 1, length)
        if all(end <= start or begin >= start + length for begin, end in blocked)
    ]
    assert gc_matched.tile_starts(size, length, blocked).tolist() == expected


def sequences_with(gc, length, rng):
    """One sequence for each number of G and C letters."""
    codes = np.where(np.arange(length) < np.array(gc)[:, None], 1, 0)
    codes = codes + 2 * rng.integers(0, 2, codes.shape)
    # 0 and 1 become 2 and 3: turn the kinds back (A 0, T 3; C 1, G 2).
    codes = np.array([0, 1, 3, 2], np.uint8)[codes]
    return rng.permuted(codes, axis=1)


def test_windows_are_matched_bin_by_bin(rng):
    reference = sequences_with([20] * 11 + [30] * 7, 50, rng)
    windows = sequences_with(list(range(10, 41)) * 37, 50, rng)
    for ratio in (1, 3):
        codes, rows = gc_matched.pool(
            reference, rng, gc_matched.Settings(ratio=ratio), windows=windows
        )
        assert len(set(rows.tolist())) == len(rows)
        gc, unknown = gc_matched.content(codes)
        counts = np.unique(np.round(50 * gc).astype(int), return_counts=True)
        assert (counts[0].tolist(), counts[1].tolist()) == ([20, 30], [11 * ratio, 7 * ratio])
        assert (unknown == 0).all()


def test_the_generator_chooses_among_the_windows_of_a_bin(rng):
    reference = sequences_with([25] * 13, 50, rng)
    windows = sequences_with([25] * 97, 50, rng)
    rows = [
        gc_matched.pool(reference, np.random.default_rng(s), gc_matched.Settings(), windows=windows)
        for s in (0, 0, 1)
    ]
    assert (rows[0][1] == rows[1][1]).all()
    assert (rows[0][1] != rows[2][1]).any()


def test_gc_content_is_that_of_the_known_letters():
    gc, unknown = gc_matched.content(
        np.array([[1, 2, 4, 4, 4], [0, 1, 3, 3, 2], [4] * 5], np.uint8)
    )
    assert gc.tolist() == [1, 0.4, 0]
    assert unknown.tolist() == pytest.approx([0.6, 0, 1])


def test_a_bin_that_is_used_up_borrows_from_its_neighbours_and_no_further(rng):
    reference = sequences_with([25] * 10, 50, rng)
    windows = sequences_with([25] * 4 + [24] * 3 + [27] * 9 + [30] * 20, 50, rng)
    codes, _ = gc_matched.pool(reference, rng, gc_matched.Settings(), windows=windows)
    gc = np.round(50 * gc_matched.content(codes)[0]).astype(int)
    assert sorted(gc.tolist()) == [24] * 3 + [25] * 4 + [27] * 3
    with pytest.raises(InputError, match=r"3 windows with GC content 0\.50\.\.0\.52 are missing"):
        settings = gc_matched.Settings(max_shift=0.02)
        gc_matched.pool(reference, rng, settings, windows=windows)


def test_unknown_letters_are_matched_and_limited(rng):
    reference = sequences_with([20] * 9, 50, rng)
    reference[:3, :4] = UNKNOWN
    reference[8, :30] = UNKNOWN  # above the limit: not matched
    windows = np.tile(reference, (31, 1))
    windows = windows[rng.permutation(len(windows))]
    codes, _ = gc_matched.pool(reference, rng, gc_matched.Settings(), windows=windows)
    assert len(codes) == 8
    found = sorted((codes == UNKNOWN).sum(axis=1).tolist())
    assert found == sorted((reference[:8] == UNKNOWN).sum(axis=1).tolist())


def test_windows_over_a_genome_are_cut_when_asked_for(rng):
    genome = rng.integers(0, 5, 1_013, dtype=np.uint8)
    starts = gc_matched.tile_starts(len(genome), 17, [(100, 200)])
    windows = gc_matched.Windows(genome, starts, 17)
    expected = np.stack([genome[start : start + 17] for start in starts])
    assert len(windows) == len(expected)
    assert (windows[3:9] == expected[3:9]).all()
    assert (windows[np.array([7, 2])] == expected[[7, 2]]).all()


def test_windows_of_another_length_or_none_are_refused(rng):
    reference, settings = np.zeros((3, 8), np.uint8), gc_matched.Settings()
    for windows, found in ((np.zeros((5, 9), np.uint8), "length 9"), (reference[:0], "no rows")):
        with pytest.raises(InputError, match=f"windows have {found}, but the reference has len"):
            gc_matched.pool(reference, rng, settings, windows=windows)
