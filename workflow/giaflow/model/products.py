"""Compiled loops of the layers with weights: convolutions and dense layers on windows.

Weights are packed as (panels, k, C, LANES): `LANES` outputs at a time, taps one after another.
"""

import numpy as np

from giaflow.model.kernels import jit, relu
from giaflow.model.micro import LANES, add_product

# Positions whose sums are held at once, so that they and a panel of weights stay in cache.
BLOCK = 64


def packed(kernel):
    """A kernel (k, C, D) as contiguous (panels, k, C, LANES), the last panel filled with zeros."""
    taps, inner, outer = kernel.shape
    panels = -(-outer // LANES)
    padded = np.zeros((taps, inner, panels * LANES), np.float32)
    padded[:, :, :outer] = kernel
    parts = padded.reshape(taps, inner, panels, LANES).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(parts)


def scratch_size(packed_kernel):
    """Numbers that `convolve` and `multiply` need as scratch."""
    return BLOCK * len(packed_kernel) * LANES


@jit
def convolve(
    values, window, geometry, kernel, target, base, mode, before, residual, added, after, scratch, out
):
    """Convolve differences (P, C) under windows, then rectify and add a residual.

    geometry  (stride, dilation, left)
    mode      1 rectifies before, 2 after the residual is added, 3 both
    before    (B, L, D): the background before the first rectifier, `after` before the second
    residual  Windows of `added` (P, D), no rows where nothing is added
    """
    first, start, offset = window
    first2, start2, offset2 = target
    first3, start3, offset3 = residual
    stride, dilation, left = geometry
    panels, taps, inner, _ = kernel.shape
    wide, channels = panels * LANES, out.shape[1]
    flat, weights = values.reshape(-1), kernel.reshape(-1)
    for e in range(len(first) - 1):
        for r in range(first2[e], first2[e + 1]):
            stop = start2[r] + offset2[r + 1] - offset2[r]
            for begin in range(start2[r], stop, BLOCK):
                end = min(begin + BLOCK, stop)
                scratch[: (end - begin) * wide] = 0
                for panel in range(panels):
                    for q in range(first[e], first[e + 1]):
                        width = offset[q + 1] - offset[q]
                        for j in range(taps):
                            # Output o reads row o * stride - shift of this window.
                            shift = left - j * dilation + start[q]
                            low = max(begin, -(-shift // stride))
                            high = min(end, (shift + width - 1) // stride + 1)
                            if low < high:
                                add_product(
                                    scratch, (low - begin) * wide + panel * LANES, wide,
                                    flat, (offset[q] + low * stride - shift) * inner, stride * inner,
                                    weights, (panel * taps + j) * inner * LANES,
                                    inner, high - low,
                                )  # fmt: skip
                for o in range(begin, end):
                    x, s = offset2[r] + o - start2[r], (o - begin) * wide
                    _finish(scratch, s, o, base[e], mode, before, out, x, channels)
                    for q in range(first3[e], first3[e + 1]):
                        t = o - start3[q]
                        if 0 <= t < offset3[q + 1] - offset3[q]:
                            for c in range(channels):
                                out[x, c] += added[offset3[q] + t, c]
                    if mode & 2:
                        for c in range(channels):
                            v = after[base[e], o, c]
                            out[x, c] = relu(v + out[x, c]) - relu(v)


@jit
def _finish(scratch, s, o, b, mode, before, out, x, channels):
    if mode & 1:
        for c in range(channels):
            v = before[b, o, c]
            out[x, c] = relu(v + scratch[s + c]) - relu(v)
    else:
        for c in range(channels):
            out[x, c] = scratch[s + c]


@jit
def multiply(values, kernel, scratch, out):
    """values (P, C) times a packed kernel of one tap, as out (P, D)."""
    panels, _, inner, _ = kernel.shape
    wide = panels * LANES
    flat, weights = values.reshape(-1), kernel.reshape(-1)
    for begin in range(0, len(values), BLOCK):
        rows = min(BLOCK, len(values) - begin)
        scratch[: rows * wide] = 0
        for panel in range(panels):
            add_product(
                scratch, panel * LANES, wide, flat, begin * inner, inner,
                weights, panel * inner * LANES, inner, rows,
            )  # fmt: skip
        for x in range(rows):
            for c in range(out.shape[1]):
                out[begin + x, c] = scratch[x * wide + c]


@jit
def read_all(values, window, channels, kernel, order, row, out):
    """Add to out (E, D) the product of each window with the rows of a dense kernel under it.

    `kernel` is packed with one tap and all L C numbers of a sequence as its inner axis. Windows
    are visited in `order`; those with equal ends are multiplied together, up to `BLOCK` at once.
    `row` names the row of `out` that each window belongs to.
    """
    first, start, offset = window
    panels, _, inner, _ = kernel.shape
    wide, weights = panels * LANES, kernel.reshape(-1)
    widest = 0
    for q in range(len(start)):
        widest = max(widest, offset[q + 1] - offset[q])
    rows_of = np.empty(BLOCK * widest * channels, np.float32)
    sums = np.empty(BLOCK * wide, np.float32)
    at = 0
    while at < len(order):
        q = order[at]
        width, n = offset[q + 1] - offset[q], 0
        k = width * channels
        while at + n < len(order) and n < BLOCK:
            p = order[at + n]
            if start[p] != start[q] or offset[p + 1] - offset[p] != width:
                break
            for t in range(width):
                for c in range(channels):
                    rows_of[n * k + t * channels + c] = values[offset[p] + t, c]
            n += 1
        sums[: n * wide] = 0
        for panel in range(panels):
            place = (panel * inner + start[q] * channels) * LANES
            add_product(sums, panel * LANES, wide, rows_of, 0, k, weights, place, k, n)
        for i in range(n):
            x = row[order[at + i]]
            for c in range(out.shape[1]):
                out[x, c] += sums[i * wide + c]
        at += n
