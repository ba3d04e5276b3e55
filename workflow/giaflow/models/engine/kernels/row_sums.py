"""What is done to one row of numbers in vector registers: the sum of some rows, and the finish."""

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from giaflow.models.engine.kernels.llvm import (
    FIRST,
    INDEX,
    LANES,
    SPLAT,
    VECTOR,
    ZEROS,
    Code,
    index,
)
from giaflow.models.engine.kernels.loops import jit


@intrinsic
def sum_rows(typingctx, out, wide, w, chosen, factors, counts, room, held):
    """out[wide h + d] = sum over i of factors[room h + i] w[wide chosen[room h + i] + d].

    For h < held, d < wide and i < counts[h]; a few columns of all rows in turn, so that their
    weights stay near.
    """

    def codegen(context, builder, signature, args):
        code = Code(context, builder, signature, args)
        _, wide, _, _, _, _, room, held = args
        name = f"llvm.fmuladd.v{LANES}f32"
        kind = ir.FunctionType(VECTOR, [VECTOR] * 3)
        fmuladd = cgutils.get_or_insert_function(builder.module, kind, name)

        def block(d, size):
            sums = [cgutils.alloca_once(builder, VECTOR) for _ in range(size)]
            with cgutils.for_range(builder, held, intp=INDEX) as rows:
                for total in sums:
                    builder.store(ZEROS, total)
                first = builder.mul(rows.index, room)
                with cgutils.for_range(builder, code.load(5, rows.index), intp=INDEX) as loop:
                    i = builder.add(first, loop.index)
                    spread = ir.Constant(VECTOR, ir.Undefined)
                    spread = builder.insert_element(spread, code.load(4, i), FIRST)
                    spread = builder.shuffle_vector(spread, spread, SPLAT)
                    row = builder.add(builder.mul(code.load(3, i), wide), d)
                    for v, total in enumerate(sums):
                        place = code.pointer(2, builder.add(row, index(v * LANES)))
                        added = [spread, code.vector(place), builder.load(total)]
                        builder.store(builder.call(fmuladd, added), total)
                to = builder.add(builder.mul(rows.index, wide), d)
                for v, total in enumerate(sums):
                    place = code.pointer(0, builder.add(to, index(v * LANES)))
                    place = builder.bitcast(place, VECTOR.as_pointer())
                    builder.store(builder.load(total), place, align=4)

        large = builder.udiv(wide, index(4 * LANES))
        with cgutils.for_range(builder, large, intp=INDEX) as loop:
            block(builder.mul(loop.index, index(4 * LANES)), 4)
        done = builder.mul(large, index(4 * LANES))
        small = builder.udiv(builder.sub(wide, done), index(LANES))
        with cgutils.for_range(builder, small, intp=INDEX) as loop:
            block(builder.add(done, builder.mul(loop.index, index(LANES))), 1)
        return context.get_dummy_value()

    return types.void(out, wide, w, chosen, factors, counts, room, held), codegen


@intrinsic
def finish_row(typingctx, out, oi, sums, si, channels, before, bi, added, ai, after, fi):
    """Write a row of sums to out[oi] ..: rectified, with a residual added, and rectified again.

    `bi`, `ai` and `fi` are where the row begins in the background before the first activation, in
    the residual and in the background before the second, or -1 where there is none.
    """

    def codegen(context, builder, signature, args):
        code = Code(context, builder, signature, args)
        _, oi, _, si, channels, _, bi, _, ai, _, fi = args
        lanes = ir.VectorType(INDEX, LANES)
        single, some = VECTOR.as_pointer(), ir.VectorType(ir.IntType(1), LANES)
        align = ir.IntType(32)
        read = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(VECTOR, [single, align, some, VECTOR]),
            f"llvm.masked.load.v{LANES}f32.p0",
        )
        write = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [VECTOR, single, align, some]),
            f"llvm.masked.store.v{LANES}f32.p0",
        )
        four = ir.Constant(align, 4)
        total = cgutils.alloca_once(builder, VECTOR)

        def relu(x):
            return builder.select(builder.fcmp_ordered("<", x, ZEROS), ZEROS, x)

        def block(c, mask):
            """`LANES` numbers from c on; all of them, or those in a mask."""

            def row(number, start):
                place = code.pointer(number, builder.add(start, c))
                if mask is None:
                    return code.vector(place)
                return builder.call(read, [builder.bitcast(place, single), four, mask, ZEROS])

            def change(number, start):
                """What a rectifier of a background makes of the sum."""
                with builder.if_then(builder.icmp_signed(">=", start, index(0))):
                    v = row(number, start)
                    new = relu(builder.fadd(v, builder.load(total)))
                    builder.store(builder.fsub(new, relu(v)), total)

            builder.store(row(2, si), total)
            change(5, bi)
            with builder.if_then(builder.icmp_signed(">=", ai, index(0))):
                builder.store(builder.fadd(builder.load(total), row(7, ai)), total)
            change(9, fi)
            place = builder.bitcast(code.pointer(0, builder.add(oi, c)), single)
            if mask is None:
                builder.store(builder.load(total), place, align=4)
            else:
                builder.call(write, [builder.load(total), place, four, mask])

        blocks = builder.udiv(channels, index(LANES))
        with cgutils.for_range(builder, blocks, intp=INDEX) as loop:
            block(builder.mul(loop.index, index(LANES)), None)
        c = builder.mul(blocks, index(LANES))
        rest = builder.sub(channels, c)
        with builder.if_then(builder.icmp_signed(">", rest, index(0))):
            rest = builder.insert_element(ir.Constant(lanes, ir.Undefined), rest, FIRST)
            rest = builder.shuffle_vector(rest, rest, SPLAT)
            block(c, builder.icmp_signed("<", ir.Constant(lanes, list(range(LANES))), rest))
        return context.get_dummy_value()

    kinds = (out, oi, sums, si, channels, before, bi, added, ai, after, fi)
    return types.void(*kinds), codegen


@jit
def finish_rows(scratch, wide, held, row, edit, place, base, finish, out):
    """Rectify the held rows of results, add the residual, rectify again, and write them out."""
    mode, before, residual, added, after = finish
    first, start, offset = residual
    channels, flat = out.shape[1], out.reshape(-1)
    flat_before, flat_added, flat_after = before.reshape(-1), added.reshape(-1), after.reshape(-1)
    for n in range(held):
        e, o, r = edit[n], place[n], np.int64(-1)
        for q in range(first[e], first[e + 1]):
            if start[q] <= o < start[q] + offset[q + 1] - offset[q]:
                r = (offset[q] + o - start[q]) * channels
        bi = (base[e] * before.shape[1] + o) * channels if mode & 1 else np.int64(-1)
        fi = (base[e] * after.shape[1] + o) * channels if mode & 2 else np.int64(-1)
        finish_row(
            *(flat, row[n] * channels, scratch, n * wide, channels),
            *(flat_before, bi, flat_added, r, flat_after, fi),
        )
