"""Carrying differences: what an edit adds to every tensor, window by window.

A difference of w positions costs a convolution w k C D multiplications, where recomputing the
w + k - 1 outputs that it touches costs (w + k - 1) k C D; so it is never dearer than the whole
sequence, and small numbers are not lost in the rounding of large ones.
"""

import numpy as np

from giaflow.models.engine.background_cache import MIXED
from giaflow.models.engine.kernels import loops
from giaflow.models.engine.kernels.first_layer import read_pooled, room
from giaflow.models.engine.kernels.packing import scratch_size
from giaflow.models.engine.kernels.products import read_all
from giaflow.models.engine.repeated_rows import Repeats
from giaflow.models.engine.whole_sequences import NOTHING, convolution, geometry
from giaflow.models.engine.windows import grown, union, whole
from giaflow.models.plan import activations
from giaflow.models.plan.plan import INPUT

_MODES = {"linear": 0, "relu": 1}


def carry(program, cache, base, window, values, arena):
    """Carry differences of the input to the tensors at the end of the steps.

    Parameters
    ----------
    program : Program
    cache : Cache
        The backgrounds.
    base : numpy.ndarray
        (E,) int64, the background of each edit.
    window : Windows
        Windows of the input that the E edits change.
    values : numpy.ndarray
        (P, 4) float32, edited less background one-hot.
    arena : Arena

    Returns
    -------
    dict
        Tensor -> (E, L, C) float32, edited, for each of the program's ends.
    """
    state, repeats = {INPUT: (window, values)}, Repeats(window, values, base)
    for i, step in enumerate(program.steps):
        key = ("delta", i)
        if i and program.steps[i - 1].pooled:
            continue
        if step.pooled:
            pool = program.steps[i + 1]
            state[pool.output] = _conv_pooled(step, i, pool, state, repeats, cache, base, arena)
            continue
        target, out, done = _step(step, i, state, repeats, cache, base, program.shapes, arena, key)
        if not done:
            out = _activate(step, cache.before[i], target, out, base, arena, key)
        state[step.output] = (target, out)
    ends = {}
    for t in program.ends:
        background, _ = cache.tensor(t)
        ends[t] = np.empty((len(base), *program.shapes[t]), np.float32)
        loops.materialise(state[t][1], state[t][0], base, background, ends[t])
    return ends


def _step(step, i, state, repeats, cache, base, shapes, arena, key):
    """(windows, values, whether the activation is already applied) of a step's output."""
    window, values = state[step.inputs[0]]
    if step.kind == "conv":
        return _conv(step, i, state, repeats, cache, base, arena, key)
    if step.kind == "dense":
        return *_dense(step, window, values, shapes, arena, key), step.act[0] == "linear"
    if step.kind == "affine":
        return _affine(step, i, window, values, cache, base, arena, key)
    if step.kind == "norm":
        before = _rows(window, base, cache.tensor(step.inputs[0]), arena, key)
        new = activations.normalise(before + values, **step.settings, **step.weights)
        return window, new - activations.normalise(before, **step.settings, **step.weights), True
    if step.kind == "share":
        return *_share(step, window, values, cache, base, arena, key), True
    if step.kind == "pool":
        return *_pool(step, window, values, repeats, cache, base, shapes, arena, key), True
    if step.kind == "take":
        target = grown(window, step.low, step.high)
        channels = step.weights["channels"].astype(np.int64)
        out = arena.get(key, target.positions, len(channels))
        positions = step.weights["positions"].astype(np.int64)
        loops.spread(values, window, positions, channels, target, 0, out)
        return target, out, True
    if step.kind == "flatten":
        return *_flatten(step, window, values, shapes, arena, key), True
    mixed = _mixed if step.kind in MIXED else _joined
    return *mixed(step, state, cache, base, shapes, arena, key), step.act[0] == "linear"


def _conv(step, i, state, repeats, cache, base, arena, key):
    window, values = state[step.inputs[0]]
    target = grown(window, step.low, step.high)
    fused = step.act[0] in _MODES
    residual, added = state[step.skip] if step.skip is not None else (whole(len(base), 0), values)
    if step.skip is not None:
        target = union(target, residual)
    mode = _MODES.get(step.act[0], 0) + 2 * _MODES.get(step.act_after[0], 0)
    before = cache.before[i] if mode & 1 else NOTHING
    after = cache.after[i] if mode & 2 else NOTHING
    out = arena.get(key, target.positions, step.weights["kernel"].shape[2])
    finish = (mode, before, residual, added, after)
    same = repeats.of(step.inputs[0]), repeats.follow(step, target)
    convolution(step, values, window, target, base, finish, arena, out, *same)
    return target, out, fused


def _conv_pooled(step, i, pool, state, repeats, cache, base, arena):
    """(windows, values) of a pool's output, from the input of the convolution before it."""
    window, values = state[step.inputs[0]]
    target = grown(window, step.low, step.high)
    pooled = grown(target, pool.low, pool.high)
    same = repeats.follow(step, target), repeats.follow(pool, pooled)
    mode, before = _MODES[step.act[0]], cache.before.get(i, NOTHING)
    out = arena.get(("delta", i), pooled.positions, step.weights["kernel"].shape[2])
    finish = (mode, before, whole(len(base), 0), out[:0], NOTHING)
    conv = geometry(step), step.ready, finish
    source, rectified = cache.tensor(pool.inputs[0])
    after = geometry(pool), source, rectified, cache.tensor(pool.output)[0]
    scratch = arena.get("scratch", scratch_size(step.ready))
    few = arena.get("few", room(target, out.shape[1]))
    read_pooled(values, window, target, pooled, base, same, conv, after, scratch, few, out)
    return pooled, out


def _dense(step, window, values, shapes, arena, key):
    """Only the kernel's rows under each window; edits with equal windows share a product."""
    target = grown(window, step.low, step.high)
    out = arena.get(key, target.positions, step.weights["kernel"].shape[2])
    out[:] = 0
    # The row of `out` of each window: an edit without windows has no row.
    row = np.repeat(np.cumsum(np.diff(target.first)) - 1, np.diff(window.first))
    order = np.lexsort((np.diff(window.offset), window.start))
    channels, scratch = shapes[step.inputs[0]][1], arena.get("scratch", scratch_size(step.ready))
    read_all(values, window, channels, step.ready, order, row, scratch, out)
    return target, out


def _affine(step, i, window, values, cache, base, arena, key):
    scale = step.weights.get("scale", np.ones(1, np.float32))
    if step.act[0] == "relu":
        out = arena.get(key, *values.shape)
        scale = np.broadcast_to(scale, values.shape[1:]).copy()
        loops.rectify(values, scale, window, base, cache.before[i], out)
        return window, out, True
    out = np.multiply(values, scale, out=arena.get(key, *values.shape))
    return window, out, step.act[0] == "linear"


def _share(step, window, values, cache, base, arena, key):
    """Over whole runs of positions, because each share depends on all of its run."""
    target, size = grown(window, step.low, step.high), step.settings["size"]
    before = _rows(target, base, cache.tensor(step.inputs[0]), arena, key)
    after = arena.get((key, "after"), *before.shape)
    after[:] = before
    loops.accumulate(values, window, target, after)
    return target, activations.shares(after, size) - activations.shares(before, size)


def _pool(step, window, values, repeats, cache, base, shapes, arena, key):
    target = grown(window, step.low, step.high)
    same = repeats.follow(step, target)
    out = arena.get(key, target.positions, values.shape[1])
    if step.settings["mode"] == "max":
        source, rectified = cache.tensor(step.inputs[0])
        pooled, _ = cache.tensor(step.output)
        loops.pool_max(
            *(values, same, window, geometry(step), target, base, source, rectified, pooled, out)
        )
    else:
        average = step.settings["mode"] == "average"
        length = shapes[step.inputs[0]][0]
        loops.pool_sum(values, window, geometry(step), target, length, average, out)
    return target, out


def _flatten(step, window, values, shapes, arena, key):
    length, channels = shapes[step.inputs[0]]
    target = grown(window, step.low, step.high)
    full = whole(target.positions, length)
    # An edit that changes nothing has no rows on either side; the rest have one row each.
    inner = window._replace(first=window.first[np.append(True, np.diff(window.first) > 0)])
    out = arena.get(key, target.positions, length * channels)
    out[:] = 0
    loops.accumulate(values, inner, full, out.reshape(-1, channels))
    return target, out


def _joined(step, state, cache, base, shapes, arena, key):
    """The sum or concatenation of inputs over the union of their windows."""
    target = state[step.inputs[0]][0]
    for t in step.inputs[1:]:
        target = union(target, state[t][0])
    length, width = shapes[step.output]
    out = arena.get(key, target.positions, width)
    if step.kind == "add":
        out[:] = 0
        for t in step.inputs:
            loops.accumulate(state[t][1], state[t][0], target, out)
        return target, out
    column, positions = 0, np.arange(length)
    for t in step.inputs:
        channels = np.arange(shapes[t][1])
        loops.spread(state[t][1], state[t][0], positions, channels, target, column, out)
        column += len(channels)
    return target, out


def _mixed(step, state, cache, base, shapes, arena, key):
    """Products and extremes need the values themselves: new result less old."""
    length, width = shapes[step.output]
    target = _full_if_repeated(step.inputs[0], state, shapes, length)
    for t in step.inputs[1:]:
        target = union(target, _full_if_repeated(t, state, shapes, length))
    function = {"multiply": np.multiply, "maximum": np.maximum, "minimum": np.minimum}[step.kind]
    old = new = None
    for n, t in enumerate(step.inputs):
        window, values = state[t]
        if shapes[t][0] < length:
            window, values = _stretched(window, length), np.repeat(values, length, axis=0)
        x = _rows(target, base, cache.tensor(t), arena, (key, n))
        d = arena.get((key, n, "d"), *x.shape)
        d[:] = 0
        loops.accumulate(values, window, target, d)
        old, new = (x, x + d) if n == 0 else (function(old, x), function(new, x + d))
    return target, np.subtract(new, old, out=arena.get(key, target.positions, width))


def _full_if_repeated(t, state, shapes, length):
    window = state[t][0]
    return window if shapes[t][0] == length else _stretched(window, length)


def _stretched(window, length):
    return window._replace(offset=window.offset * length)


def _rows(window, base, kept, arena, key):
    source, rectified = kept
    out = arena.get((key, "rows"), window.positions, source.shape[2])
    loops.gather(window, base, source, rectified, out)
    return out


def _activate(step, before, window, values, base, arena, key):
    x = _rows(window, base, (before, False), arena, key)
    return activations.change(step.act[0], x, values, step.act[1])
