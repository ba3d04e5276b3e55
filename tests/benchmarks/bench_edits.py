"""How much less time edits take than whole batches, on representative networks.

    python tests/benchmarks/bench_edits.py [--rounds 3] [--task ism] [network ...]

Tasks: ism (all single letters), pairs_ism (one letter changed, then all others: second-order
ISM), position (a motif of 8 at every start), pair (a second motif at every start beside a fixed
one), occlusion (20 letters unknown, every 5). The time is that of the process on one thread, the
background's included; the plain path is the fastest traced function over batch sizes with and
without XLA, timed on a part of the sequences and scaled. Old and new alternate in one process;
the table shows medians of the rounds. Warming up and compiling are not counted.
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

from giaflow.alphabet import UNKNOWN, one_hot  # noqa: E402
from giaflow.model.export import export, heads_function  # noqa: E402
from giaflow.model.gains import inspect  # noqa: E402
from giaflow.model.incremental import IncrementalModel  # noqa: E402
from giaflow.model.plain import PlainPredictor  # noqa: E402
from giaflow.model.targets import Target, with_targets  # noqa: E402

BATCHES = {41: (128, 512), 200: (64, 128, 512), 600: (32, 128), 1000: (4, 16, 64)}
MOTIF = np.array([2, 0, 3, 0, 0, 2, 1, 3], np.uint8)


def single_letters(codes):
    """(3 L, N, L): every other letter at every position."""
    length = codes.shape[1]
    edited = np.repeat(codes[None], 3 * length, 0)
    for i in range(3 * length):
        edited[i, :, i // 3] = (codes[:, i // 3] + 1 + i % 3) % 4
    return edited


def second_letters(codes):
    """All single letters after the middle one was changed."""
    first = codes.copy()
    first[:, codes.shape[1] // 2] = 3 - first[:, codes.shape[1] // 2]
    return single_letters(first)


def motif_everywhere(codes):
    length = codes.shape[1]
    edited = np.repeat(codes[None], length - len(MOTIF) + 1, 0)
    for start, one in enumerate(edited):
        one[:, start : start + len(MOTIF)] = MOTIF
    return edited


def second_motif(codes):
    first = codes.copy()
    middle = codes.shape[1] // 2
    first[:, middle : middle + len(MOTIF)] = MOTIF[::-1]
    return motif_everywhere(first)


def occluded(codes):
    starts = range(0, codes.shape[1] - 20 + 1, 5)
    edited = np.repeat(codes[None], len(starts), 0)
    for one, start in zip(edited, starts, strict=True):
        one[:, start : start + 20] = UNKNOWN
    return edited


TASKS = {
    "ism": (single_letters, 1),
    "pairs_ism": (second_letters, 1),
    "position": (motif_everywhere, 4),
    "pair": (second_motif, 4),
    "occlusion": (occluded, 8),
}


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


def compare(name, tasks, rounds):
    """Print a line for each task of one network."""
    model = randomise(FULL[name]())
    plan = export(model)
    targets = [Target(head, head, 0) for head in plan.heads]
    plan = with_targets(plan, targets)
    fast = IncrementalModel(plan)
    limit = {row["sweep"]: row["gain"] for row in inspect(plan)}
    limits = {"ism": limit["single letters"], "position": limit["motif of 8"]}
    ways = plain_settings(model, plan.length)
    rng = np.random.default_rng(0)
    for task in tasks:
        edit, n = TASKS[task]
        codes = rng.integers(0, 4, (n, plan.length)).astype(np.uint8)
        edited = edit(codes)
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
        bound = f"{limits[task]:6.1f}" if task in limits else "     -"
        print(f"{name:20} {task:10} {old:9.4f} {best:8} {new:9.4f} {old / new:7.1f} {bound}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", default=list(FULL))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--task", action="append", choices=TASKS)
    arguments = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    print("network              task       plain (s) best     edits (s)   ratio  MAC limit")
    for name in arguments.networks:
        compare(name, arguments.task or list(TASKS), arguments.rounds)


if __name__ == "__main__":
    main()
