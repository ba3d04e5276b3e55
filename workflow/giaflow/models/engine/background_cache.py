"""Cached activations of backgrounds; an edit then computes only what it changes."""

from giaflow.models.engine.kernels.packing import aligned
from giaflow.models.engine.whole_sequences import forward, input_values

# Backgrounds that go through the steps together.
ROWS = 4
MIXED = ("multiply", "maximum", "minimum")


class Needs:
    """Which tensors of a background the differences will ask for.

    Attributes
    ----------
    before, after : dict
        Step -> True where the values before its first, or second, activation are read.
    tensors : set of int
        Tensors read as they are.
    rectified : dict
        Tensor -> (step, "before" or "after") when it is the rectified form of a kept array.
    bytes : int
        Memory for one background.
    """

    def __init__(self, steps, shapes, ends):
        self.before, self.after, self.tensors, self.rectified = set(), set(), set(), {}
        for i, step in enumerate(steps):
            if step.act[0] != "linear" or step.kind == "norm":
                self.before.add(i)
            if step.act_after[0] != "linear":
                self.after.add(i)
            last, kept = (step.act, "before") if step.skip is None else (step.act_after, "after")
            if last[0] == "relu":
                self.rectified[step.output] = (i, kept)
        wanted = set(ends)
        for step in steps:
            if step.kind in (*MIXED, "norm", "share"):
                wanted |= set(step.inputs)
            if step.kind == "pool" and step.settings["mode"] == "max":
                wanted |= {step.inputs[0], step.output}
        self.tensors = {t for t in wanted if t in ends or t not in self.rectified}
        kept = [*self.tensors, *(steps[i].output for i in (*self.before, *self.after))]
        self.bytes = sum(4 * shapes[t][0] * shapes[t][1] for t in kept)


class Cache:
    """Kept arrays of a block of backgrounds: `before` and `after` by step, `tensors` by tensor.

    Parameters
    ----------
    program : Program
    codes : numpy.ndarray
        (B, L) uint8.
    arenas : forward.Arenas
    each : callable
        A `map` that may run in threads.
    """

    def __init__(self, program, codes, arenas, each=map):
        needs, shapes = program.needs, program.shapes
        steps, n = program.steps, len(codes)

        def empty(tensor):
            return aligned(n, *shapes[tensor])

        self.before = {i: empty(steps[i].output) for i in needs.before}
        self.after = {i: empty(steps[i].output) for i in needs.after}
        self.tensors = {t: empty(t) for t in needs.tensors}
        self._rectified = needs.rectified

        def fill(at):
            here = slice(at, at + ROWS)

            def keep(i):
                kept = self.before, self.after
                return tuple(arrays[i][here] if i in arrays else None for arrays in kept)

            values = input_values(codes[here])
            forward(steps, values, shapes, arenas.mine, keep)
            for t, array in self.tensors.items():
                array[here] = values[t]

        list(each(fill, range(0, n, ROWS)))

    def tensor(self, t):
        """(array (B, L, C), rectified): a tensor as kept, and whether it must be rectified."""
        if t in self.tensors:
            return self.tensors[t], False
        i, which = self._rectified[t]
        return getattr(self, which)[i], True
