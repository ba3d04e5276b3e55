"""Compiled loops over windows: what an op makes of the differences in its input.

Arrays of differences have axes (P, C) and follow `windows.Windows`; arrays of backgrounds have
axes (B, L, C), and `base` (E,) names the background of each edit. Indices are written out and
buffers come from the caller: slices and fresh memory cost twice the time here.
"""

import numba as nb
import numpy as np

from giaflow.models.engine.repeated_rows import repeat

# Sums may be reordered and fused; infinities and NaN keep their meaning.
jit = nb.njit(nogil=True, cache=True, fastmath={"nsz", "contract", "reassoc"})


@jit
def relu(x):
    """The larger of x and 0; a NaN stays."""
    return nb.float32(0) if x < 0 else x


@jit
def complete(out, bias, kept, rectified):
    """Add a bias (D,) to out (P, D), also as kept if that has rows, and rectify on request."""
    for x in range(out.shape[0]):
        for c in range(out.shape[1]):
            v = out[x, c] + bias[c]
            if len(kept):
                kept[x, c] = v
            out[x, c] = relu(v) if rectified else v


@jit
def scatter(taps, window, geometry, target, out):
    """Sum a convolution's taps (P, k, D), differences times the kernel of each, into out (P, D)."""
    first, start, offset = window
    first2, start2, offset2 = target
    stride, dilation, left = geometry
    k = taps.shape[1]
    for e in range(len(first) - 1):
        for r in range(first2[e], first2[e + 1]):
            for x in range(offset2[r], offset2[r + 1]):
                o = start2[r] + x - offset2[r]
                for c in range(out.shape[1]):
                    total = nb.float32(0)
                    for q in range(first[e], first[e + 1]):
                        width = offset[q + 1] - offset[q]
                        at = o * stride - left - start[q]
                        j0 = max(0, -(at // dilation))
                        j1 = min(k, (width - 1 - at) // dilation + 1)
                        for j in range(j0, j1):
                            total += taps[offset[q] + at + j * dilation, j, c]
                    out[x, c] = total


@jit
def scatter_side_by_side(taps, window, left, target, out):
    """As `scatter`, for stride and dilation 1 and taps in falling order.

    Then what one position adds to the outputs around it lies side by side, like the outputs.
    """
    first, start, offset = window
    first2, start2, offset2 = target
    k, channels = taps.shape[1], out.shape[1]
    numbers, sums = taps.reshape(-1), out.reshape(-1)
    for e in range(len(first) - 1):
        for r in range(first2[e], first2[e + 1]):
            begin, end = start2[r], start2[r] + offset2[r + 1] - offset2[r]
            out[offset2[r] : offset2[r + 1]] = 0
            for q in range(first[e], first[e + 1]):
                for x in range(offset[q], offset[q + 1]):
                    lowest = start[q] + x - offset[q] + left - (k - 1)
                    low, high = max(lowest, begin), min(lowest + k, end)
                    if low < high:
                        n = (high - low) * channels
                        to = (offset2[r] + low - begin) * channels
                        at = (x * k + low - lowest) * channels
                        some, more = sums[to : to + n], numbers[at : at + n]
                        for i in range(n):
                            some[i] += more[i]


@jit
def rectify(values, scale, window, base, before, out):
    """relu(before + scale * values) - relu(before), values and out (P, C)."""
    first, start, offset = window
    channels = values.shape[1]
    for e in range(len(first) - 1):
        b = base[e]
        for r in range(first[e], first[e + 1]):
            for x in range(offset[r], offset[r + 1]):
                o = start[r] + x - offset[r]
                for c in range(channels):
                    v = before[b, o, c]
                    out[x, c] = relu(v + scale[c] * values[x, c]) - relu(v)


@jit
def gather(window, base, background, rectified, out):
    """Rows of a background (B, L, C) under the windows, rectified on request, as out (P, C).

    A background of length 1, a vector, is the same at every position.
    """
    first, start, offset = window
    last = background.shape[1] - 1
    for e in range(len(first) - 1):
        b = base[e]
        for r in range(first[e], first[e + 1]):
            for x in range(offset[r], offset[r + 1]):
                o = min(start[r] + x - offset[r], last)
                for c in range(out.shape[1]):
                    v = background[b, o, c]
                    out[x, c] = relu(v) if rectified else v


@jit
def pool_max(values, same, window, geometry, target, base, source, rectified, pooled, out):
    """Largest value under each pooling window after the edit, less that before (`pooled`).

    geometry  (size, stride, left); `source` (B, L, C) is the background that is pooled
    same      (P,) rows of out that repeat an earlier one, or no rows
    """
    first, start, offset = window
    first2, start2, offset2 = target
    size, stride, left = geometry
    length, channels = source.shape[1], source.shape[2]
    for e in range(len(first) - 1):
        b = base[e]
        for r in range(first2[e], first2[e + 1]):
            for x in range(offset2[r], offset2[r + 1]):
                if repeat(same, x, out):
                    continue
                o = start2[r] + x - offset2[r]
                for c in range(channels):
                    out[x, c] = -np.inf
                q = first[e]
                for t in range(max(o * stride - left, 0), min(o * stride - left + size, length)):
                    while q < first[e + 1] and start[q] + offset[q + 1] - offset[q] <= t:
                        q += 1
                    if q < first[e + 1] and start[q] <= t:
                        at = offset[q] + t - start[q]
                        for c in range(channels):
                            v = source[b, t, c]
                            v = (relu(v) if rectified else v) + values[at, c]
                            out[x, c] = out[x, c] if v <= out[x, c] else v
                    else:
                        for c in range(channels):
                            v = source[b, t, c]
                            v = relu(v) if rectified else v
                            out[x, c] = out[x, c] if v <= out[x, c] else v
                for c in range(channels):
                    out[x, c] -= pooled[b, o, c]


@jit
def pool_sum(values, window, geometry, target, length, average, out):
    """Sum or average of the differences under each pooling window."""
    first, start, offset = window
    first2, start2, offset2 = target
    size, stride, left = geometry
    channels = values.shape[1]
    for e in range(len(first) - 1):
        for r in range(first2[e], first2[e + 1]):
            for x in range(offset2[r], offset2[r + 1]):
                o = start2[r] + x - offset2[r]
                begin = max(o * stride - left, 0)
                end = min(o * stride - left + size, length)
                for c in range(channels):
                    out[x, c] = 0
                for q in range(first[e], first[e + 1]):
                    move = offset[q] - start[q]
                    stop = min(end, start[q] + offset[q + 1] - offset[q])
                    for t in range(max(begin, start[q]), stop):
                        for c in range(channels):
                            out[x, c] += values[t + move, c]
                if average:
                    f = nb.float32(1.0 / (end - begin))
                    for c in range(channels):
                        out[x, c] *= f


@jit
def spread(values, window, positions, channels, target, column, out):
    """Copy values to out (P, D): out[o, column + d] = values at positions[o], channels[d].

    What no window covers is zero. Serves taking, cropping, padding, reversing, concatenating.
    """
    first, start, offset = window
    first2, start2, offset2 = target
    for e in range(len(first) - 1):
        for r in range(first2[e], first2[e + 1]):
            for x in range(offset2[r], offset2[r + 1]):
                i = positions[start2[r] + x - offset2[r]]
                at = -1
                for q in range(first[e], first[e + 1]):
                    if start[q] <= i < start[q] + offset[q + 1] - offset[q]:
                        at = offset[q] + i - start[q]
                for d in range(len(channels)):
                    hit = at >= 0 and channels[d] >= 0
                    out[x, column + d] = values[at, channels[d]] if hit else nb.float32(0)


@jit
def accumulate(values, window, target, out):
    """Add values (P, C) to out where their windows lie within the target's."""
    first, start, offset = window
    first2, start2, offset2 = target
    for e in range(len(first) - 1):
        for r in range(first2[e], first2[e + 1]):
            for q in range(first[e], first[e + 1]):
                begin = max(start[q], start2[r])
                end = min(
                    start[q] + offset[q + 1] - offset[q], start2[r] + offset2[r + 1] - offset2[r]
                )
                for t in range(begin, end):
                    x, at = offset2[r] + t - start2[r], offset[q] + t - start[q]
                    for c in range(values.shape[1]):
                        out[x, c] += values[at, c]


@jit
def materialise(values, window, base, background, out):
    """The background (B, L, C) with the differences added, as out (E, L, C)."""
    first, start, offset = window
    for e in range(len(first) - 1):
        b = base[e]
        for o in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[e, o, c] = background[b, o, c]
        for r in range(first[e], first[e + 1]):
            for x in range(offset[r], offset[r + 1]):
                o = start[r] + x - offset[r]
                for c in range(out.shape[2]):
                    out[e, o, c] += values[x, c]
