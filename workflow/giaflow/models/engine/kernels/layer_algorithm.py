"""How a layer is computed, by its shape, and its kernel packed for that."""

import numpy as np

from giaflow.models.engine.kernels.packing import packed, padded
from giaflow.models.engine.kernels.wide_layers import MANY
from giaflow.models.plan.plan import INPUT

# Up to so many outputs, a convolution's taps are computed side by side.
NARROW = 4


def choose_way(step):
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
