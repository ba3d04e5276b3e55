"""Convolutions of many channels: each row times all taps, and then the sums of those products.

A sum takes little where a product has many numbers. In return a row that several edits share is
multiplied once, and no tile has taps that only some of its rows have.
"""

import numpy as np

from giaflow.models.engine.kernels.llvm import LANES, ROWS
from giaflow.models.engine.kernels.loops import jit
from giaflow.models.engine.kernels.products import together
from giaflow.models.engine.kernels.row_sums import finish_rows, sum_rows
from giaflow.models.engine.kernels.tile_product import listed, marked, multiply_tiles
from giaflow.models.engine.windows import Windows, by_position

# Channels from which on a convolution is computed so.
MANY = 128
# Numbers of the products that are kept at once, so that they stay in cache.
KEPT = 1 << 17
# Rows whose sums are held at once, so that they stay in the nearest cache.
FEW = 16


def products_size(window, kernel):
    """Numbers that `convolve_apart` needs for products: at least those of any edit's rows."""
    rows = np.diff(window.offset[window.first]).max(initial=0)
    return max(KEPT, int(rows + ROWS) * len(kernel) * LANES)


@jit
def convolve_apart(
    values, same, window, geometry, kernel, target, base, finish, scratch, products, out
):
    """As `products.convolve`; rows of the input that are the `same` (P,) are multiplied once.

    Without rows in `same` all are. `kernel` is packed with one tap, whose outputs are those of
    all k taps, each filled to whole panels; `geometry` ends with k.
    """
    first, start, offset = window
    wide = len(kernel) * LANES
    which, product = np.empty(len(products) // wide, np.int64), np.full(len(values), -1)
    marks, flat = marked(values.reshape(-1), len(values), values.shape[1]), values.reshape(-1)
    begin, done = 0, np.int64(0)
    while begin < len(base):
        end = begin + 1
        while end < len(base):
            rows = offset[first[end + 1]] - offset[first[begin]]
            if (rows + ROWS) * wide > len(products):
                break
            end += 1
        some, found = Windows(first[begin : end + 1], start, offset), np.int64(0)
        for x in by_position(some, base[begin:end])[0]:
            r = same[x] if len(same) else x
            # What was multiplied for edits before these is gone.
            if product[r] < done:
                product[r], which[found] = done + found, x
                found += 1
            product[x] = product[r]
        _multiply(flat, marks, values.shape[1], which, found, kernel, products)
        _sum(
            *(products, product, done, window, geometry, target, begin, end),
            *(base, finish, wide, scratch, out),
        )
        begin, done = end, done + found


@jit
def _multiply(flat, marks, inner, which, found, kernel, products):
    """The products of rows `which` with all taps, one after another."""
    panels, weights, room = len(kernel), kernel.reshape(-1), inner + LANES
    most, wide = together(room), panels * LANES
    at, counts = np.empty(most * ROWS, np.int64), np.empty(most, np.int64)
    lists, nothing = np.empty(most * room, np.uint32), np.zeros(inner, np.float32)
    for begin in range(0, found, most * ROWS):
        tiles = min(most, -(-(found - begin) // ROWS))
        for n in range(tiles * ROWS):
            at[n] = which[begin + n] if begin + n < found else -1
        for n in range(tiles):
            counts[n] = listed(marks, at, n * ROWS, inner, lists, n * room)
        multiply_tiles(
            *(products[begin * wide :], wide, flat, nothing, at, lists, room, counts, tiles, 1),
            *(weights, 0, inner * LANES, inner),
        )


@jit
def _sum(
    products, product, done, window, geometry, target, begin, end, base, finish, wide, scratch, out
):
    """Sum the products that meet in each output of edits begin .. end, and finish them."""
    first, start, offset = window
    first2, start2, offset2 = target
    stride, dilation, left, taps = geometry
    row, edit, place = np.empty(FEW, np.int64), np.empty(FEW, np.int64), np.empty(FEW, np.int64)
    counts, chosen = np.empty(FEW, np.int64), np.empty(FEW * taps, np.int64)
    outer, held, ones = wide // taps, np.int64(0), np.ones(FEW * taps, np.float32)
    for e in range(begin, end):
        for r in range(first2[e], first2[e + 1]):
            for x in range(offset2[r], offset2[r + 1]):
                o, n = start2[r] + x - offset2[r], held * taps
                for q in range(first[e], first[e + 1]):
                    shift, width = o * stride - left - start[q], offset[q + 1] - offset[q]
                    for j in range(taps):
                        i = shift + j * dilation
                        if 0 <= i < width:
                            chosen[n] = (product[offset[q] + i] - done) * taps + j
                            n += 1
                row[held], edit[held], place[held], counts[held] = x, e, o, n - held * taps
                held += 1
                if held == FEW:
                    sum_rows(scratch, outer, products, chosen, ones, counts, taps, held)
                    finish_rows(scratch, outer, held, row, edit, place, base, finish, out)
                    held = np.int64(0)
    sum_rows(scratch, outer, products, chosen, ones, counts, taps, held)
    finish_rows(scratch, outer, held, row, edit, place, base, finish, out)
