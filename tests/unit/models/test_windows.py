"""Windows against sets of positions, and changes against a comparison of letters."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from giaflow.models.engine.letter_changes import JOIN, Changes, sizes, windows
from giaflow.models.engine.windows import Windows, grown, union, whole

L = 37
spans = st.lists(st.tuples(st.integers(0, L - 1), st.integers(1, 9)), max_size=5)


def made(edits):
    """`Windows` of edits given as lists of (start, width), touching ones joined."""
    rows = []
    for edit in edits:
        covered = np.zeros(L + 2, int)
        for start, width in edit:
            covered[start + 1 : min(start + width, L) + 1] = 1
        starts = np.flatnonzero(np.diff(covered) == 1)
        rows.append(list(zip(starts, np.flatnonzero(np.diff(covered) == -1) - starts, strict=True)))
    flat = [row for edit in rows for row in edit]
    return Windows(
        np.append(0, np.cumsum([len(edit) for edit in rows])),
        np.array([start for start, _ in flat], np.int64),
        np.append(0, np.cumsum([width for _, width in flat])).astype(np.int64),
    )


def covered(window, e):
    return {
        int(window.start[r]) + t
        for r in range(window.first[e], window.first[e + 1])
        for t in range(window.offset[r + 1] - window.offset[r])
    }


def check_apart(window):
    """The rows of an edit are sorted and never touch."""
    for e in range(len(window.first) - 1):
        rows = range(window.first[e], window.first[e + 1])
        ends = [window.start[r] + window.offset[r + 1] - window.offset[r] for r in rows]
        assert all(window.start[r + 1] > end for r, end in zip(rows[:-1], ends, strict=False))


@settings(deadline=None)
@given(
    edits=st.lists(spans, min_size=1, max_size=4), left=st.integers(0, 4), stride=st.integers(1, 3)
)
def test_grown_covers_what_a_convolution_reads(edits, left, stride):
    width, out = 5, 33 // stride
    i = np.arange(L)
    low = np.clip(-(-(i + left - width + 1) // stride), 0, out)
    high = np.clip((i + left) // stride + 1, 0, out)
    before = made(edits)
    after = grown(before, low, high)
    check_apart(after)
    for e in range(len(edits)):
        reached = covered(before, e)
        reads = {
            o
            for o in range(out)
            if reached & set(range(o * stride - left, o * stride - left + width))
        }
        assert covered(after, e) >= reads
        assert len(covered(after, e)) <= len(reads) + stride * len(before.start)


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(spans, spans), min_size=1, max_size=4))
def test_union_is_the_union(pairs):
    one, two = made([a for a, _ in pairs]), made([b for _, b in pairs])
    both = union(one, two)
    check_apart(both)
    for e in range(len(pairs)):
        assert covered(both, e) == covered(one, e) | covered(two, e)


def test_whole_covers_all():
    window = whole(3, 5)
    assert [covered(window, e) for e in range(3)] == [set(range(5))] * 3
    assert window.positions == 15


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), edits=st.lists(spans, min_size=1, max_size=6))
def test_changes_hold_every_changed_letter(seed, edits):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (2, L)).astype(np.uint8)
    edited = np.repeat(codes[None], len(edits), 0)
    for c, edit in enumerate(edits):
        for start, width in edit:
            edited[c, 1, start : start + width] = 4
    changes = Changes.between(codes, edited)
    rows = np.arange(2 * len(edits))
    source = np.tile([0, 1], len(edits))
    window, values = windows(codes, codes, rows, source, source, changes)
    check_apart(window)
    for c in range(len(edits)):
        assert covered(window, 2 * c) == set()
        different = set(np.flatnonzero(edited[c, 1] != codes[1]).tolist())
        inside = covered(window, 2 * c + 1)
        assert different <= inside
        assert all(any(abs(p - d) <= JOIN for d in different) for p in inside)
        dense = np.zeros((L, 4))
        for r in range(window.first[2 * c + 1], window.first[2 * c + 2]):
            begin, end = window.offset[r], window.offset[r + 1]
            dense[window.start[r] : window.start[r] + end - begin] = values[begin:end]
        onehot = np.eye(5, 4)
        np.testing.assert_array_equal(dense, onehot[edited[c, 1]] - onehot[codes[1]])
    table = np.arange(L + 1, dtype=float)[None]
    cost, start = sizes(codes, codes, rows, source, source, changes, table)
    np.testing.assert_array_equal(cost[0], np.diff(window.offset[window.first]))
    assert start[0] == L
