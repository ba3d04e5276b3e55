"""Sequences shuffled per second, beside the uniform and biased shuffles on PyPI where installed.

Prints medians of alternating runs on one thread, then the gain from more threads, then how many of
the 15 shuffles of one short sequence each reaches, with a chi-square test that all are equally
likely. Peers: seqpro and ushuffle, and tangermeme (dinucleotides; it keeps each letter's last
neighbour).

    python tests/benchmarks/bench_shuffle.py [runs | --short]

--short makes one run.
"""

import os

# One thread for every peer, before any of them starts its pool.
os.environ.update(RAYON_NUM_THREADS="1", OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1")

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.stats import chisquare

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))

from giaflow.sequences.shuffle import shuffle

LETTERS = np.frombuffer(b"ACGT", "S1")


# With 15 shuffles that keep its pairs of letters.
SHORT = np.array([0, 1, 0, 2, 3, 0, 1, 2, 3, 1, 0], np.uint8)


def giaflow(codes, k):
    return lambda: shuffle(codes, k, np.random.default_rng(0))


def seqpro(codes, k):
    import seqpro

    sequences = LETTERS[codes]

    def run():
        return seqpro.k_shuffle(sequences, k, seqpro.DNA, length_axis=1, seed=0)

    return run


def ushuffle(codes, k):
    import ushuffle

    sequences = [row.tobytes() for row in LETTERS[codes]]

    def run():
        return [ushuffle.shuffle(sequence, k) for sequence in sequences]

    return run


def tangermeme(codes, k):
    import torch
    from tangermeme.ersatz import dinucleotide_shuffle

    if k != 2:
        raise ImportError
    torch.set_num_threads(1)
    onehot = torch.nn.functional.one_hot(torch.from_numpy(codes.astype(int)), 4)
    onehot = onehot.transpose(1, 2).float()

    def run():
        return dinucleotide_shuffle(onehot, n=1, random_state=0)[:, 0].argmax(axis=1)

    return run


def contenders(codes, k):
    """Every shuffle that can be imported, by name."""
    found = {}
    for make in (giaflow, seqpro, ushuffle, tangermeme):
        try:
            found[make.__name__] = make(codes, k)
        except ImportError:
            continue
    return found


def rates(codes, k, runs):
    """Median thousands of sequences per second of processor time, runs alternating."""
    runners = contenders(codes, k)
    times = {name: [] for name in runners}
    for turn in range(runs + 1):
        for name, run in runners.items():
            begin = time.process_time()
            run()
            if turn:  # the first turn compiles
                times[name].append(time.process_time() - begin)
    return {name: len(codes) / np.median(taken) / 1e3 for name, taken in times.items()}


def reached(runner):
    """Chi-square p-value of equal chances, and the shuffles of `SHORT` that are reached at all."""
    drawn = Counter(
        row if isinstance(row, bytes) else np.asarray(row).tobytes() for row in runner()
    )
    counts = [*drawn.values(), *[0] * (15 - len(drawn))]
    return chisquare(counts).pvalue, len(drawn)


def main(runs):
    rng = np.random.default_rng(0)
    for length, rows in ((41, 50_000), (200, 20_000), (2_000, 2_000)):
        codes = rng.integers(0, 4, (rows, length), dtype=np.uint8)
        for k in (1, 2, 3):
            found = rates(codes, k, runs)
            line = ", ".join(f"{name} {rate:,.1f} k/s" for name, rate in found.items())
            peers = [found[name] for name in ("seqpro", "ushuffle") if name in found]
            ratio = f"; {found['giaflow'] / max(peers):.2f} x the fastest uniform peer" * bool(
                peers
            )
            print(f"L={length} k={k}: {line}{ratio}")
    codes = rng.integers(0, 4, (200_000, 200), dtype=np.uint8)
    same = {shuffle(codes, 2, np.random.default_rng(0), threads=t).tobytes() for t in (1, 2, 5)}
    print(f"1, 2 and 5 threads give {'the same bytes' if len(same) == 1 else 'OTHER BYTES'}")
    for threads in [t for t in (1, 2, 4, 8, 16) if t <= os.cpu_count()]:
        taken = []
        for _ in range(runs):
            begin = time.perf_counter()
            shuffle(codes, 2, np.random.default_rng(0), threads=threads)
            taken.append(time.perf_counter() - begin)
        print(f"{threads} threads, L=200 k=2: {len(codes) / np.median(taken) / 1e3:,.0f} k/s")
    for name, runner in contenders(np.tile(SHORT, (15_000, 1)), 2).items():
        p, found = reached(runner)
        print(f"{name} reaches {found} of 15 shuffles, equal chances p = {p:.2g}")


if __name__ == "__main__":
    main(int(sys.argv[1].replace("--short", "1")) if len(sys.argv) > 1 else 7)
