"""Whole sequences through the steps of a plan, and what is kept of each background."""

import math
import threading

import numpy as np

from giaflow.model import activations, kernels
from giaflow.model.graph import INPUT
from giaflow.model.products import aligned, convolve, multiply, read_letters, scratch_size
from giaflow.model.windows import whole


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


def convolution(step, values, window, target, base, finish, arena, out):
    """Convolve values (P, C) under windows into out (P, D), the way the step was made ready for.

    The arguments are those of `products.convolve`; only the first two ways add residuals.
    """
    if step.way in ("letters", "direct"):
        function = read_letters if step.way == "letters" else convolve
        scratch, kernel = arena.get("scratch", scratch_size(step.ready)), step.ready
        function(values, window, geometry(step), kernel, target, base, finish, scratch, out)
        return
    if step.way == "side by side":
        left = step.settings["left"]
        kernels.scatter_side_by_side(taps(step, values, arena), window, left, target, out)
    else:
        kernels.scatter(taps(step, values, arena), window, geometry(step), target, out)
    if finish[0]:
        kernels.rectify(out, np.ones(out.shape[1], np.float32), target, base, finish[1], out)


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
        kernels.pool_max(
            *(values, window, geometry(step), target, base),
            *(np.ascontiguousarray(source), False, np.ascontiguousarray(zeros[:, :length]), flat),
        )
    else:
        kernels.pool_sum(values, window, geometry(step), target, inner, mode == "average", flat)
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
        Called as keep(number of the step, before, after) with the array before the first or
        the second activation, the other None; the array is overwritten afterwards.
    """
    for i, step in enumerate(steps):
        before = run(step, [values[t] for t in step.inputs], shapes[step.output][0], arena)
        own = step.kind in ("conv", "dense")
        fused = own and keep is None and step.act[0] == "relu"
        if own:
            flat = before.reshape(-1, before.shape[-1])
            kernels.complete(flat, step.weights["bias"], fused)
        if keep is not None:
            keep(i, before, None)
        y = before if fused else _activated(step.act, before, own)
        if step.skip is not None:
            y = after = np.add(y, values[step.skip], out=y if own else None)
            if keep is not None:
                keep(i, None, after)
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
