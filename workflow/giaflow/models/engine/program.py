"""A plan ready to run: its steps, what they need of backgrounds, and what an edit costs."""

import numpy as np

from giaflow.models.engine.background_cache import Needs
from giaflow.models.engine.steps import compiled
from giaflow.models.engine.whole_sequences import Arena, forward, input_values
from giaflow.models.engine.windows import Windows, grown, union, whole
from giaflow.models.plan.plan import INPUT


class Program:
    """The steps of a plan before its opaque op (if any), and those after it.

    Attributes
    ----------
    steps, tail : list of Step
        Run on differences, and on whole results of the opaque op.
    opaque : Step or None
    ends : list of int
        Tensors that leave the steps: the result, or what the opaque op and the tail read.
    shapes : dict
        Tensor -> (L, C).
    """

    def __init__(self, plan):
        self.plan, self.shapes = plan, {**plan.shapes}
        steps = compiled(plan, self.shapes)
        cut = next((i for i, s in enumerate(steps) if s.kind == "opaque"), len(steps))
        self.steps, self.tail = steps[:cut], steps[cut + 1 :]
        self.opaque = steps[cut] if cut < len(steps) else None
        made = {INPUT, *(t for s in self.steps for t in s.outputs)}
        late = [s.reads for s in steps[cut:]] + [[plan.result]]
        self.ends = sorted({t for reads in late for t in reads} & made)
        self.needs = Needs(self.steps, self.shapes, self.ends)

    def finish(self, values, rest):
        """Targets (N, T) from the tensors at the ends of the steps.

        Parameters
        ----------
        values : dict
            Tensor -> (N, L, C) float32 for each of `ends`.
        rest : callable or None
            The opaque op: its input arrays, each (N, L, C), to a list of its outputs.
        """
        if self.opaque is not None:
            made = rest([values[t] for t in self.opaque.inputs])
            shaped = (
                y.reshape(len(y), *self.shapes[t])
                for t, y in zip(self.opaque.outputs, made, strict=True)
            )
            values = {**values, **dict(zip(self.opaque.outputs, shaped, strict=True))}
            forward(self.tail, values, self.shapes, Arena())
        return values[self.plan.result][:, 0]

    def whole(self, codes, arena):
        """The tensors at the ends of the steps, for whole sequences of codes (N, L)."""
        values = input_values(codes)
        forward(self.steps, values, self.shapes, arena)
        return {t: values[t] for t in self.ends}

    def costs(self, window):
        """What differences under windows of the input cost.

        Parameters
        ----------
        window : Windows
            Windows of E edits.

        Returns
        -------
        macs : numpy.ndarray
            (E,) float64 multiplications.
        peak : numpy.ndarray
            (E,) float64, numbers in the largest difference.
        """
        edits = len(window.first) - 1
        macs, peak, state = np.zeros(edits), 4.0 * _covered(window), {INPUT: window}
        for step in self.steps:
            before, (length, width) = state[step.inputs[0]], self.shapes[step.output]
            macs += step_macs(step, self.shapes) * _covered(before)
            after = grown(before, step.low, step.high)
            for t in step.reads[1:]:
                other = state[t]
                if self.shapes[t][0] < length:
                    other = other._replace(offset=other.offset * length)
                after = union(after, other)
            if not step.pooled:
                peak = np.maximum(peak, _covered(after) * width)
            state[step.output] = after
        if self.opaque is not None:
            macs += self.opaque.settings["macs"] * (np.diff(window.first) > 0)
            peak = np.maximum(peak, sum(np.prod(self.shapes[t]) for t in self.ends))
        return macs, peak

    def full_macs(self):
        """Multiplications of one whole sequence."""
        return float(self.costs(whole(1, self.plan.length))[0][0])

    def tables(self):
        """(2, L + 1) float64: most that `costs` gives for an edit of 0, 1, ... L letters."""
        length = self.plan.length
        width, rows = np.arange(1, length + 1), np.arange(length + 1)
        offset = np.append(0, np.cumsum(width))
        # Where targets read part of a sequence, the place decides: five stand for all.
        starts = [(length - width) * part // 4 for part in range(5)]
        costs = [self.costs(Windows(rows, start, offset)) for start in starts]
        return np.concatenate([np.zeros((2, 1)), np.max(costs, axis=0)], axis=1)


def step_macs(step, shapes):
    """Multiplications of a step for each position of its first input."""
    if step.kind == "conv":
        kernel = step.weights["kernel"]
        inner = 1 if step.way == "depthwise" else shapes[step.inputs[0]][1]
        return kernel.shape[0] * inner * kernel.shape[2]
    if step.kind == "dense":
        return shapes[step.inputs[0]][1] * step.weights["kernel"].shape[2]
    return 0


def _covered(window):
    """Positions of each edit's windows."""
    return np.diff(window.offset[window.first])
