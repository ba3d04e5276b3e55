"""Compiled loops of the layers with weights: convolutions and dense layers on windows.

Weights are packed as (panels, k, C, LANES): `LANES` outputs at a time, taps one after another.
Rows are multiplied in tiles of `ROWS`, and a tile skips the numbers that are zero in all its
rows, so rows are taken in the order of their positions, where they are zero together.
"""

import math

import numpy as np

from giaflow.model.kernels import jit
from giaflow.model.micro import listed, marked, multiply_tiles
from giaflow.model.rows import finish_row, sum_rows
from giaflow.model.vectors import LANES, ROWS

# Rows whose sums are held at once, so that they and a panel of weights stay in cache; fewer where
# what their tiles list would be more than so many numbers.
BLOCK, LISTED = 128, 1 << 20
# As many rows where there is hardly a product, so that they stay in the nearest cache.
FEW = 16


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


@jit
def _together(numbers):
    """Tiles that are worked on at once, where each lists up to so many numbers."""
    return max(1, min(BLOCK // ROWS, LISTED // numbers))


@jit
def _by_position(target, base):
    """(row, edit, position) of all rows, backgrounds in turn and each by position, then edit."""
    first, start, offset = target
    rows = offset[len(start)]
    row, edit, place = np.empty(rows, np.int64), np.empty(rows, np.int64), np.empty(rows, np.int64)
    done = begin = np.int64(0)
    while begin < len(base):
        end = begin
        while end < len(base) and base[end] == base[begin]:
            end += 1
        low, high = np.int64(0), np.int64(0)
        for r in range(first[begin], first[end]):
            stop = start[r] + offset[r + 1] - offset[r]
            low = start[r] if r == first[begin] else min(low, start[r])
            high = max(high, stop)
        # How many windows begin less how many end at a position, then where its rows begin.
        at = np.zeros(high - low + 1, np.int64)
        for r in range(first[begin], first[end]):
            at[start[r] - low] += 1
            at[start[r] + offset[r + 1] - offset[r] - low] -= 1
        covered = np.int64(0)
        for p in range(high - low):
            covered += at[p]
            at[p] = done
            done += covered
        for e in range(begin, end):
            for r in range(first[e], first[e + 1]):
                for x in range(offset[r], offset[r + 1]):
                    o = start[r] + x - offset[r]
                    n = at[o - low]
                    row[n], edit[n], place[n] = x, e, o
                    at[o - low] += 1
        begin = end
    return row, edit, place


@jit
def convolve(values, window, geometry, kernel, target, base, finish, scratch, out):
    """Convolve differences (P, C) under windows, then rectify and add a residual.

    geometry  (stride, dilation, left)
    finish    (mode, before, residual, added, after): mode 1 rectifies before, 2 after the
              residual is added, 3 both; before and after are backgrounds (B, L, D) at those
              points, residual the Windows of `added` (P, D), without rows if nothing is added
    """
    first, start, offset = window
    stride, dilation, left = geometry
    panels, taps, inner, _ = kernel.shape
    wide, room = panels * LANES, inner + LANES
    flat, weights = values.reshape(-1), kernel.reshape(-1)
    row, edit, place = _by_position(target, base)
    most = _together(taps * room)
    at, counts = np.empty(most * taps * ROWS, np.int64), np.empty(most * taps, np.int64)
    lists, nothing = np.empty(most * taps * room, np.uint32), np.zeros(inner, np.float32)
    marks = marked(flat, len(values), inner)
    for begin in range(0, len(row), most * ROWS):
        held = min(most * ROWS, len(row) - begin)
        tiles = -(-held // ROWS)
        at[: tiles * taps * ROWS] = -1
        counts[: tiles * taps] = 0
        for x in range(held):
            e, tile = edit[begin + x], x // ROWS * taps
            for q in range(first[e], first[e + 1]):
                # Tap j reads row `shift` + j * dilation of this window.
                shift = place[begin + x] * stride - left - start[q]
                width = offset[q + 1] - offset[q]
                for j in range(taps):
                    i = shift + j * dilation
                    if 0 <= i < width:
                        at[(tile + j) * ROWS + x % ROWS] = offset[q] + i
                        counts[tile + j] = 1
        for n in range(tiles * taps):
            if counts[n]:
                counts[n] = listed(marks, at, n * ROWS, inner, lists, n * room)
        multiply_tiles(
            *(scratch, wide, flat, nothing, at, lists, room, counts, tiles, taps),
            *(weights, 0, taps * inner * LANES, inner),
        )
        _finish(scratch, wide, held, begin, row, edit, place, base, finish, out)


@jit
def read_letters(values, window, geometry, kernel, target, base, finish, scratch, out):
    """As `convolve`, for letters: of a kernel (k, C, D) the few rows that they name are summed.

    D is the output's channels, filled with zeros to whole panels.
    """
    first, start, offset = window
    first2, start2, offset2 = target
    stride, dilation, left = geometry
    taps, inner, wide = kernel.shape
    row, edit, place = np.empty(FEW, np.int64), np.empty(FEW, np.int64), np.empty(FEW, np.int64)
    room, counts = taps * inner, np.empty(FEW, np.int64)
    chosen, factors = np.empty(FEW * room, np.int64), np.empty(FEW * room, np.float32)
    weights, held = kernel.reshape(-1), np.int64(0)
    for e in range(len(first2) - 1):
        for r in range(first2[e], first2[e + 1]):
            for x in range(offset2[r], offset2[r + 1]):
                o, n = start2[r] + x - offset2[r], held * room
                begin = o * stride - left
                end = begin + (taps - 1) * dilation + 1
                for q in range(first[e], first[e + 1]):
                    stop = min(end, start[q] + offset[q + 1] - offset[q])
                    for i in range(max(begin, start[q]), stop):
                        if dilation > 1 and (i - begin) % dilation:
                            continue
                        j = i - begin if dilation == 1 else (i - begin) // dilation
                        for c in range(inner):
                            v = values[offset[q] + i - start[q], c]
                            if v != 0:
                                chosen[n], factors[n] = j * inner + c, v
                                n += 1
                row[held], edit[held], place[held], counts[held] = x, e, o, n - held * room
                held += 1
                if held == FEW or x == offset2[len(start2)] - 1:
                    sum_rows(scratch, wide, weights, chosen, factors, counts, room, held)
                    _finish(scratch, wide, held, np.int64(0), row, edit, place, base, finish, out)
                    held = np.int64(0)


@jit
def _finish(scratch, wide, held, begin, row, edit, place, base, finish, out):
    """Rectify the held rows of results, add the residual, rectify again, and write them out."""
    mode, before, residual, added, after = finish
    first, start, offset = residual
    channels, flat = out.shape[1], out.reshape(-1)
    flat_before, flat_added, flat_after = before.reshape(-1), added.reshape(-1), after.reshape(-1)
    for n in range(held):
        e, o, r = edit[begin + n], place[begin + n], np.int64(-1)
        for q in range(first[e], first[e + 1]):
            if start[q] <= o < start[q] + offset[q + 1] - offset[q]:
                r = (offset[q] + o - start[q]) * channels
        bi = (base[e] * before.shape[1] + o) * channels if mode & 1 else np.int64(-1)
        fi = (base[e] * after.shape[1] + o) * channels if mode & 2 else np.int64(-1)
        finish_row(
            *(flat, row[begin + n] * channels, scratch, n * wide, channels),
            *(flat_before, bi, flat_added, r, flat_after, fi),
        )


@jit
def multiply(values, kernel, scratch, out):
    """values (P, C) times a packed kernel of one tap, as out (P, D)."""
    panels, _, inner, _ = kernel.shape
    wide, room, most = panels * LANES, inner + LANES, _together(inner + LANES)
    flat, weights = values.reshape(-1), kernel.reshape(-1)
    at, counts = np.empty(most * ROWS, np.int64), np.empty(most, np.int64)
    lists, marks = np.empty(most * room, np.uint32), marked(flat, len(values), inner)
    nothing, sums = np.zeros(inner, np.float32), scratch.reshape(-1, wide)
    for begin in range(0, len(values), most * ROWS):
        rows = min(most * ROWS, len(values) - begin)
        tiles = -(-rows // ROWS)
        for n in range(tiles * ROWS):
            at[n] = begin + n if n < rows else -1
        for n in range(tiles):
            counts[n] = listed(marks, at, n * ROWS, inner, lists, n * room)
        multiply_tiles(
            *(scratch, wide, flat, nothing, at, lists, room, counts, tiles, 1),
            *(weights, 0, inner * LANES, inner),
        )
        for n in range(rows):
            for c in range(out.shape[1]):
                out[begin + n, c] = sums[n, c]


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
    widest = np.int64(0)
    for q in order:
        widest = max(widest, offset[q + 1] - offset[q])
    room = channels + LANES
    most = _together(max(widest, 1) * room)
    at, counts = np.empty(most * ROWS * widest, np.int64), np.empty(most * widest, np.int64)
    lists, nothing = np.empty(most * widest * room, np.uint32), np.zeros(channels, np.float32)
    marks, sums, done = marked(flat, len(values), channels), scratch.reshape(-1, wide), 0
    while done < len(order):
        q = order[done]
        width, n = offset[q + 1] - offset[q], 0
        while done + n < len(order) and n < most * ROWS:
            p = order[done + n]
            if start[p] != start[q] or offset[p + 1] - offset[p] != width:
                break
            for j in range(width):
                at[(n // ROWS * width + j) * ROWS + n % ROWS] = offset[p] + j
            n += 1
        tiles = -(-n // ROWS)
        for i in range(n, tiles * ROWS):
            for j in range(width):
                at[(i // ROWS * width + j) * ROWS + i % ROWS] = -1
        for t in range(tiles * width):
            counts[t] = listed(marks, at, t * ROWS, channels, lists, t * room)
        multiply_tiles(
            *(scratch, wide, flat, nothing, at, lists, room, counts, tiles, width),
            *(weights, start[q] * channels * LANES, inner * LANES, channels),
        )
        for i in range(n):
            x = row[order[done + i]]
            for c in range(out.shape[1]):
                out[x, c] += sums[i, c]
        done += n
