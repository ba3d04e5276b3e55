"""Compile the engine's loops, before many jobs would each do it at the same time."""

import numpy as np

from giaflow.models.engine.incremental import IncrementalModel
from giaflow.models.engine.kernels.wide_layers import MANY
from giaflow.models.plan.plan import INPUT, Op, Plan
from giaflow.models.plan.readouts import Target, with_targets

LENGTH, CHANNELS = 24, 8


def small_plan():
    """A plan with the kinds of ops that most networks have; its weights are of no meaning."""
    ops, shapes = [], {INPUT: (LENGTH, 4)}

    def add(kind, inputs, shape, settings=None, **weights):
        output = len(shapes)
        weights = {
            name: np.sin(np.arange(1, 1 + np.prod(size), dtype=np.float32)).reshape(size)
            for name, size in weights.items()
        }
        ops.append(Op(kind, f"{kind}_{output}", inputs, (output,), settings or {}, weights))
        shapes[output] = shape
        return output

    def conv(x, inner, outer, width=3, groups=1):
        settings = {"stride": 1, "dilation": 1, "left": width // 2, "groups": groups}
        kernel, shape = (width, inner // groups, outer), (shapes[x][0], outer)
        x = add("conv", (x,), shape, settings, kernel=kernel, bias=(outer,))
        return add("activation", (x,), shape, {"name": "relu", "parameters": {}})

    pool = {"mode": "max", "size": 2, "stride": 2, "left": 0}
    many = conv(INPUT, 4, MANY)
    many = conv(add("pool", (many,), (LENGTH // 2, MANY), pool), MANY, CHANNELS)
    first = conv(INPUT, 4, CHANNELS)
    both = add("add", (first, conv(first, CHANNELS, CHANNELS)), (LENGTH, CHANNELS))
    half = (LENGTH // 2, CHANNELS)
    for mode in ("max", "average"):
        both = add("pool", (both,), half, {**pool, "mode": mode})
        if mode == "max":
            both = add("add", (both, many), half)
        half = (half[0] // 2, CHANNELS)
    deep = conv(conv(both, CHANNELS, CHANNELS, groups=CHANNELS), CHANNELS, 2)
    flat = add("flatten", (deep,), (1, shapes[deep][0] * 2))
    out = conv(flat, shapes[flat][1], 1, width=1)
    return with_targets(Plan(tuple(ops), shapes, {"out": out}), [Target("out", "out")])


def compile_loops():
    """Run the small plan once: sequences, single letters, and pairs beside a new background."""
    model = IncrementalModel(small_plan())
    codes = np.arange(5 * LENGTH, dtype=np.uint8).reshape(5, LENGTH) % 4
    model.predict(codes)
    edited = np.repeat(codes[None], LENGTH, axis=0)
    edited[:, :, 3] ^= 1
    edited[np.arange(LENGTH), :, np.arange(LENGTH)] ^= 2
    model.predict_edits(codes, [edited])
