"""A plan made ready to run: batch norm folded, activations and residuals fused, maps worked out."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from giaflow.models.engine.affected_positions import narrow, set_reach
from giaflow.models.engine.fusing import (
    LINEAR,
    fold,
    follower,
    fuse_activations,
    fuse_residuals,
    pool_first,
    read_flat,
)
from giaflow.models.engine.kernels.layer_algorithm import choose_way


@dataclass(eq=False)
class Step:
    """One fused op: `kind` of inputs, then `act`, then perhaps plus `skip` and `act_after`.

    If `pooled`, differences go through it and the next step together.
    """

    kind: str
    name: str
    inputs: list
    outputs: list
    settings: dict
    weights: dict
    act: tuple = LINEAR
    skip: int | None = None
    act_after: tuple = LINEAR
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    way: str = ""
    ready: np.ndarray | None = None
    pooled: bool = False

    @property
    def output(self):
        """The tensor written by a step with one output."""
        return self.outputs[0]

    @property
    def reads(self):
        """Every tensor the step reads."""
        return self.inputs if self.skip is None else [*self.inputs, self.skip]


def compiled(plan, shapes):
    """The fused steps that a plan's result needs, each with its map and its packed weights.

    Parameters
    ----------
    plan : Plan
    shapes : dict
        Tensor -> (L, C), the plan's; tensors that only steps have are added.

    Returns
    -------
    list of Step
    """
    steps, ends = [], {plan.result}
    for op in reversed(plan.ops):
        if ends & set(op.outputs):
            steps.insert(0, _step(op))
            ends |= set(op.inputs)
    ends = {plan.result}
    read_flat(steps, ends)
    fold(steps, ends)
    while pool_first(steps, ends, shapes):
        pass
    fuse_activations(steps, ends)
    fuse_residuals(steps, ends)
    for step in steps:
        set_reach(step, shapes)
        if step.kind in ("conv", "dense"):
            choose_way(step)
    narrow(steps, plan.result, shapes)
    for step, after in pairwise(steps):
        step.pooled = step.way == "letters" and _pools(step, after, ends, steps)
    return steps


def _pools(step, after, ends, steps):
    """Whether a step's output is read by a pool alone, and need not be kept for others."""
    return (
        after is follower(steps, step, ends)
        and (after.kind, after.settings.get("mode")) == ("pool", "max")
        and (step.skip is None and step.act[0] in ("linear", "relu"))
    )


def _step(op):
    weights = dict(op.weights)
    if op.kind == "activation":
        act = (op.settings["name"], {**op.settings["parameters"], **weights})
        return Step("affine", op.name, list(op.inputs), list(op.outputs), {}, {}, act=act)
    return Step(op.kind, op.name, list(op.inputs), list(op.outputs), dict(op.settings), weights)
