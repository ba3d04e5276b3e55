"""Compiled loops of the layers with weights: convolutions and dense layers on windows.

Rows are multiplied in tiles of `ROWS`, and a tile skips the numbers that are zero in all its
rows, so rows are taken in the order of their positions, where they are zero together.
"""

import numpy as np

from giaflow.models.engine.kernels.llvm import LANES, ROWS
from giaflow.models.engine.kernels.loops import jit
from giaflow.models.engine.kernels.packing import BLOCK
from giaflow.models.engine.kernels.row_sums import finish_rows
from giaflow.models.engine.kernels.tile_product import listed, marked, multiply_tiles
from giaflow.models.engine.windows import by_position

# Numbers that the tiles list which are worked on at once: fewer tiles where it would be more.
LISTED = 1 << 20


@jit
def together(numbers):
    """Tiles that are worked on at once, where each lists up to so many numbers."""
    return max(1, min(BLOCK // ROWS, LISTED // numbers))


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
    row, edit, place = by_position(target, base)
    most = together(taps * room)
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
        rows = row[begin:], edit[begin:], place[begin:]
        finish_rows(scratch, wide, held, *rows, base, finish, out)


@jit
def multiply(values, kernel, scratch, out):
    """values (P, C) times a packed kernel of one tap, as out (P, D)."""
    panels, _, inner, _ = kernel.shape
    wide, room, most = panels * LANES, inner + LANES, together(inner + LANES)
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
    most = together(max(widest, 1) * room)
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
