"""Whole sequences through the steps of a plan, and what is kept of each background."""

import math
import threading

import numpy as np

from giaflow.models.engine.kernels import loops
from giaflow.models.engine.kernels.first_layer import read_letters
from giaflow.models.engine.kernels.packing import aligned, scratch_size
from giaflow.models.engine.kernels.products import convolve, multiply
from giaflow.models.engine.kernels.wide_layers import convolve_apart, products_size
from giaflow.models.engine.repeated_rows import NONE
from giaflow.models.engine.windows import whole
from giaflow.models.plan import activations
from giaflow.models.plan.plan import INPUT


class Arena:
    """Buffers of one thread, reused between blocks: fresh pages cost as much as the work."""

    def __init__(self):
        self._buffers = {}

    def get(self, key, *shape):
        """An uninitialised float32 array, valid until the same key is asked for again."""
        size = math.prod(shape)
        buffer = self._buffers.get(key)
        if buffer is None or buffer.size < size:
            buffer = self._buffers[key] = aligned(size + size // 4)
        return buffer[:size].reshape(shape)


class Arenas(threading.local):
    """An arena for every thread: `mine` is that of the thread that asks."""

    def __init__(self):
        self.mine = Arena()


def taps(step, values, arena):
    """Values (P, C) times the kernel of every tap, (P, k, D): the depthwise and narrow ways."""
    k, _, outer = step.weights["kernel"].shape
    out = arena.get("taps", len(values), k, outer)
    if step.way == "depthwise":
        repeated = np.repeat(values, outer // values.shape[1], axis=1)
        return np.multiply(repeated[:, None], step.ready, out=out)
    scratch = arena.get("scratch", scratch_size(step.ready))
    multiply(values, step.ready, scratch, out.reshape(len(values), k * outer))
    return out


def geometry(step):
    """(stride, dilation, left) of a convolution, (size, stride, left) of a pool."""
    s = step.settings
    if step.kind == "conv":
        return s["stride"], s["dilation"], s["left"]
    return s["size"], s["stride"], s["left"]


def convolution(step, values, window, target, base, finish, arena, out, read=NONE, made=NONE):
    """Convolve values (P, C) under windows into out (P, D), the way the step was made ready for.

    The arguments are those of `products.convolve`, and which rows `read` and `made` repeat others
    (`repeats.Repeats`). Only the first three ways add residuals.
    """
    if step.way in ("letters", "direct", "apart"):
        scratch, kernel = arena.get("scratch", scratch_size(step.ready)), step.ready
        places, ends = geometry(step), (target, base, finish, scratch)
        if step.way == "letters":
            read_letters(values, made, window, places, kernel, *ends, out)
        elif step.way == "apart":
            places = (*places, len(step.weights["kernel"]))
            products = arena.get("products", products_size(window, kernel))
            convolve_apart(values, read, window, places, kernel, *ends, products, out)
        else:
            convolve(values, window, places, kernel, *ends, out)
        return
    if step.way == "side by side":
        left = step.settings["left"]
        loops.scatter_side_by_side(taps(step, values, arena), window, left, target, out)
    else:
        loops.scatter(taps(step, values, arena), window, geometry(step), target, out)
    if finish[0]:
        loops.rectify(out, np.ones(out.shape[1], np.float32), target, base, finish[1], out)


NOTHING = np.empty((1, 1, 1), np.float32)


def _conv(step, x, length, arena):
    n, inner, channels = x.shape
    out = arena.get(("whole", step.output), n, length, step.weights["kernel"].shape[2])
    flat = out.reshape(n * length, -1)
    convolution(
        *(step, x.reshape(n * inner, channels), whole(n, inner), whole(n, length)),
        *(np.zeros(n, np.int64), (0, NOTHING, whole(n, 0), flat[:0], NOTHING), arena, flat),
    )
    return out


def _dense(step, x, arena):
    flat = x.reshape(len(x), -1)
    out = arena.get(("whole", step.output), len(x), step.weights["kernel"].shape[2])
    multiply(flat, step.ready, arena.get("scratch", scratch_size(step.ready)), out)
    return out[:, None]


def _pool(step, x, length, arena):
    n, inner, channels = x.shape
    out = arena.get(("whole", step.output), n, length, channels)
    flat = out.reshape(n * length, channels)
    values, window, target = x.reshape(n * inner, channels), whole(n, inner), whole(n, length)
    mode = step.settings["mode"]
    if mode == "max":
        zeros, base = np.zeros((1, max(inner, length), channels), np.float32), np.zeros(n, np.int64)
        source = zeros[:, :inner]
        loops.pool_max(
            *(values, NONE, window, geometry(step), target, base),
            *(np.ascontiguousarray(source), False, np.ascontiguousarray(zeros[:, :length]), flat),
        )
    else:
        loops.pool_sum(values, window, geometry(step), target, inner, mode == "average", flat)
    return out


def _take(step, x):
    positions, channels = step.weights["positions"], step.weights["channels"]
    y = np.ascontiguousarray(x[:, positions[:, None], channels])
    y[:, positions < 0] = 0
    y[:, :, channels < 0] = 0
    return y


def _combine(kind, inputs):
    if kind == "concat":
        return np.concatenate(inputs, axis=-1)
    function = {"add": np.add, "multiply": np.multiply, "maximum": np.maximum}.get(kind, np.minimum)
    out = inputs[0]
    for other in inputs[1:]:
        out = function(out, other)
    return out


def run(step, inputs, length, arena):
    """The step's output (N, L, C) before any bias and activation, from whole inputs.

    Parameters
    ----------
    step : Step
        Any but an opaque one.
    inputs : list of numpy.ndarray
        (N, L, C) float32, one for each of the step's inputs.
    length : int
        Length of the output.
    arena : Arena

    Returns
    -------
    numpy.ndarray
        (N, L, C) float32; it may be an input itself, and lies in the arena after layers with
        weights and pools.
    """
    x = inputs[0]
    if step.kind == "conv":
        return _conv(step, x, length, arena)
    if step.kind == "dense":
        return _dense(step, x, arena)
    if step.kind == "affine":
        return x * step.weights["scale"] + step.weights["shift"] if step.weights else x
    if step.kind == "norm":
        return activations.normalise(x, **step.settings, **step.weights)
    if step.kind == "share":
        return activations.shares(x, **step.settings)
    if step.kind == "pool":
        return _pool(step, x, length, arena)
    if step.kind == "take":
        return _take(step, x)
    if step.kind == "flatten":
        return x.reshape(len(x), 1, -1)
    return _combine(step.kind, inputs)


def forward(steps, values, shapes, arena, keep=None):
    """Run steps on whole sequences.

    Parameters
    ----------
    steps : list of Step
        In order, none of them opaque.
    values : dict
        Tensor -> (N, L, C) float32; outputs are added to it.
    shapes : dict
        Tensor -> (L, C).
    arena : Arena
    keep : callable, optional
        Number of a step -> arrays (N, L, C) for what is before its first and its second
        activation, None where that is not wanted.
    """
    for i, step in enumerate(steps):
        before = run(step, [values[t] for t in step.inputs], shapes[step.output][0], arena)
        first, second = (None, None) if keep is None else keep(i)
        own = step.kind in ("conv", "dense")
        fused = own and step.act[0] == "relu"
        if own:
            channels = before.shape[-1]
            kept = before[:0] if first is None else first
            flat = before.reshape(-1, channels), step.weights["bias"], kept.reshape(-1, channels)
            loops.complete(*flat, fused)
        elif first is not None:
            first[:] = before
        y = before if fused else _activated(step.act, before, own)
        if step.skip is not None:
            y = after = np.add(y, values[step.skip], out=y if own else None)
            if second is not None:
                second[:] = after
            y = _activated(step.act_after, after, own)
        values[step.output] = y


def _activated(act, x, own):
    """An activation of x; where x is the step's own, a relu takes its place."""
    if own and act[0] == "relu":
        return np.maximum(x, 0, out=x)
    return activations.apply(act[0], x, act[1])


def input_values(codes):
    """{INPUT: one-hot (N, L, 4)} of codes (N, L); an unknown letter is a row of zeros."""
    return {INPUT: np.eye(5, 4, dtype=np.float32)[codes]}
