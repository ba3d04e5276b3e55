"""The layer that reads the sequence itself: its kernel has few rows that the letters name."""

import numpy as np

from giaflow.model.kernels import jit
from giaflow.model.repeats import repeat
from giaflow.model.rows import finish_rows, sum_rows

# Rows whose sums are held at once, so that they stay in the nearest cache.
FEW = 16


@jit
def read_letters(values, same, window, geometry, kernel, target, base, finish, scratch, out):
    """As `convolve`, for letters: of a kernel (k, C, D) the few rows that they name are summed.

    D is the output's channels, filled with zeros to whole panels. Rows of the output that are the
    `same` (P,) are computed once; without rows, all of them.
    """
    first, start, offset = window
    first2, start2, offset2 = target
    stride, dilation, left = geometry
    taps, inner, wide = kernel.shape
    row, edit, place = np.empty(FEW, np.int64), np.empty(FEW, np.int64), np.empty(FEW, np.int64)
    room, counts = taps * inner, np.empty(FEW, np.int64)
    named, letter, number = _named(values)
    chosen, factors = np.empty(FEW * room, np.int64), np.empty(FEW * room, np.float32)
    weights, held = kernel.reshape(-1), np.int64(0)
    for e in range(len(first2) - 1):
        for r in range(first2[e], first2[e + 1]):
            for x in range(offset2[r], offset2[r + 1]):
                if len(same) and same[x] < x:
                    continue
                o, n = start2[r] + x - offset2[r], held * room
                begin = o * stride - left
                end = begin + (taps - 1) * dilation + 1
                for q in range(first[e], first[e + 1]):
                    stop = min(end, start[q] + offset[q + 1] - offset[q])
                    for i in range(max(begin, start[q]), stop):
                        if dilation > 1 and (i - begin) % dilation:
                            continue
                        j = i - begin if dilation == 1 else (i - begin) // dilation
                        at = offset[q] + i - start[q]
                        for m in range(named[at], named[at + 1]):
                            chosen[n], factors[n] = j * inner + letter[m], number[m]
                            n += 1
                row[held], edit[held], place[held], counts[held] = x, e, o, n - held * room
                held += 1
                if held == FEW:
                    sum_rows(scratch, wide, weights, chosen, factors, counts, room, held)
                    finish_rows(scratch, wide, held, row, edit, place, base, finish, out)
                    held = np.int64(0)
    sum_rows(scratch, wide, weights, chosen, factors, counts, room, held)
    finish_rows(scratch, wide, held, row, edit, place, base, finish, out)
    for x in range(len(same)):
        repeat(same, x, out)


@jit
def _named(values):
    """(first, letter, number) of what is not zero in values (P, C): rows of first (P + 1)."""
    named, n = np.empty(len(values) + 1, np.int64), 0
    letter, number = np.empty(values.size + 1, np.int64), np.empty(values.size + 1, np.float32)
    for x in range(len(values)):
        named[x] = n
        for c in range(values.shape[1]):
            letter[n], number[n] = c, values[x, c]
            n += values[x, c] != 0
    named[len(values)] = n
    return named, letter, number
