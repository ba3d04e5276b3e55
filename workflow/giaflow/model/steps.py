"""A plan made ready to run: batch norm folded, activations and residuals fused, maps worked out."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from giaflow.model.apart import MANY
from giaflow.model.graph import INPUT
from giaflow.model.packing import packed, padded

# Up to so many outputs, a convolution's taps are computed side by side.
NARROW = 4
LINEAR = ("linear", {})


@dataclass(eq=False)
class Step:
    """One fused op: `kind` of inputs, then `act`, then perhaps plus `skip` and `act_after`.

    If `pooled`, differences go through it and the next step together.
    """

    kind: str
    name: str
    inputs: list
    outputs: list
    settings: dict
    weights: dict
    act: tuple = LINEAR
    skip: int | None = None
    act_after: tuple = LINEAR
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    way: str = ""
    ready: np.ndarray | None = None
    pooled: bool = False

    @property
    def output(self):
        """The tensor written by a step with one output."""
        return self.outputs[0]

    @property
    def reads(self):
        """Every tensor the step reads."""
        return self.inputs if self.skip is None else [*self.inputs, self.skip]


def compiled(plan, shapes):
    """The fused steps that a plan's result needs, each with its map and its packed weights.

    Parameters
    ----------
    plan : Plan
    shapes : dict
        Tensor -> (L, C), the plan's; tensors that only steps have are added.

    Returns
    -------
    list of Step
    """
    steps, ends = [], {plan.result}
    for op in reversed(plan.ops):
        if ends & set(op.outputs):
            steps.insert(0, _step(op))
            ends |= set(op.inputs)
    ends = {plan.result}
    _read_flat(steps, ends)
    _fold(steps, ends)
    while _pool_first(steps, ends, shapes):
        pass
    _fuse_activations(steps, ends)
    _fuse_residuals(steps, ends)
    for step in steps:
        _map(step, shapes)
        if step.kind in ("conv", "dense"):
            _pack(step)
    _narrow(steps, plan.result, shapes)
    for step, after in pairwise(steps):
        step.pooled = step.way == "letters" and _pools(step, after, ends, steps)
    return steps


def _pools(step, after, ends, steps):
    """Whether a step's output is read by a pool alone, and need not be kept for others."""
    return (
        after is _follower(steps, step, ends)
        and (after.kind, after.settings.get("mode")) == ("pool", "max")
        and (step.skip is None and step.act[0] in ("linear", "relu"))
    )


def _step(op):
    weights = dict(op.weights)
    if op.kind == "activation":
        act = (op.settings["name"], {**op.settings["parameters"], **weights})
        return Step("affine", op.name, list(op.inputs), list(op.outputs), {}, {}, act=act)
    return Step(op.kind, op.name, list(op.inputs), list(op.outputs), dict(op.settings), weights)


def _read_flat(steps, ends):
    """Turn a dense layer on a flattened tensor into one that reads the tensor's positions."""
    for flat in [s for s in steps if s.kind == "flatten"]:
        readers = [s for s in steps if flat.output in s.reads]
        for step in readers:
            if step.kind == "conv":
                step.kind, step.inputs, step.settings = "dense", list(flat.inputs), {}
        if flat.output not in ends and all(s.kind == "dense" for s in readers):
            steps.remove(flat)


def _follower(steps, step, ends):
    """The only step that reads `step`'s output, or None."""
    readers = [s for s in steps if step.output in s.reads]
    alone = len(readers) == 1 and step.output not in ends
    return readers[0] if alone else None


def _fold(steps, ends):
    for step in list(steps):
        while step.kind in ("conv", "dense") and (after := _follower(steps, step, ends)):
            if after.kind != "affine" or not after.weights or after.act != LINEAR:
                break
            scale, shift = (after.weights[n].astype(np.float64) for n in ("scale", "shift"))
            kernel, bias = (step.weights[n].astype(np.float64) for n in ("kernel", "bias"))
            step.weights["kernel"] = (kernel * scale).astype(np.float32)
            step.weights["bias"] = (bias * scale + shift).astype(np.float32)
            step.outputs = after.outputs
            steps.remove(after)


def _pool_first(steps, ends, shapes):
    """Let one linear layer per position see what a following take or average leaves of its input.

    Both orders give the same numbers, and a layer on fewer positions costs less. Returns whether
    a step was moved.
    """
    for step in steps:
        after = _follower(steps, step, ends)
        if after is None or not _per_position(step):
            continue
        kernel, bias = step.weights["kernel"], step.weights["bias"]
        length, inner = shapes[after.output][0], kernel.shape[1]
        if after.kind == "take" and min(map(np.min, after.weights.values())) >= 0:
            read = after.weights["channels"]
            kernel, bias = np.ascontiguousarray(kernel[:, :, read]), bias[read]
            after.weights = {**after.weights, "channels": np.arange(inner, dtype=np.int32)}
            if np.array_equal(after.weights["positions"], np.arange(shapes[step.inputs[0]][0])):
                step.weights, step.outputs = {"kernel": kernel, "bias": bias}, after.outputs
                steps.remove(after)
                return True
        elif after.kind != "pool" or after.settings["mode"] != "average":
            continue
        fresh = max(shapes) + 1
        shapes[fresh] = (length, inner)
        step.weights = {"kernel": kernel, "bias": bias}
        after.inputs, after.outputs, step.outputs = step.inputs, [fresh], after.outputs
        step.inputs = [fresh]
        at = steps.index(step)
        steps.remove(after)
        steps.insert(at, after)
        return True
    return False


def _per_position(step):
    """Whether a step is a linear layer on every position alone."""
    s = step.settings
    return (
        step.kind == "conv"
        and len(step.weights["kernel"]) == 1
        and step.act == LINEAR
        and (s["stride"], s["left"], s["groups"]) == (1, 0, 1)
    )


def _fuse_activations(steps, ends):
    for step in list(steps):
        if step.kind not in ("conv", "dense", "affine", "add") or step.act != LINEAR:
            continue
        after = _follower(steps, step, ends)
        if after and after.kind == "affine" and not after.weights:
            step.act, step.outputs = after.act, after.outputs
            steps.remove(after)


def _fuse_residuals(steps, ends):
    for step in list(steps):
        add = _follower(steps, step, ends)
        if step.kind != "conv" or not add or add.kind != "add" or len(add.inputs) != 2:
            continue
        if step.settings["groups"] > 1:
            continue
        if step.act[0] not in ("linear", "relu") or add.act[0] not in ("linear", "relu"):
            continue
        other = [t for t in add.inputs if t != step.output]
        known = {INPUT, *(t for s in steps[: steps.index(step)] for t in s.outputs)}
        # The other summand must exist before this step runs.
        if len(other) == 1 and other[0] in known:
            step.skip, step.act_after, step.outputs = other[0], add.act, add.outputs
            steps.remove(add)


def _map(step, shapes):
    """Set `low` and `high`: input position i changes output positions low[i] .. high[i]."""
    if step.kind == "opaque":
        return
    length, out = shapes[step.inputs[0]][0], shapes[step.output][0]
    i = np.arange(length)
    if step.kind in ("conv", "pool"):
        s = step.settings
        stride, left = s["stride"], s["left"]
        reach = (
            s["size"] - 1
            if step.kind == "pool"
            else (len(step.weights["kernel"]) - 1) * s["dilation"]
        )
        low, high = -(-(i + left - reach) // stride), (i + left) // stride + 1
    elif step.kind in ("dense", "flatten"):
        low, high = 0 * i, 0 * i + out
    elif step.kind == "share":
        low = i - i % step.settings["size"]
        high = low + step.settings["size"]
    elif step.kind == "take":
        low, high = _taken(step.weights["positions"], length)
    else:
        low, high = i, i + 1
    step.low = np.clip(low, 0, out).astype(np.int64)
    step.high = np.clip(high, 0, out).astype(np.int64)


def _taken(positions, length):
    """The map of a take, whose positions must rise or fall; else every output is changed."""
    at = np.flatnonzero(positions >= 0)
    order, out = positions[at], len(positions)
    i = np.arange(length)
    if len(at) == 0:
        return 0 * i, 0 * i
    if (np.diff(order) >= 0).all():
        after = np.searchsorted(order, i, "left")
        before = np.searchsorted(order, i, "right")
    elif (np.diff(order) <= 0).all():
        after = np.searchsorted(-order, -i, "left")
        before = np.searchsorted(-order, -i, "right")
    else:
        return 0 * i, 0 * i + out
    return np.append(at, out)[after], np.append(-1, at)[before] + 1


def _narrow(steps, result, shapes):
    """Cut the maps to the positions that reach the result: what nothing reads is not computed."""
    if any(step.kind == "opaque" for step in steps):
        return
    needed = {t: (length, 0) for t, (length, _) in shapes.items()}
    needed[result] = (0, shapes[result][0])
    for step in reversed(steps):
        low, high = needed[step.output]
        if step.kind == "share":
            # A run of positions is computed whole or not at all.
            low, high = low - low % step.settings["size"], high + -high % step.settings["size"]
        read = np.flatnonzero((step.low < high) & (step.high > low))
        step.low = np.clip(step.low, low, max(low, high))
        step.high = np.clip(step.high, low, max(low, high))
        for t in step.reads:
            # Residuals and joined tensors have the output's positions, or are vectors.
            same = t != step.inputs[0] and shapes[t][0] == shapes[step.output][0]
            ends = (low, high) if same else (read[0], read[-1] + 1) if len(read) else (0, 0)
            ends = (0, 1) if shapes[t][0] == 1 else ends
            needed[t] = (min(needed[t][0], ends[0]), max(needed[t][1], ends[1]))


def _pack(step):
    """Choose how a convolution or dense layer is computed, and pack its kernel for that.

    way           ready
    depthwise     kernel (k, D): taps are products of numbers, then summed
    narrow        all taps' outputs as one product, then summed: few outputs would waste lanes
    side by side  the same with falling taps, faster to sum without stride and dilation
    letters       kernel (k, C, D): of what reads the sequence itself, rows are summed
    apart         all taps' products of a row, then summed: little work where channels are many
    direct        a product per tap
    dense         one tap that reads all positions
    """
    kernel = step.weights["kernel"]
    taps, inner, outer = kernel.shape
    if step.kind == "dense":
        step.way, step.ready = "dense", packed(kernel.reshape(1, taps * inner, outer))
        return
    groups = step.settings["groups"]
    if groups > 1 and inner == 1:
        step.way, step.ready = "depthwise", np.ascontiguousarray(kernel[:, 0])
        return
    if groups > 1:
        kernel = _ungrouped(kernel, groups)
    if outer <= NARROW and taps > 1 and step.skip is None:
        together = step.settings["stride"] == 1 and step.settings["dilation"] == 1
        columns = (kernel[::-1] if together else kernel).transpose(1, 0, 2)
        step.way = "side by side" if together else "narrow"
        step.ready = packed(columns.reshape(1, kernel.shape[1], taps * outer))
    elif step.inputs[0] == INPUT:
        step.way, step.ready = "letters", padded(kernel)
    elif kernel.shape[1] >= MANY and taps > 1:
        columns = padded(kernel).transpose(1, 0, 2)
        step.way, step.ready = "apart", packed(columns.reshape(1, kernel.shape[1], -1))
    else:
        step.way, step.ready = "direct", packed(kernel)


def _ungrouped(kernel, groups):
    """A grouped kernel (k, C / groups, D) as a full one (k, C, D) with zeros between groups."""
    taps, inner, outer = kernel.shape
    full = np.zeros((taps, inner * groups, outer), np.float32)
    part = outer // groups
    for g in range(groups):
        columns = slice(g * part, (g + 1) * part)
        full[:, g * inner : (g + 1) * inner, columns] = kernel[:, :, columns]
    return full
