"""A small matrix product in vector registers, for rows that lie anywhere in memory.

BLAS wants large matrices; here a product has the few rows of many small windows. Each tile keeps
the results of up to `ROWS` rows in registers and runs down the inner axis once, so the sum of a
result has one order whatever the rows around it: its bytes depend on its own row alone.
"""

import numba as nb
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = 16
# A register of 512 bits holds a row's results; where registers are shorter, fewer rows fit.
ROWS = 8 if binding.get_host_cpu_features().get("avx512f") else 4

jit = nb.njit(nogil=True, cache=True)


def _tile(rows):
    """An intrinsic: out[to[n + r] + oi + v] += sum over i < k of a[at[n + r] + i] w[wi + 16 i + v].

    Arrays are flat, float32 and int64; r < rows and v < LANES are unrolled. No two of a tile's
    rows may have the same results.
    """

    @intrinsic
    def tile(typingctx, out, to, oi, a, at, n, w, wi, k):
        def codegen(context, builder, signature, args):
            def pointer(number, place):
                data = context.make_array(signature.args[number])(context, builder, args[number])
                return builder.gep(data.data, [place])

            index, single = ir.IntType(64), ir.FloatType()
            vector = ir.VectorType(single, LANES)
            name = f"llvm.fmuladd.v{LANES}f32"
            kind = ir.FunctionType(vector, [vector] * 3)
            fmuladd = cgutils.get_or_insert_function(builder.module, kind, name)
            zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
            first = ir.Constant(ir.IntType(32), 0)

            results, lefts = [], []
            for r in range(rows):
                row = builder.add(args[5], ir.Constant(index, r))
                to = builder.add(builder.load(pointer(1, row)), args[2])
                results.append(builder.bitcast(pointer(0, to), vector.as_pointer()))
                lefts.append(pointer(3, builder.load(pointer(4, row))))
            right = builder.bitcast(pointer(6, args[7]), vector.as_pointer())
            starts = [builder.load(result, align=4) for result in results]

            before = builder.block
            loop = builder.append_basic_block("inner")
            after = builder.append_basic_block("after")
            builder.branch(loop)
            builder.position_at_end(loop)
            i = builder.phi(index)
            sums = [builder.phi(vector) for _ in range(rows)]
            weights = builder.load(builder.gep(right, [i]), align=4)
            ends = []
            for r in range(rows):
                value = builder.load(builder.gep(lefts[r], [i]))
                spread = builder.insert_element(ir.Constant(vector, ir.Undefined), value, first)
                spread = builder.shuffle_vector(spread, spread, zeros)
                ends.append(builder.call(fmuladd, [spread, weights, sums[r]]))
            following = builder.add(i, ir.Constant(index, 1))
            i.add_incoming(ir.Constant(index, 0), before)
            i.add_incoming(following, loop)
            for r in range(rows):
                sums[r].add_incoming(starts[r], before)
                sums[r].add_incoming(ends[r], loop)
            builder.cbranch(builder.icmp_signed("<", following, args[8]), loop, after)
            builder.position_at_end(after)
            for r in range(rows):
                builder.store(ends[r], results[r], align=4)
            return context.get_dummy_value()

        return types.void(out, to, oi, a, at, n, w, wi, k), codegen

    return tile


_four, _eight = _tile(4), _tile(8)


@jit
def padded(rows):
    """How many rows `add_product` reads and writes where `rows` are wanted."""
    if ROWS == 8 and rows % 8 > 4:
        return rows + 8 - rows % 8
    return rows + (-rows) % 4


@jit
def add_product(out, to, oi, a, at, n, rows, w, wi, k):
    """Add to rows of `LANES` results the product of k numbers each with k x LANES weights.

    Arrays are flat. Row r of the results starts at out[to[n + r] + oi], of the numbers at
    a[at[n + r]]; the weights start at w[wi]; k is at least 1. Up to padded(rows), `to` and `at`
    must name places whose results do not matter.
    """
    end = n + rows
    while ROWS == 8 and end - n > 4:
        _eight(out, to, oi, a, at, n, w, wi, k)
        n += 8
    while n < end:
        _four(out, to, oi, a, at, n, w, wi, k)
        n += 4
