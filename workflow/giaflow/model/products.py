"""Compiled loops of the layers with weights: convolutions and dense layers on windows.

Weights are packed as (panels, k, C, LANES): `LANES` outputs at a time, taps one after another.
"""

import numpy as np

from giaflow.model.kernels import jit, relu
from giaflow.model.micro import LANES, add_product, padded

# Positions whose sums are held at once, so that they and a panel of weights stay in cache.
BLOCK = 128
# A list of as many positions, and of those that fill its last tile.
LIST = BLOCK + 8


def packed(kernel):
    """A kernel (k, C, D) as contiguous (panels, k, C, LANES), the last panel filled with zeros."""
    taps, inner, outer = kernel.shape
    panels = -(-outer // LANES)
    filled = np.zeros((taps, inner, panels * LANES), np.float32)
    filled[:, :, :outer] = kernel
    parts = filled.reshape(taps, inner, panels, LANES).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(parts)


def scratch_size(packed_kernel):
    """Numbers that `convolve` and `multiply` need as scratch."""
    # One more row takes the results that nobody wants.
    return (BLOCK + 1) * len(packed_kernel) * LANES


@jit
def convolve(values, window, geometry, kernel, target, base, finish, scratch, out):
    """Convolve differences (P, C) under windows, then rectify and add a residual.

    geometry  (stride, dilation, left)
    finish    (mode, before, residual, added, after): mode 1 rectifies before, 2 after the
              residual is added, 3 both; before and after are backgrounds (B, L, D) at those
              points, residual the Windows of `added` (P, D), without rows if nothing is added
    """
    first2, start2, offset2 = target
    panels, taps, inner, _ = kernel.shape
    wide = panels * LANES
    flat, weights = values.reshape(-1), kernel.reshape(-1)
    # Per tap, the rows of results and of numbers that it joins, and after the last tap the rows
    # that all taps join, whose numbers lie side by side; per row of results, its place.
    to, at = np.empty((taps + 1) * LIST, np.int64), np.empty((taps + 1) * LIST, np.int64)
    counts = np.zeros(taps + 1, np.int64)
    edit, place = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
    # Not the literal 0, for which numba would compile what is called twice.
    held = done = np.int64(0)
    for e in range(len(first2) - 1):
        for r in range(first2[e], first2[e + 1]):
            begin, stop = start2[r], start2[r] + offset2[r + 1] - offset2[r]
            while begin < stop:
                end = min(stop, begin + BLOCK - held)
                _collect(window, e, geometry, inner, wide, begin, end, held, to, at, counts)
                for o in range(begin, end):
                    edit[held], place[held] = e, o
                    held += 1
                begin = end
                if held == BLOCK or (begin == stop and r == len(start2) - 1):
                    scratch[: held * wide] = 0
                    for j in range(taps + 1):
                        for n in range(j * LIST + counts[j], j * LIST + padded(counts[j])):
                            # Any numbers do, if there are enough: their result is not wanted.
                            to[n], at[n] = BLOCK * wide, at[j * LIST]
                    for panel in range(panels):
                        for j in range(taps + 1):
                            tap, k = (j, inner) if j < taps else (0, taps * inner)
                            add_product(
                                *(scratch, to, panel * LANES, flat, at, j * LIST, counts[j]),
                                *(weights, (panel * taps + tap) * inner * LANES, k),
                            )
                    _finish(scratch, wide, held, edit, place, base, finish, done, out)
                    done, held = done + held, np.int64(0)
                    counts[:] = 0


@jit
def _collect(window, e, geometry, inner, wide, begin, end, held, to, at, counts):
    """Note which rows of the windows each tap joins to outputs begin .. end."""
    first, start, offset = window
    stride, dilation, left = geometry
    taps = len(counts) - 1
    for q in range(first[e], first[e + 1]):
        width = offset[q + 1] - offset[q]
        # Outputs inside .. outside are joined by all taps at once, if those are neighbours.
        shift = left + start[q]
        inside = min(max(begin, -(-shift // stride)), end)
        outside = min(end, (shift + width - taps) // stride + 1)
        if dilation > 1 or taps == 1 or outside < inside:
            outside = inside
        for o in range(inside, outside):
            n = taps * LIST + counts[taps]
            to[n] = (held + o - begin) * wide
            at[n] = (offset[q] + o * stride - shift) * inner
            counts[taps] += 1
        for j in range(taps):
            # Output o reads row o * stride - shift of this window.
            shift = left - j * dilation + start[q]
            low = max(begin, -(-shift // stride))
            high = min(end, (shift + width - 1) // stride + 1)
            n = j * LIST + counts[j]
            for o in range(low, high):
                if inside <= o < outside:
                    continue
                to[n] = (held + o - begin) * wide
                at[n] = (offset[q] + o * stride - shift) * inner
                n += 1
            counts[j] = n - j * LIST


@jit
def _finish(scratch, wide, held, edit, place, base, finish, done, out):
    """Rectify the held rows of results, add the residual, rectify again, and write them out."""
    mode, before, residual, added, after = finish
    first, start, offset = residual
    channels = out.shape[1]
    # Indices that are sums could be negative for all the compiler knows, and would not vectorise.
    sums = scratch.reshape(-1, wide)
    for n in range(held):
        e, o, x = edit[n], place[n], done + n
        b, row = base[e], -1
        for q in range(first[e], first[e + 1]):
            if start[q] <= o < start[q] + offset[q + 1] - offset[q]:
                row = offset[q] + o - start[q]
        if mode & 1:
            for c in range(channels):
                v = before[b, o, c]
                sums[n, c] = relu(v + sums[n, c]) - relu(v)
        if mode & 2 and row >= 0:
            for c in range(channels):
                v = after[b, o, c]
                out[x, c] = relu(v + (sums[n, c] + added[row, c])) - relu(v)
        elif mode & 2:
            for c in range(channels):
                v = after[b, o, c]
                out[x, c] = relu(v + sums[n, c]) - relu(v)
        elif row >= 0:
            for c in range(channels):
                out[x, c] = sums[n, c] + added[row, c]
        else:
            for c in range(channels):
                out[x, c] = sums[n, c]


@jit
def multiply(values, kernel, scratch, out):
    """values (P, C) times a packed kernel of one tap, as out (P, D)."""
    panels, _, inner, _ = kernel.shape
    wide = panels * LANES
    flat, weights = values.reshape(-1), kernel.reshape(-1)
    to, at = np.empty(LIST, np.int64), np.empty(LIST, np.int64)
    sums = scratch.reshape(-1, wide)
    for begin in range(0, len(values), BLOCK):
        rows = min(BLOCK, len(values) - begin)
        for n in range(padded(rows)):
            to[n], at[n] = min(n, BLOCK) * wide, (begin + n if n < rows else 0) * inner
        scratch[: rows * wide] = 0
        for panel in range(panels):
            place = panel * inner * LANES
            add_product(scratch, to, panel * LANES, flat, at, 0, rows, weights, place, inner)
        for x in range(rows):
            for c in range(out.shape[1]):
                out[begin + x, c] = sums[x, c]


@jit
def read_all(values, window, channels, kernel, order, row, scratch, out):
    """Add to out (E, D) the product of each window with the rows of a dense kernel under it.

    `kernel` is packed with one tap and all L C numbers of a sequence as its inner axis. Windows
    are visited in `order`; those with equal ends are multiplied together, up to `BLOCK` at once.
    `row` names the row of `out` that each window belongs to.
    """
    _, start, offset = window
    panels, _, inner, _ = kernel.shape
    wide, flat, weights = panels * LANES, values.reshape(-1), kernel.reshape(-1)
    to, at = np.empty(LIST, np.int64), np.empty(LIST, np.int64)
    sums, done = scratch.reshape(-1, wide), 0
    while done < len(order):
        q = order[done]
        width, n = offset[q + 1] - offset[q], 0
        while done + n < len(order) and n < BLOCK:
            p = order[done + n]
            if start[p] != start[q] or offset[p + 1] - offset[p] != width:
                break
            to[n], at[n] = n * wide, offset[p] * channels
            n += 1
        for i in range(n, padded(n)):
            to[i], at[i] = BLOCK * wide, at[0]
        scratch[: n * wide] = 0
        for panel in range(panels):
            place = (panel * inner + start[q] * channels) * LANES
            k = width * channels
            add_product(scratch, to, panel * LANES, flat, at, 0, n, weights, place, k)
        for i in range(n):
            x = row[order[done + i]]
            for c in range(out.shape[1]):
                out[x, c] += sums[i, c]
        done += n
