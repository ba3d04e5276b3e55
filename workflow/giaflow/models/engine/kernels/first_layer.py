"""The layer that reads the sequence itself: its kernel has few rows that the letters name."""

import numpy as np

from giaflow.models.engine.kernels.loops import jit, pool_max
from giaflow.models.engine.kernels.row_sums import finish_rows, sum_rows
from giaflow.models.engine.repeated_rows import inside, repeat
from giaflow.models.engine.windows import part

# Rows whose sums are held at once, so that they stay in the nearest cache.
FEW = 16
# Numbers of an output that is pooled at once: it is never written to memory.
POOLED = 1 << 16


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


def room(target, channels):
    """Numbers that `read_pooled` needs for the rows of some edits."""
    return max(POOLED, int(np.diff(target.offset[target.first]).max(initial=0)) * channels)


@jit
def read_pooled(values, window, target, pooled, base, same, conv, pool, scratch, few, out):
    """As `read_letters` and then `kernels.pool_max`, a few edits at a time.

    Parameters
    ----------
    values, window, target, pooled
        Differences of the input, their windows, and those of either output.
    base, scratch, out
    same : tuple
        Of either output, which rows repeat an earlier one.
    conv : tuple
        (geometry, kernel, finish) of the one.
    pool : tuple
        (geometry, source, rectified, pooled) of the other.
    few : numpy.ndarray
        `room` for the first output.
    """
    geometry, kernel, finish = conv
    places, source, rectified, background = pool
    channels, begin = out.shape[1], 0
    while begin < len(base):
        end = begin + 1
        while end < len(base):
            rows = target[2][target[0][end + 1]] - target[2][target[0][begin]]
            if rows * channels > len(few):
                break
            end += 1
        read, at, to = part(window, begin, end)
        made, low, high = part(target, begin, end)
        after, first, last = part(pooled, begin, end)
        some, own = few[: (high - low) * channels].reshape(-1, channels), base[begin:end]
        read_letters(
            *(values[at:to], inside(same[0], low, high), read, geometry, kernel),
            *(made, own, finish, scratch, some),
        )
        pool_max(
            *(some, inside(same[1], first, last), made, places, after, own),
            *(source, rectified, background, out[first:last]),
        )
        begin = end
