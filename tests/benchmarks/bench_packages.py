"""All single-letter changes of a sequence: giaflow beside tangermeme, on one thread.

    python tests/benchmarks/bench_packages.py [--rounds 3] [--fast] [network ...]

The network is the same: its torch twin has the plan's weights, and must predict what the plan
predicts. Times are those of the process for one sequence; tangermeme predicts plain batches, the
best of several sizes, on a part of the positions, scaled. --fast adds its own incremental way,
with as many sequences as make it start that (30 s of work), everything included. Without
tangermeme and torch nothing is done.
"""

import argparse
import os
import statistics
import sys
import time
import warnings
from functools import partial
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent / "workflow"), str(TESTS / "reference")]

try:
    import tangermeme
    import torch
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis
except ImportError:
    print("tangermeme is not installed: not compared")
    sys.exit(0)

import numpy as np  # noqa: E402
from networks import FULL, randomise  # noqa: E402

from giaflow.base.alphabet import one_hot  # noqa: E402
from giaflow.models.engine.incremental import IncrementalModel  # noqa: E402
from giaflow.models.engine.usual_sweeps import SWEEPS  # noqa: E402
from giaflow.models.plan.plan import INPUT  # noqa: E402
from giaflow.models.plan.readouts import Target, with_targets  # noqa: E402
from giaflow.models.readers.keras_export import export  # noqa: E402

TARGETS = {
    "ResidualBind L=41": 4,
    "ResidualBind L=200": 16,
    "DeepSTARR L=249": 26,
    "Basset L=600": 25,
    "BPNet L=1000": 9,
    "SpliceAI L=2000": 15,
}
BATCHES, PLACES, FAST_WORK = (32, 128), 64, 60
LINE = "{:20} {:>12} {:>15} {:>6} {:>6} {:>14} {:>6}"
nn = torch.nn


def tensor(array):
    return nn.Parameter(torch.from_numpy(np.array(array)), requires_grad=False)


class Twin(nn.Module):
    """The ops of a plan in torch's own layers, on (N, C, L), or (N, C) after a flatten."""

    def __init__(self, plan):
        super().__init__()
        self.plan, self.flat = plan, set()
        self.layers = nn.ModuleDict({str(i): self.layer(op) for i, op in enumerate(plan.ops)})

    def layer(self, op):
        weights, s = op.weights, op.settings
        (length, channels), (out, _) = (self.plan.shapes[t] for t in (op.inputs[0], op.output))
        if op.kind == "flatten" or op.inputs[0] in self.flat:
            self.flat.add(op.output)
        if op.kind == "conv" and op.inputs[0] in self.flat:
            layer = nn.Linear(channels, weights["kernel"].shape[2])
            layer.weight = tensor(weights["kernel"][0].T)
        elif op.kind == "conv":
            taps, _inner, outer = weights["kernel"].shape
            total = max((out - 1) * s["stride"] + (taps - 1) * s["dilation"] + 1 - length, 0)
            even = total == 2 * s["left"]
            settings = {"stride": s["stride"], "dilation": s["dilation"], "groups": s["groups"]}
            layer = nn.Conv1d(channels, outer, taps, padding=s["left"] if even else 0, **settings)
            layer.weight = tensor(weights["kernel"].transpose(2, 1, 0))
            if not even:
                layer = nn.Sequential(nn.ConstantPad1d((s["left"], total - s["left"]), 0.0), layer)
        elif op.kind == "affine":
            layer = nn.BatchNorm1d(channels, eps=0.0)
            layer.weight, layer.bias = tensor(weights["scale"]), tensor(weights["shift"])
        elif op.kind == "activation":
            layer = {"relu": nn.ReLU}[s["name"]]()
        elif op.kind == "pool":
            pool = {"max": nn.MaxPool1d, "average": nn.AvgPool1d}[s["mode"]]
            layer = pool(s["size"], s["stride"])
        else:
            layer = nn.Identity()
        if "bias" in weights:
            (layer[-1] if isinstance(layer, nn.Sequential) else layer).bias = tensor(
                weights["bias"]
            )
        return layer

    def forward(self, x):
        values = {INPUT: x}
        for i, op in enumerate(self.plan.ops):
            y = [values[t] for t in op.inputs]
            if op.kind == "add":
                made = sum(y[1:], y[0])
            elif op.kind == "flatten":
                made = y[0].transpose(1, 2).flatten(1)
            elif op.kind == "concat":
                made = torch.cat(y, 1)
            elif op.kind == "take":
                channel = int(op.weights["channels"][0])
                made = y[0][:, channel : channel + len(op.weights["channels"])]
            else:
                made = self.layers[str(i)](y[0])
            values[op.output] = made
        result = values[self.plan.result]
        return result if result.ndim == 2 else result[:, :, 0]


def twin_of(name):
    """(plan, the engine, the torch twin) of one network."""
    plan = export(randomise(FULL[name]()))
    plan = with_targets(plan, [Target(head, head, 0) for head in plan.heads])
    return plan, IncrementalModel(plan), Twin(plan).eval()


def seconds(function):
    begin = time.process_time()
    function()
    return time.process_time() - begin


def compare(name, rounds, fast):
    """Print a line for one network."""
    plan, engine, twin = twin_of(name)
    length, rng = plan.length, np.random.default_rng(0)
    codes = rng.integers(0, 4, (1, length)).astype(np.uint8)
    x = torch.from_numpy(one_hot(codes).transpose(0, 2, 1).copy())
    with torch.no_grad():
        found, expected = twin(x).numpy(), engine.predict(codes)
    assert np.abs(found - expected).max() <= 1e-4 * max(1, np.abs(expected).max()), name
    edited = next(s for s in SWEEPS if s.name == "single letters").edited(codes)
    engine.predict_edits(codes, [edited[:9]])
    places = min(PLACES, length)
    ways = {
        batch: partial(
            *(saturation_mutagenesis, twin, x, None, length // 2 - places // 2),
            end=length // 2 - places // 2 + places,
            **{"batch_size": batch, "raw_outputs": True, "device": "cpu", "fast": False},
        )
        for batch in BATCHES
    }
    ours, theirs = [], {batch: [] for batch in ways}
    for function in ways.values():
        function()
    for _ in range(rounds):
        ours.append(seconds(partial(engine.predict_edits, codes, [edited])))
        for batch, function in ways.items():
            theirs[batch].append(seconds(function) * length / places)
    ours, plain = statistics.median(ours), min(map(statistics.median, theirs.values()))
    row, shown = [f"{ours:.4f}", f"{plain:.3f}", f"{plain / ours:.1f}"], ("", "")
    if fast:
        n = max(1, int(np.ceil(FAST_WORK / plain)))
        many = x.repeat(n, 1, 1)
        settings = {"batch_size": BATCHES[-1], "raw_outputs": True, "device": "cpu"}
        taken = seconds(partial(saturation_mutagenesis, twin, many, **settings)) / n
        shown = f"{taken:.3f}", f"{taken / ours:.1f}"
    print(LINE.format(name, *row, TARGETS.get(name, ""), *shown), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--short", action="store_true", help="the smaller networks, one round")
    arguments = parser.parse_args()
    warnings.filterwarnings("default", module="tangermeme")
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, tangermeme {tangermeme.__version__}; seconds per sequence")
    print(
        LINE.format(
            "network", "giaflow (s)", "tangermeme (s)", "ratio", "target", "its fast", "ratio"
        )
    )
    for name in arguments.networks or list(TARGETS)[: 3 if arguments.short else None]:
        compare(name, 1 if arguments.short else arguments.rounds, arguments.fast)


if __name__ == "__main__":
    main()
