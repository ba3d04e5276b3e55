"""Steps that follow each other alone become one; a step moves before another where it saves work.

`steps` are changed in place; `ends` are the tensors that are read from outside.
"""

import numpy as np

from giaflow.models.plan.plan import INPUT

LINEAR = ("linear", {})


def read_flat(steps, ends):
    """Turn a dense layer on a flattened tensor into one that reads the tensor's positions."""
    for flat in [s for s in steps if s.kind == "flatten"]:
        readers = [s for s in steps if flat.output in s.reads]
        for step in readers:
            if step.kind == "conv":
                step.kind, step.inputs, step.settings = "dense", list(flat.inputs), {}
        if flat.output not in ends and all(s.kind == "dense" for s in readers):
            steps.remove(flat)


def follower(steps, step, ends):
    """The only step that reads `step`'s output, or None."""
    readers = [s for s in steps if step.output in s.reads]
    alone = len(readers) == 1 and step.output not in ends
    return readers[0] if alone else None


def fold(steps, ends):
    """Give a layer the scale and shift, a batch norm's, that follow it."""
    for step in list(steps):
        while step.kind in ("conv", "dense") and (after := follower(steps, step, ends)):
            if after.kind != "affine" or not after.weights or after.act != LINEAR:
                break
            scale, shift = (after.weights[n].astype(np.float64) for n in ("scale", "shift"))
            kernel, bias = (step.weights[n].astype(np.float64) for n in ("kernel", "bias"))
            step.weights["kernel"] = (kernel * scale).astype(np.float32)
            step.weights["bias"] = (bias * scale + shift).astype(np.float32)
            step.outputs = after.outputs
            steps.remove(after)


def pool_first(steps, ends, shapes):
    """Let one linear layer per position see what a following take or average leaves of its input.

    Both orders give the same numbers, and a layer on fewer positions costs less. Returns whether
    a step was moved.
    """
    for step in steps:
        after = follower(steps, step, ends)
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


def fuse_activations(steps, ends):
    """Let a step compute the activation that follows it."""
    for step in list(steps):
        if step.kind not in ("conv", "dense", "affine", "add") or step.act != LINEAR:
            continue
        after = follower(steps, step, ends)
        if after and after.kind == "affine" and not after.weights:
            step.act, step.outputs = after.act, after.outputs
            steps.remove(after)


def fuse_residuals(steps, ends):
    """Let a convolution add the other summand of the sum that follows it."""
    for step in list(steps):
        add = follower(steps, step, ends)
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
