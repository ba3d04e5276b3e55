"""A small matrix product in vector registers, for rows that lie anywhere in memory.

BLAS wants large matrices; here a product has the few rows of many small windows, and about half
of their numbers are zero: where a background is far below zero, what an edit adds is lost in the
rectifier. Rows at one position of one background lack the same numbers, so a tile of such rows
runs down the numbers that any of them has, and no others.

Each tile keeps its results in registers and runs down the taps and numbers in order, so the sum
of a result has one order whatever the rows around it, and a product with zero adds nothing: its
bytes depend on its own row alone.
"""

import numba as nb
import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from giaflow.models.engine.kernels.llvm import (
    FIRST,
    INDEX,
    LANES,
    ROWS,
    SPLAT,
    VECTOR,
    ZEROS,
    Code,
    index,
)

_WIDE = bool(binding.get_host_cpu_features().get("avx512f"))

jit = nb.njit(nogil=True, cache=True)

# Per byte, the places of the bits that are set, and how many they are.
_BITS = np.zeros((256, 8), np.uint8)
_SET = np.zeros(256, np.int64)
for _byte in range(256):
    _places = [_bit for _bit in range(8) if _byte >> _bit & 1]
    _BITS[_byte, : len(_places)], _SET[_byte] = _places, len(_places)


def _tile(panels):
    """An intrinsic: `ROWS` rows times `panels` panels of weights, summed over taps.

    out[oi + wide r + LANES p + v] = sum over j < taps and over the counts[ci + j] numbers c of
    lists[room (ci + j) ...] of a[k at[ROWS (ci + j) + r] + c] w[wi + step p + (k j + c) LANES + v]
    """

    @intrinsic
    def tile(
        typingctx, out, oi, wide, a, nothing, at, lists, room, counts, ci, taps, w, wi, step, k
    ):
        def codegen(context, builder, signature, args):
            code = Code(context, builder, signature, args)
            _, oi, wide, _, _, _, _, room, _, ci, taps, _, wi, step, k = args
            name = f"llvm.fmuladd.v{LANES}f32"
            kind = ir.FunctionType(VECTOR, [VECTOR] * 3)
            fmuladd = cgutils.get_or_insert_function(builder.module, kind, name)
            before = builder.block
            head, begin, loop, following, after = (
                builder.append_basic_block(n) for n in ("head", "begin", "loop", "next", "after")
            )
            builder.branch(head)

            builder.position_at_end(head)
            j = builder.phi(INDEX)
            sums = [builder.phi(VECTOR) for _ in range(ROWS * panels)]
            tap = builder.add(ci, j)
            count = code.load(8, tap)
            builder.cbranch(builder.icmp_signed(">", count, index(0)), begin, following)

            builder.position_at_end(begin)
            lefts = code.rows(3, 4, 5, builder.mul(tap, index(ROWS)), k)
            chosen = code.pointer(6, builder.mul(tap, room))
            first = builder.add(wi, builder.mul(builder.mul(k, j), index(LANES)))
            rights = [
                code.pointer(11, builder.add(first, builder.mul(step, index(p))))
                for p in range(panels)
            ]
            builder.branch(loop)

            builder.position_at_end(loop)
            i = builder.phi(INDEX)
            parts = [builder.phi(VECTOR) for _ in sums]
            c = builder.zext(builder.load(builder.gep(chosen, [i])), INDEX)
            place = builder.mul(c, index(LANES))
            weights = [code.vector(builder.gep(right, [place])) for right in rights]
            ends = []
            for r in range(ROWS):
                value = builder.load(builder.gep(lefts[r], [c]))
                spread = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), value, FIRST)
                spread = builder.shuffle_vector(spread, spread, SPLAT)
                for p in range(panels):
                    part = parts[r * panels + p]
                    ends.append(builder.call(fmuladd, [spread, weights[p], part]))
            # Loads of the next turn must wait, or an unrolled loop would run out of registers.
            wait = ir.FunctionType(ir.VoidType(), [])
            builder.asm(wait, "", "~{memory}", [], side_effect=True)
            more = builder.add(i, index(1))
            builder.cbranch(builder.icmp_signed("<", more, count), loop, following)
            i.add_incoming(index(0), begin)
            i.add_incoming(more, loop)

            builder.position_at_end(following)
            results = [builder.phi(VECTOR) for _ in sums]
            up = builder.add(j, index(1))
            builder.cbranch(builder.icmp_signed("<", up, taps), head, after)
            j.add_incoming(index(0), before)
            j.add_incoming(up, following)
            for total, part, end, result in zip(sums, parts, ends, results, strict=True):
                total.add_incoming(ZEROS, before)
                total.add_incoming(result, following)
                part.add_incoming(total, begin)
                part.add_incoming(end, loop)
                result.add_incoming(total, head)
                result.add_incoming(end, loop)

            builder.position_at_end(after)
            for r in range(ROWS):
                row = builder.add(oi, builder.mul(wide, index(r)))
                for p in range(panels):
                    to = code.pointer(0, builder.add(row, index(LANES * p)))
                    to = builder.bitcast(to, VECTOR.as_pointer())
                    builder.store(results[r * panels + p], to, align=4)
            return context.get_dummy_value()

        kinds = (out, oi, wide, a, nothing, at, lists, room, counts, ci, taps, w, wi, step, k)
        return types.void(*kinds), codegen

    return tile


_one, _two, _three, _four = (_tile(panels) for panels in (1, 2, 3, 4))


@intrinsic
def _mark(typingctx, marks, to, a, at):
    """Bit v of marks[to] = whether a[at + v] is a number other than zero."""

    def codegen(context, builder, signature, args):
        code = Code(context, builder, signature, args)
        found = builder.fcmp_unordered("!=", code.vector(code.pointer(2, args[3])), ZEROS)
        mask = builder.bitcast(found, ir.IntType(LANES))
        builder.store(mask, code.pointer(0, args[1]))
        return context.get_dummy_value()

    return types.void(marks, to, a, at), codegen


@intrinsic
def _list(typingctx, lists, to, marks, at, n, blocks):
    """Write which numbers any row of a tile has to lists[to] ..; returns how many."""

    def codegen(context, builder, signature, args):
        code = Code(context, builder, signature, args)
        _, to, _, _, n, blocks = args
        whole = ir.VectorType(ir.IntType(32), LANES)
        bits, some = ir.IntType(LANES), ir.VectorType(ir.IntType(1), LANES)
        kind = ir.FunctionType(whole, [whole, some, whole])
        name = f"llvm.experimental.vector.compress.v{LANES}i32"
        compress = cgutils.get_or_insert_function(builder.module, kind, name)
        # Rows that are missing have the first marks, which are none.
        rows = [code.load(3, builder.add(n, index(r))) for r in range(ROWS)]
        lefts = [code.pointer(2, builder.mul(builder.add(r, index(1)), blocks)) for r in rows]
        count = cgutils.alloca_once_value(builder, index(0))
        with cgutils.for_range(builder, blocks, intp=INDEX) as loop:
            both = ir.Constant(bits, 0)
            for left in lefts:
                both = builder.or_(both, builder.load(builder.gep(left, [loop.index])))
            first = builder.trunc(builder.mul(loop.index, index(LANES)), ir.IntType(32))
            spread = builder.insert_element(ir.Constant(whole, ir.Undefined), first, FIRST)
            spread = builder.shuffle_vector(spread, spread, SPLAT)
            numbers = builder.add(spread, ir.Constant(whole, list(range(LANES))))
            chosen = builder.call(
                compress, [numbers, builder.bitcast(both, some), ir.Constant(whole, ir.Undefined)]
            )
            found = builder.load(count)
            place = code.pointer(0, builder.add(to, found))
            builder.store(chosen, builder.bitcast(place, whole.as_pointer()), align=4)
            added = builder.zext(builder.ctpop(both), INDEX)
            builder.store(builder.add(found, added), count)
        return builder.load(count)

    return types.int64(lists, to, marks, at, n, blocks), codegen


@jit
def marked(a, rows, k):
    """Marks of the numbers other than zero in rows of k, for `listed`; before them a row of none.

    Rows shorter than `LANES` have no marks.
    """
    blocks = -(-k // LANES)
    if k < LANES:
        return np.zeros(0, np.uint16)
    marks = np.empty((rows + 1) * blocks, np.uint16)
    marks[:blocks] = 0
    rest = k % LANES
    for row in range(rows):
        to = (row + 1) * blocks
        for b in range(k // LANES):
            _mark(marks, to + b, a, row * k + b * LANES)
        if rest:
            # The last block begins where its numbers end with the row.
            _mark(marks, to + blocks - 1, a, row * k + k - LANES)
            marks[to + blocks - 1] >>= LANES - rest
    return marks


@jit
def listed(marks, at, n, k, lists, to):
    """Write to lists[to] .. which of k numbers any row of a tile has, rising; returns how many.

    The tile's rows are at[n] .. at[n + ROWS - 1], -1 where one is missing; `lists` has room for
    k + `LANES`.
    """
    if k < LANES:
        for c in range(k):
            lists[to + c] = c
        return k
    blocks, found = -(-k // LANES), 0
    if _WIDE:
        return _list(lists, to, marks, at, n, blocks)
    # Short registers cannot be compressed.
    for b in range(blocks):
        mark = np.int64(0)
        for r in range(n, n + ROWS):
            mark |= marks[(at[r] + 1) * blocks + b]
        for half in range(0, LANES, 8):
            byte = (mark >> half) & 255
            for v in range(8):
                lists[to + found + v] = _BITS[byte, v] + LANES * b + half
            found += _SET[byte]
    return found


@jit
def multiply_tiles(out, wide, a, nothing, at, lists, room, counts, tiles, taps, w, wi, step, k):
    """Multiply tiles of `ROWS` rows with all panels of weights, into rows of `wide` results.

    Parameters
    ----------
    out : numpy.ndarray
        Flat; tile t writes rows t ROWS .. of `wide` numbers.
    a, nothing : numpy.ndarray
        The numbers, and zeros for a row that is missing; flat.
    at : numpy.ndarray
        int64, per tile, tap and row which k numbers of `a` it reads, or -1.
    lists, counts : numpy.ndarray
        uint32 and int64, per tile and tap which numbers take part, in `room` each, and how many.
    w, wi, step, k
        Weights, where they start, and how far panels, and taps of k numbers, lie apart.
    """
    panel, panels = 0, wide // LANES
    while panel < panels:
        begin, left = wi + panel * step, panels - panel
        some = 1 if not _WIDE else 3 if left in (3, 5, 6) else min(left, 4)
        for t in range(tiles):
            to, ci = t * ROWS * wide + panel * LANES, t * taps
            if some == 4:
                _four(
                    out, to, wide, a, nothing, at, lists, room, counts, ci, taps, w, begin, step, k
                )
            elif some == 3:
                _three(
                    out, to, wide, a, nothing, at, lists, room, counts, ci, taps, w, begin, step, k
                )
            elif some == 2:
                _two(
                    out, to, wide, a, nothing, at, lists, room, counts, ci, taps, w, begin, step, k
                )
            else:
                _one(
                    out, to, wide, a, nothing, at, lists, room, counts, ci, taps, w, begin, step, k
                )
        panel += some
