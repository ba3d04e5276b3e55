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

LANES = 16
# A tile has a register of 512 bits for each of four rows and up to four panels.
ROWS = 4
_WIDE = bool(binding.get_host_cpu_features().get("avx512f"))

jit = nb.njit(nogil=True, cache=True)

# Per byte, the places of the bits that are set, and how many they are.
_BITS = np.zeros((256, 8), np.uint8)
_SET = np.zeros(256, np.int64)
for _byte in range(256):
    _places = [_bit for _bit in range(8) if _byte >> _bit & 1]
    _BITS[_byte, : len(_places)], _SET[_byte] = _places, len(_places)

_INDEX, _SINGLE = ir.IntType(64), ir.FloatType()
_VECTOR = ir.VectorType(_SINGLE, LANES)
_ZEROS = ir.Constant(_VECTOR, [0.0] * LANES)
_FIRST = ir.Constant(ir.IntType(32), 0)
_SPLAT = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)


def _number(value):
    return ir.Constant(_INDEX, value)


class _Code:
    """Helpers of an intrinsic's code: pointers into its arrays, and loops."""

    def __init__(self, context, builder, signature, args):
        self.context, self.builder, self.signature, self.args = context, builder, signature, args

    def data(self, number):
        array = self.context.make_array(self.signature.args[number])
        return array(self.context, self.builder, self.args[number]).data

    def pointer(self, number, place):
        return self.builder.gep(self.data(number), [place])

    def load(self, number, place):
        return self.builder.load(self.pointer(number, place))

    def rows(self, a, nothing, at, place, k):
        """Pointers to `ROWS` rows of k numbers; a row that is missing has zeros."""
        b, found = self.builder, []
        for r in range(ROWS):
            row = self.load(at, b.add(place, _number(r)))
            missing = b.icmp_signed("<", row, _number(0))
            start = self.pointer(a, b.mul(row, k))
            found.append(b.select(missing, self.data(nothing), start))
        return found

    def vector(self, pointer, kind=_VECTOR):
        return self.builder.load(self.builder.bitcast(pointer, kind.as_pointer()), align=4)


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
            code = _Code(context, builder, signature, args)
            _, oi, wide, _, _, _, _, room, _, ci, taps, _, wi, step, k = args
            name = f"llvm.fmuladd.v{LANES}f32"
            kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
            fmuladd = cgutils.get_or_insert_function(builder.module, kind, name)
            before = builder.block
            head, begin, loop, following, after = (
                builder.append_basic_block(n) for n in ("head", "begin", "loop", "next", "after")
            )
            builder.branch(head)

            builder.position_at_end(head)
            j = builder.phi(_INDEX)
            sums = [builder.phi(_VECTOR) for _ in range(ROWS * panels)]
            tap = builder.add(ci, j)
            count = code.load(8, tap)
            builder.cbranch(builder.icmp_signed(">", count, _number(0)), begin, following)

            builder.position_at_end(begin)
            lefts = code.rows(3, 4, 5, builder.mul(tap, _number(ROWS)), k)
            chosen = code.pointer(6, builder.mul(tap, room))
            first = builder.add(wi, builder.mul(builder.mul(k, j), _number(LANES)))
            rights = [
                code.pointer(11, builder.add(first, builder.mul(step, _number(p))))
                for p in range(panels)
            ]
            builder.branch(loop)

            builder.position_at_end(loop)
            i = builder.phi(_INDEX)
            parts = [builder.phi(_VECTOR) for _ in sums]
            c = builder.zext(builder.load(builder.gep(chosen, [i])), _INDEX)
            place = builder.mul(c, _number(LANES))
            weights = [code.vector(builder.gep(right, [place])) for right in rights]
            ends = []
            for r in range(ROWS):
                value = builder.load(builder.gep(lefts[r], [c]))
                spread = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, _FIRST)
                spread = builder.shuffle_vector(spread, spread, _SPLAT)
                for p in range(panels):
                    part = parts[r * panels + p]
                    ends.append(builder.call(fmuladd, [spread, weights[p], part]))
            # Loads of the next turn must wait, or an unrolled loop would run out of registers.
            wait = ir.FunctionType(ir.VoidType(), [])
            builder.asm(wait, "", "~{memory}", [], side_effect=True)
            more = builder.add(i, _number(1))
            builder.cbranch(builder.icmp_signed("<", more, count), loop, following)
            i.add_incoming(_number(0), begin)
            i.add_incoming(more, loop)

            builder.position_at_end(following)
            results = [builder.phi(_VECTOR) for _ in sums]
            up = builder.add(j, _number(1))
            builder.cbranch(builder.icmp_signed("<", up, taps), head, after)
            j.add_incoming(_number(0), before)
            j.add_incoming(up, following)
            for total, part, end, result in zip(sums, parts, ends, results, strict=True):
                total.add_incoming(_ZEROS, before)
                total.add_incoming(result, following)
                part.add_incoming(total, begin)
                part.add_incoming(end, loop)
                result.add_incoming(total, head)
                result.add_incoming(end, loop)

            builder.position_at_end(after)
            for r in range(ROWS):
                row = builder.add(oi, builder.mul(wide, _number(r)))
                for p in range(panels):
                    to = code.pointer(0, builder.add(row, _number(LANES * p)))
                    to = builder.bitcast(to, _VECTOR.as_pointer())
                    builder.store(results[r * panels + p], to, align=4)
            return context.get_dummy_value()

        kinds = (out, oi, wide, a, nothing, at, lists, room, counts, ci, taps, w, wi, step, k)
        return types.void(*kinds), codegen

    return tile


_one, _two, _three, _four = (_tile(panels) for panels in (1, 2, 3, 4))


@intrinsic
def sum_rows(typingctx, out, wide, w, chosen, factors, counts, room, held):
    """out[wide h + d] = sum over i of factors[room h + i] w[wide chosen[room h + i] + d].

    For h < held, d < wide and i < counts[h]; a few columns of all rows in turn, so that their
    weights stay near.
    """

    def codegen(context, builder, signature, args):
        code = _Code(context, builder, signature, args)
        _, wide, _, _, _, _, room, held = args
        name = f"llvm.fmuladd.v{LANES}f32"
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
        fmuladd = cgutils.get_or_insert_function(builder.module, kind, name)

        def block(d, size):
            sums = [cgutils.alloca_once(builder, _VECTOR) for _ in range(size)]
            with cgutils.for_range(builder, held, intp=_INDEX) as rows:
                for total in sums:
                    builder.store(_ZEROS, total)
                first = builder.mul(rows.index, room)
                with cgutils.for_range(builder, code.load(5, rows.index), intp=_INDEX) as loop:
                    i = builder.add(first, loop.index)
                    spread = ir.Constant(_VECTOR, ir.Undefined)
                    spread = builder.insert_element(spread, code.load(4, i), _FIRST)
                    spread = builder.shuffle_vector(spread, spread, _SPLAT)
                    row = builder.add(builder.mul(code.load(3, i), wide), d)
                    for v, total in enumerate(sums):
                        place = code.pointer(2, builder.add(row, _number(v * LANES)))
                        added = [spread, code.vector(place), builder.load(total)]
                        builder.store(builder.call(fmuladd, added), total)
                to = builder.add(builder.mul(rows.index, wide), d)
                for v, total in enumerate(sums):
                    place = code.pointer(0, builder.add(to, _number(v * LANES)))
                    place = builder.bitcast(place, _VECTOR.as_pointer())
                    builder.store(builder.load(total), place, align=4)

        large = builder.udiv(wide, _number(4 * LANES))
        with cgutils.for_range(builder, large, intp=_INDEX) as loop:
            block(builder.mul(loop.index, _number(4 * LANES)), 4)
        done = builder.mul(large, _number(4 * LANES))
        small = builder.udiv(builder.sub(wide, done), _number(LANES))
        with cgutils.for_range(builder, small, intp=_INDEX) as loop:
            block(builder.add(done, builder.mul(loop.index, _number(LANES))), 1)
        return context.get_dummy_value()

    return types.void(out, wide, w, chosen, factors, counts, room, held), codegen


@intrinsic
def finish_row(typingctx, out, oi, sums, si, channels, before, bi, added, ai, after, fi):
    """Write a row of sums to out[oi] ..: rectified, with a residual added, and rectified again.

    `bi`, `ai` and `fi` are where the row begins in the background before the first activation, in
    the residual and in the background before the second, or -1 where there is none.
    """

    def codegen(context, builder, signature, args):
        code = _Code(context, builder, signature, args)
        _, oi, _, si, channels, _, bi, _, ai, _, fi = args
        lanes = ir.VectorType(_INDEX, LANES)
        single, some = _VECTOR.as_pointer(), ir.VectorType(ir.IntType(1), LANES)
        align = ir.IntType(32)
        read = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(_VECTOR, [single, align, some, _VECTOR]),
            f"llvm.masked.load.v{LANES}f32.p0",
        )
        write = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [_VECTOR, single, align, some]),
            f"llvm.masked.store.v{LANES}f32.p0",
        )
        four = ir.Constant(align, 4)
        total = cgutils.alloca_once(builder, _VECTOR)

        def relu(x):
            return builder.select(builder.fcmp_ordered("<", x, _ZEROS), _ZEROS, x)

        def block(c, mask):
            """`LANES` numbers from c on; all of them, or those in a mask."""

            def row(number, start):
                place = code.pointer(number, builder.add(start, c))
                if mask is None:
                    return code.vector(place)
                return builder.call(read, [builder.bitcast(place, single), four, mask, _ZEROS])

            def change(number, start):
                """What a rectifier of a background makes of the sum."""
                with builder.if_then(builder.icmp_signed(">=", start, _number(0))):
                    v = row(number, start)
                    new = relu(builder.fadd(v, builder.load(total)))
                    builder.store(builder.fsub(new, relu(v)), total)

            builder.store(row(2, si), total)
            change(5, bi)
            with builder.if_then(builder.icmp_signed(">=", ai, _number(0))):
                builder.store(builder.fadd(builder.load(total), row(7, ai)), total)
            change(9, fi)
            place = builder.bitcast(code.pointer(0, builder.add(oi, c)), single)
            if mask is None:
                builder.store(builder.load(total), place, align=4)
            else:
                builder.call(write, [builder.load(total), place, four, mask])

        blocks = builder.udiv(channels, _number(LANES))
        with cgutils.for_range(builder, blocks, intp=_INDEX) as loop:
            block(builder.mul(loop.index, _number(LANES)), None)
        c = builder.mul(blocks, _number(LANES))
        rest = builder.sub(channels, c)
        with builder.if_then(builder.icmp_signed(">", rest, _number(0))):
            rest = builder.insert_element(ir.Constant(lanes, ir.Undefined), rest, _FIRST)
            rest = builder.shuffle_vector(rest, rest, _SPLAT)
            block(c, builder.icmp_signed("<", ir.Constant(lanes, list(range(LANES))), rest))
        return context.get_dummy_value()

    kinds = (out, oi, sums, si, channels, before, bi, added, ai, after, fi)
    return types.void(*kinds), codegen


@intrinsic
def _mark(typingctx, marks, to, a, at):
    """Bit v of marks[to] = whether a[at + v] is a number other than zero."""

    def codegen(context, builder, signature, args):
        code = _Code(context, builder, signature, args)
        found = builder.fcmp_unordered("!=", code.vector(code.pointer(2, args[3])), _ZEROS)
        mask = builder.bitcast(found, ir.IntType(LANES))
        builder.store(mask, code.pointer(0, args[1]))
        return context.get_dummy_value()

    return types.void(marks, to, a, at), codegen


@intrinsic
def _list(typingctx, lists, to, marks, at, n, blocks):
    """Write which numbers any row of a tile has to lists[to] ..; returns how many."""

    def codegen(context, builder, signature, args):
        code = _Code(context, builder, signature, args)
        _, to, _, _, n, blocks = args
        whole = ir.VectorType(ir.IntType(32), LANES)
        bits, some = ir.IntType(LANES), ir.VectorType(ir.IntType(1), LANES)
        kind = ir.FunctionType(whole, [whole, some, whole])
        name = f"llvm.experimental.vector.compress.v{LANES}i32"
        compress = cgutils.get_or_insert_function(builder.module, kind, name)
        # Rows that are missing have the first marks, which are none.
        rows = [code.load(3, builder.add(n, _number(r))) for r in range(ROWS)]
        lefts = [code.pointer(2, builder.mul(builder.add(r, _number(1)), blocks)) for r in rows]
        count = cgutils.alloca_once_value(builder, _number(0))
        with cgutils.for_range(builder, blocks, intp=_INDEX) as loop:
            both = ir.Constant(bits, 0)
            for left in lefts:
                both = builder.or_(both, builder.load(builder.gep(left, [loop.index])))
            first = builder.trunc(builder.mul(loop.index, _number(LANES)), ir.IntType(32))
            spread = builder.insert_element(ir.Constant(whole, ir.Undefined), first, _FIRST)
            spread = builder.shuffle_vector(spread, spread, _SPLAT)
            numbers = builder.add(spread, ir.Constant(whole, list(range(LANES))))
            chosen = builder.call(
                compress, [numbers, builder.bitcast(both, some), ir.Constant(whole, ir.Undefined)]
            )
            found = builder.load(count)
            place = code.pointer(0, builder.add(to, found))
            builder.store(chosen, builder.bitcast(place, whole.as_pointer()), align=4)
            added = builder.zext(builder.ctpop(both), _INDEX)
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
