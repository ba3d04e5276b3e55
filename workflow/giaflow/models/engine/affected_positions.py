"""Which output positions of a step change with an input position."""

import numpy as np


def set_reach(step, shapes):
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


def narrow(steps, result, shapes):
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
