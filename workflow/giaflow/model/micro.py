"""A small matrix product in vector registers, for rows that lie anywhere in memory.

BLAS wants large matrices; here a product has the few rows of many small windows, and most of
their numbers are zero: where a background is far below zero, what an edit adds is lost in the
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
_WIDE = bool(binding.get_host_cpu_features().get("avx512f"))
# Registers of 512 bits hold two results for each of eight rows; half as long, as many half of that.
ROWS, PANELS = (8, 2) if _WIDE else (4, 1)

jit = nb.njit(nogil=True, cache=True)

# Per byte, the places of the bits that are set, and how many they are.
_BITS = np.zeros((256, 8), np.uint8)
_SET = np.zeros(256, np.int64)
for _byte in range(256):
    _places = [_bit for _bit in range(8) if _byte >> _bit & 1]
    _BITS[_byte, : len(_places)], _SET[_byte] = _places, len(_places)

_INDEX, _SINGLE = ir.IntType(64), ir.FloatType()
_VECTOR = ir.VectorType(_SINGLE, LANES)


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

    def rows(self, a, nothing, at, place):
        """Pointers to `ROWS` rows of numbers; a row that is missing has zeros."""
        b, found = self.builder, []
        for r in range(ROWS):
            start = self.load(at, b.add(place, _number(r)))
            missing = b.icmp_signed("<", start, _number(0))
            found.append(b.select(missing, self.data(nothing), self.pointer(a, start)))
        return found

    def vector(self, pointer, kind=_VECTOR):
        return self.builder.load(self.builder.bitcast(pointer, kind.as_pointer()), align=4)


def _tile(panels):
    """An intrinsic: `ROWS` rows times `panels` panels of weights, summed over taps.

    out[oi + wide r + LANES p + v] = sum over j < taps and over the counts[ci + j] numbers c of
    lists[room (ci + j) ...] of a[at[ROWS (ci + j) + r] + c] w[wi + step p + (k j + c) LANES + v]
    """

    @intrinsic
    def tile(typingctx, out, oi, wide, a, nothing, at, lists, room, counts, ci, taps, w, wi, step, k):
        def codegen(context, builder, signature, args):
            code = _Code(context, builder, signature, args)
            _, oi, wide, _, _, _, _, room, _, ci, taps, _, wi, step, k = args
            name = f"llvm.fmuladd.v{LANES}f32"
            kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
            fmuladd = cgutils.get_or_insert_function(builder.module, kind, name)
            splat = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
            zeros = ir.Constant(_VECTOR, [0.0] * LANES)
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
            lefts = code.rows(3, 4, 5, builder.mul(tap, _number(ROWS)))
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
                spread = builder.insert_element(
                    ir.Constant(_VECTOR, ir.Undefined), value, ir.Constant(ir.IntType(32), 0)
                )
                spread = builder.shuffle_vector(spread, spread, splat)
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
                total.add_incoming(zeros, before)
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


_one, _more = _tile(1), _tile(PANELS)


@intrinsic
def _any(typingctx, masks, a, nothing, at, n, i, blocks):
    """Bit v of masks[b] = whether any of the rows at at[n] .. has a number at i + LANES b + v."""

    def codegen(context, builder, signature, args):
        code = _Code(context, builder, signature, args)
        _, _, _, _, n, i, blocks = args
        whole = ir.VectorType(ir.IntType(32), LANES)
        # Without its sign, a negative zero is none.
        magnitude = ir.Constant(whole, [0x7FFFFFFF] * LANES)
        lefts = code.rows(1, 2, 3, n)
        with cgutils.for_range(builder, blocks, intp=_INDEX) as loop:
            place = builder.add(i, builder.mul(loop.index, _number(LANES)))
            both = None
            for left in lefts:
                bits = code.vector(builder.gep(left, [place]), whole)
                both = bits if both is None else builder.or_(both, bits)
            both = builder.and_(both, magnitude)
            found = builder.icmp_unsigned("!=", both, ir.Constant(whole, [0] * LANES))
            mask = builder.bitcast(found, ir.IntType(LANES))
            builder.store(mask, code.pointer(0, loop.index))
        return context.get_dummy_value()

    return types.void(masks, a, nothing, at, n, i, blocks), codegen


@jit
def listed(a, nothing, at, n, k, masks, lists, to):
    """Write to lists[to] .. which of k numbers any row of a tile has, rising; returns how many.

    The tile's rows start at a[at[n + r]]; one that is missing has -1 there. `nothing` are k zeros;
    `masks` has room for one number per `LANES`, `lists` for k + `LANES`.
    """
    if k < LANES:
        for c in range(k):
            lists[to + c] = c
        return k
    blocks, rest = k // LANES, k % LANES
    _any(masks, a, nothing, at, n, 0, blocks)
    if rest:
        # The last block begins where its numbers end with the row.
        _any(masks[blocks:], a, nothing, at, n, k - LANES, 1)
        masks[blocks] >>= LANES - rest
        blocks += 1
    found = 0
    for b in range(blocks):
        for half in range(0, LANES, 8):
            byte = (masks[b] >> half) & 255
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
        int64, per tile, tap and row where its numbers start in `a`, or -1.
    lists, counts : numpy.ndarray
        uint32 and int64, per tile and tap which numbers take part, in `room` each, and how many.
    w, wi, step, k
        Weights, where they start, and how far panels, and taps of k numbers, lie apart.
    """
    panel = 0
    while panel < wide // LANES:
        begin = wi + panel * step
        if panel + PANELS <= wide // LANES:
            for t in range(tiles):
                to = t * ROWS * wide + panel * LANES
                ci = t * taps
                _more(
                    out, to, wide, a, nothing, at, lists, room, counts, ci, taps, w, begin, step, k
                )
            panel += PANELS
        else:
            for t in range(tiles):
                to = t * ROWS * wide + panel * LANES
                ci = t * taps
                _one(
                    out, to, wide, a, nothing, at, lists, room, counts, ci, taps, w, begin, step, k
                )
            panel += 1
