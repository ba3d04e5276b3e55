"""Kernels packed for the compiled loops, and the memory that those work in.

Weights are packed as (panels, k, C, LANES): `LANES` outputs at a time, taps one after another.
"""

import math

import numpy as np

from giaflow.models.engine.kernels.llvm import LANES

# Rows whose sums are held at once, so that they and a panel of weights stay in cache.
BLOCK = 128


def aligned(*shape):
    """An uninitialised float32 array that begins with a cache line: twice as fast to go through."""
    size = math.prod(shape)
    space = np.empty(size + LANES, np.float32)
    begin = -space.ctypes.data // 4 % LANES
    return space[begin : begin + size].reshape(shape)


def padded(kernel):
    """A kernel (k, C, D) with zeros up to whole panels."""
    taps, inner, outer = kernel.shape
    filled = aligned(taps, inner, outer + -outer % LANES)
    filled[:, :, :outer], filled[:, :, outer:] = kernel, 0
    return filled


def packed(kernel):
    """A kernel (k, C, D) as contiguous (panels, k, C, LANES), the last panel filled with zeros."""
    parts = padded(kernel).reshape(*kernel.shape[:2], -1, LANES).transpose(2, 0, 1, 3)
    ready = aligned(*parts.shape)
    ready[:] = parts
    return ready


def scratch_size(ready):
    """Numbers that the layers below need as scratch, for their kernel."""
    return BLOCK * (len(ready) * LANES if ready.ndim == 4 else ready.shape[2])
