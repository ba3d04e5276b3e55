"""Matched windows and shuffles of a genome of 100 million letters: time and peak memory.

The genome is a file of codes that is mapped, not read, as a workflow maps a genome it has encoded.

    python tests/benchmarks/bench_genome.py [letters]
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))

from giaflow.alphabet import UNKNOWN
from giaflow.nulls import REGISTRY, backgrounds
from giaflow.nulls.gc_matched import Windows, tile_starts

ISLAND = 10_000


def write_genome(path, letters, rng):
    """Write codes of a genome whose GC content drifts and whose centre is unknown."""
    with path.open("wb") as file:
        for at in range(0, letters, ISLAND):
            gc = 0.41 + 0.12 * np.sin(at / 3e5) + 0.05 * rng.standard_normal()
            codes = 2 * rng.integers(0, 2, ISLAND, dtype=np.uint8)
            codes = np.where(rng.random(ISLAND) < gc, 1 + codes // 2, 3 * (codes // 2))
            if 0.45 < at / letters < 0.47:
                codes[:] = UNKNOWN
            file.write(codes.astype(np.uint8).tobytes())


def report(what, begin):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what}: {time.perf_counter() - begin:.2f} s, peak memory {peak:,.0f} MB")


def main(letters):
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "genome.codes"
        write_genome(path, letters, rng)
        genome = np.memmap(path, np.uint8, "r")
        for length, count in ((200, 5_000), (2_114, 1_000)):
            begin = time.perf_counter()
            starts = np.sort(rng.integers(0, letters - length, 2_000))
            blocked = np.stack([starts, starts + 500], axis=1)
            windows = Windows(genome, tile_starts(letters, length, blocked), length)
            reference = Windows(genome, starts, length)[np.arange(count) % 2_000]
            reference = reference[(reference != UNKNOWN).all(axis=1)]
            report(f"L={length}: {len(windows):,} windows", begin)
            draws = (
                ("gc_matched", reference, len(reference), {"windows": windows}),
                ("dinucleotide", windows[:], 10_000, {}),
                ("profile", windows[:], 10_000, {}),
            )
            for name, imitated, n, arrays in draws:
                begin = time.perf_counter()
                settings = REGISTRY.load(name).Settings()
                backgrounds(name, (name, "bench"), imitated, n, 0, settings, arrays=arrays)
                report(f"L={length}: {n:,} backgrounds from {name}", begin)


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000_000)
