"""What code in vector registers is written with: vectors of `LANES` numbers, pointers, loads."""

from llvmlite import ir

LANES = 16
# A tile has a register of 512 bits for each of four rows and up to four panels.
ROWS = 4

INDEX, SINGLE = ir.IntType(64), ir.FloatType()
VECTOR = ir.VectorType(SINGLE, LANES)
ZEROS = ir.Constant(VECTOR, [0.0] * LANES)
FIRST = ir.Constant(ir.IntType(32), 0)
SPLAT = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)


def index(value):
    """A constant index."""
    return ir.Constant(INDEX, value)


class Code:
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
            row = self.load(at, b.add(place, index(r)))
            missing = b.icmp_signed("<", row, index(0))
            start = self.pointer(a, b.mul(row, k))
            found.append(b.select(missing, self.data(nothing), start))
        return found

    def vector(self, pointer, kind=VECTOR):
        return self.builder.load(self.builder.bitcast(pointer, kind.as_pointer()), align=4)
