"""What edits repeat of each other is computed once, with the same bytes; against dense arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giaflow.models.engine import repeated_rows
from giaflow.models.engine.incremental import IncrementalModel
from giaflow.models.engine.kernels import first_layer, wide_layers
from giaflow.models.engine.letter_changes import Changes, windows
from giaflow.models.engine.repeated_rows import Repeats
from giaflow.models.engine.steps import Step
from giaflow.models.engine.windows import grown
from giaflow.models.plan.plan import INPUT, Op, Plan
from giaflow.models.plan.readouts import Target, with_targets

L, WIDTH, LEFT = 37, 5, 2
spans = st.lists(st.tuples(st.integers(0, L - 1), st.integers(1, 9)), min_size=1, max_size=2)


def rows(window):
    """(edit, position) of every row."""
    first, start, offset = window
    return [
        (e, start[r] + t)
        for e in range(len(first) - 1)
        for r in range(first[e], first[e + 1])
        for t in range(offset[r + 1] - offset[r])
    ]


def check(same, window, base, seen):
    """`same` names an equal row, and every row that is like that of the edit before."""
    listed = rows(window)
    at = {place: x for x, place in enumerate(listed)}
    assert len(same) == len(listed)
    for x, (e, p) in enumerate(listed):
        f, q = listed[same[x]]
        assert (base[f], q) == (base[e], p) and same[same[x]] == same[x] <= x
        assert np.array_equal(seen(e, p), seen(f, p))
        if (e - 1, p) in at and base[e - 1] == base[e]:
            equal = np.array_equal(seen(e, p), seen(e - 1, p))
            assert (same[x] < x) == equal


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), edits=st.lists(spans, min_size=1, max_size=6))
def test_rows_that_repeat_are_the_equal_ones(seed, edits):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (2, L)).astype(np.uint8)
    edited = np.repeat(codes[None], len(edits), 0)
    for c, edit in enumerate(edits):
        for start, width in edit:
            edited[c, :, start : start + width] = rng.choice([1, 4])
    base = np.repeat([0, 1], len(edits))
    which = np.concatenate([2 * np.arange(len(edits)) + n for n in (0, 1)])
    changes = Changes.between(codes, edited)
    window, values = windows(codes, codes, which, base, base, changes)
    onehot = np.eye(5, 4)
    dense = np.concatenate([onehot[edited[:, n]] - onehot[codes[n]] for n in (0, 1)])
    dense = np.pad(dense, ((0, 0), (LEFT, WIDTH), (0, 0)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeated_rows, "WORTH", -1)
        found = Repeats(window, values, base)
        if not window.positions:
            return
        check(found.of(INPUT), window, base, lambda e, p: dense[e, p + LEFT])
        i = np.arange(L)
        low, high = np.clip(i + LEFT - WIDTH + 1, 0, L), np.clip(i + LEFT + 1, 0, L)
        step = Step("conv", "c", [INPUT], [1], {}, {}, low=low, high=high)
        target = grown(window, low, high)
        check(found.follow(step, target), target, base, lambda e, p: dense[e, p : p + WIDTH])


WIDE = wide_layers.MANY + 3


def wide_plan(rng):
    """Letters, a pool, and convolutions of many channels: dilated beside a residual, and strided.

    All lengths and numbers of channels are distinct.
    """
    ops, shapes = [], {INPUT: (61, 4)}

    def add(kind, inputs, shape, settings, **weights):
        output = len(shapes)
        made = {n: rng.normal(0, 0.1, size).astype(np.float32) for n, size in weights.items()}
        ops.append(Op(kind, f"{kind}_{output}", inputs, (output,), settings, made))
        shapes[output] = shape
        return output

    def conv(x, taps, length, outer, stride=1, dilation=1, left=0):
        settings = {"stride": stride, "dilation": dilation, "left": left, "groups": 1}
        kernel = (taps, shapes[x][1], outer)
        x = add("conv", (x,), (length, outer), settings, kernel=kernel, bias=(outer,))
        return add("activation", (x,), (length, outer), {"name": "relu", "parameters": {}})

    x = conv(INPUT, 7, 59, WIDE, left=2)
    x = add("pool", (x,), (29, WIDE), {"mode": "max", "size": 3, "stride": 2, "left": 0})
    y = conv(x, 3, 29, WIDE, dilation=2, left=2)
    x = add("add", (x, y), (29, WIDE), {})
    x = conv(x, 5, 13, 18, stride=2, left=1)
    x = add("flatten", (x,), (1, 13 * 18), {})
    out = conv(x, 1, 1, 2)
    return with_targets(Plan(tuple(ops), shapes, {"out": out}), [Target("t", "out")])


@pytest.fixture
def plan(rng):
    return wide_plan(rng)


@pytest.fixture
def codes(rng):
    return rng.integers(0, 4, (3, 61), dtype=np.uint8)


@pytest.fixture
def edited(codes):
    """Neighbouring windows, growing windows, and two windows alone and together."""
    some = np.repeat(codes[None], 31, 0)
    for c in range(14):
        some[c, :, 3 * c : 3 * c + 20] = 4
    for c in range(14, 28):
        some[c, :, 40 - c : 20 + c] = 1
    some[[28, 30], :, 5:20] = 2
    some[[29, 30], :, 41:52] = 2
    return some


def test_edits_are_predicted_as_whole_sequences(plan, codes, edited):
    model = IncrementalModel(plan)
    ways = [step.way for step in model._program.steps if step.kind == "conv"]
    assert ways[:3] == ["letters", "apart", "apart"] and model._program.steps[0].pooled
    found = model.predict_edits(codes, [edited])
    whole = model.predict(edited.reshape(-1, 61)).reshape(31, 3, 1)
    assert np.ptp(whole) > 0.01
    assert np.abs(found - whole).max() <= 1e-5 * np.abs(whole).max()


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (repeated_rows, "WORTH", 2),
        (repeated_rows, "WORTH", -1),
        (wide_layers, "KEPT", 1),
        (first_layer, "POOLED", 1),
    ],
)
def test_bytes_do_not_tell_what_was_computed_once(
    plan, codes, edited, monkeypatch, module, name, value
):
    wanted = IncrementalModel(plan).predict_edits(codes, [edited])
    monkeypatch.setattr(module, name, value)
    assert IncrementalModel(plan).predict_edits(codes, [edited]).tobytes() == wanted.tobytes()


def test_neighbouring_windows_share_what_reads_equal_letters(plan, codes, edited, monkeypatch):
    repeated, follow = [], Repeats.follow

    def watch(self, step, target):
        same = follow(self, step, target)
        repeated.append(np.mean(same < np.arange(len(same))) if len(same) else 0)
        return same

    monkeypatch.setattr(Repeats, "follow", watch)
    IncrementalModel(plan).predict_edits(codes[:1], [edited[3:12, :1]])
    # 20 letters change 26 rows of 7 taps; neighbours share 17 letters, and of 17 - 6 rows all.
    assert repeated[0] == pytest.approx(8 / 9 * 11 / 26)
