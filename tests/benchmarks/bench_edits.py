"""How much less time edits take than whole batches, on representative networks.

    python tests/benchmarks/bench_edits.py [--short] [--rounds 3] [--sweep NAME] [network ...]

All sweeps of `giaflow.models.engine.usual_sweeps`: single letters, a motif at every position, a
second motif beside a fixed one, occlusion, and single letters beside a changed one
(second-order mutagenesis).
The time is that of the process on one thread, the backgrounds' included; the plain path is the
fastest traced function over batch sizes with and without XLA, timed on a part of the sequences
and scaled. Old and new alternate in one process; the table shows medians of the rounds. Warming
up and compiling are not counted. `limit` is the ratio of multiplications, those with zeros counted
(differences skip many of them where a layer has more than 32 channels), and `target` the ratio that
this project promises. --short measures the smaller networks once.
"""

import argparse
import os
import statistics
import sys
import time
from functools import partial
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent / "workflow"), str(TESTS / "reference")]

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from networks import FULL, randomise  # noqa: E402

from giaflow.base.alphabet import one_hot  # noqa: E402
from giaflow.models.engine.incremental import IncrementalModel  # noqa: E402
from giaflow.models.engine.saved_work import inspect  # noqa: E402
from giaflow.models.engine.usual_sweeps import SWEEPS  # noqa: E402
from giaflow.models.plan.readouts import Target, with_targets  # noqa: E402
from giaflow.models.readers.keras_batches import PlainPredictor  # noqa: E402
from giaflow.models.readers.keras_export import export, heads_function  # noqa: E402

BATCHES = {41: (128, 512), 200: (64, 128, 512), 600: (32, 128), 1000: (4, 16, 64)}
SHORT = ("ResidualBind L=41", "ResidualBind L=200", "DeepSTARR L=249")
# Backgrounds of one request: where a sweep is short, studies have many.
BACKGROUNDS = {"single letters": 1, "letters beside a change": 1, "occlusion of 20 letters": 64}
SINGLE, MOTIF, OCCLUSION = "single letters", "motif at every position", "occlusion of 20 letters"
TARGETS = {
    (SINGLE, "ResidualBind L=41"): 2,
    (SINGLE, "ResidualBind L=200"): 8,
    (SINGLE, "DeepSTARR L=249"): 14,
    (SINGLE, "Basset L=600"): 18,
    (SINGLE, "BPNet L=1000"): 3.5,
    (SINGLE, "SpliceAI L=2000"): 9,
    (SINGLE, "Basenji L=4096"): 30,
    (MOTIF, "ResidualBind L=200"): 4,
    (MOTIF, "DeepSTARR L=249"): 7,
    (MOTIF, "BPNet L=1000"): 4,
    (OCCLUSION, "ResidualBind L=200"): 4,
    (OCCLUSION, "DeepSTARR L=249"): 7,
    (OCCLUSION, "BPNet L=1000"): 4,
}
LINE = "{:20} {:26} {:>10} {:8} {:>10} {:>6} {:>6} {:>6}"


def plain_settings(model, length):
    """Every plain way to predict, warmed up: name -> (predictor, sequences to time)."""
    limit = min(limit for limit in (*BATCHES, 10**9) if limit >= min(length, 1000))
    ways = {}
    for batch in BATCHES[limit]:
        for xla in (False, True):
            predictor = PlainPredictor(heads_function(model), batch, xla=xla)
            codes = np.zeros((batch, length), np.uint8)
            predictor(one_hot(codes))
            ways[f"{'xla' if xla else 'tf'} {batch}"] = predictor, batch
    return ways


def seconds(function):
    begin = time.process_time()
    function()
    return time.process_time() - begin


def compare(name, sweeps, rounds):
    """Print a line for each sweep over one network."""
    model = randomise(FULL[name]())
    plan = export(model)
    plan = with_targets(plan, [Target(head, head, 0) for head in plan.heads])
    fast = IncrementalModel(plan)
    limits = {row["sweep"]: row["limit"] for row in inspect(plan)}
    ways = plain_settings(model, plan.length)
    rng = np.random.default_rng(0)
    for sweep in sweeps:
        n = BACKGROUNDS.get(sweep.name, 4)
        codes = rng.integers(0, 4, (n, plan.length)).astype(np.uint8)
        edited = sweep.edited(codes)
        flat = edited.reshape(-1, plan.length)
        fast.predict_edits(codes, [edited[:9]])
        new, old = [], {way: [] for way in ways}
        for _ in range(rounds):
            new.append(seconds(partial(fast.predict_edits, codes, [edited])))
            for way, (predictor, batch) in ways.items():
                part = one_hot(np.resize(flat, (max(batch, 64), plan.length)))
                each = seconds(partial(predictor, part)) / len(part)
                old[way].append(each * len(flat))
        best = min(old, key=lambda way: statistics.median(old[way]))
        new, old = statistics.median(new), statistics.median(old[best])
        target = TARGETS.get((sweep.name, name), "")
        row = (f"{old:.4f}", best, f"{new:.4f}", f"{old / new:.1f}", f"{limits[sweep.name]:.1f}")
        print(LINE.format(name, sweep.name, *row, target), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--sweep", action="append", choices=[sweep.name for sweep in SWEEPS])
    arguments = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    chosen = [s for s in SWEEPS if s.name in (arguments.sweep or [s.name])]
    print(
        LINE.format(
            *("network", "sweep", "plain (s)", "best", "edits (s)", "ratio", "limit", "target")
        )
    )
    for name in arguments.networks or (SHORT if arguments.short else FULL):
        compare(name, chosen, 1 if arguments.short else arguments.rounds)


if __name__ == "__main__":
    main()
