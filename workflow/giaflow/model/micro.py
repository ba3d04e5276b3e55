"""A small matrix product in vector registers, for rows that lie anywhere in memory.

BLAS wants large matrices; here a product has the few rows of one window. Each tile keeps up to
`ROWS` rows of `LANES` results in registers and runs down the inner axis once, so the sum of a
result has one order whatever the rows around it: its bytes depend on its own row alone.
"""

import numba as nb
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = 16
# One register of 512 bits holds 16 numbers; where registers are shorter, fewer rows fit.
ROWS = 8 if binding.get_host_cpu_features().get("avx512f") else 4

jit = nb.njit(nogil=True, cache=True)


def _tile(rows):
    """An intrinsic: out[oi + r ldo + v] += sum over i < k of a[ai + r lda + i] w[wi + 16 i + v].

    All arrays are flat float32; r < rows and v < LANES are unrolled.
    """

    @intrinsic
    def tile(typingctx, out, oi, ldo, a, ai, lda, w, wi, k):
        def codegen(context, builder, signature, args):
            def pointer(n, index):
                data = context.make_array(signature.args[n])(context, builder, args[n]).data
                return builder.gep(data, [index])

            def at(row, leading):
                return builder.mul(leading, ir.Constant(index, row))

            index, single = ir.IntType(64), ir.FloatType()
            vector = ir.VectorType(single, LANES)
            name = f"llvm.fmuladd.v{LANES}f32"
            kind = ir.FunctionType(vector, [vector] * 3)
            fmuladd = cgutils.get_or_insert_function(builder.module, kind, name)
            zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
            first = ir.Constant(ir.IntType(32), 0)

            begin = pointer(0, args[1])
            results = [
                builder.bitcast(builder.gep(begin, [at(r, args[2])]), vector.as_pointer())
                for r in range(rows)
            ]
            left = pointer(3, args[4])
            lefts = [builder.gep(left, [at(r, args[5])]) for r in range(rows)]
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

        return types.void(out, oi, ldo, a, ai, lda, w, wi, k), codegen

    return tile


_one, _two, _three, _four = (_tile(rows) for rows in (1, 2, 3, 4))
_five, _six, _seven, _eight = (_tile(rows) for rows in (5, 6, 7, 8))


@jit
def add_product(out, oi, ldo, a, ai, lda, w, wi, k, rows):
    """Add to `rows` rows of `LANES` results the product of k numbers each with k x LANES weights.

    All arrays are flat float32. Row r of the results starts at out[oi + r ldo], of the numbers at
    a[ai + r lda]; the weights start at w[wi]. k is at least 1.
    """
    while rows >= ROWS:
        if ROWS == 8:
            _eight(out, oi, ldo, a, ai, lda, w, wi, k)
        else:
            _four(out, oi, ldo, a, ai, lda, w, wi, k)
        oi += ROWS * ldo
        ai += ROWS * lda
        rows -= ROWS
    if rows == 1:
        _one(out, oi, ldo, a, ai, lda, w, wi, k)
    elif rows == 2:
        _two(out, oi, ldo, a, ai, lda, w, wi, k)
    elif rows == 3:
        _three(out, oi, ldo, a, ai, lda, w, wi, k)
    elif rows == 4:
        _four(out, oi, ldo, a, ai, lda, w, wi, k)
    elif rows == 5:
        _five(out, oi, ldo, a, ai, lda, w, wi, k)
    elif rows == 6:
        _six(out, oi, ldo, a, ai, lda, w, wi, k)
    elif rows == 7:
        _seven(out, oi, ldo, a, ai, lda, w, wi, k)
