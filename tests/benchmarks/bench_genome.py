"""The workflow's own jobs on a generated genome of 100 million letters: time and peak memory.

Runs each job by itself through Snakemake. Its peak is that of the largest process, as the kernel
counts it (Snakemake itself takes some 280 MB), and stands beside the memory that the rule declares.

    python tests/benchmarks/bench_genome.py [letters | --short]

--short takes a million letters and the first design.
"""

import gzip
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parents[2]
LETTERS = np.frombuffer(b"ACGTN", np.uint8)
# Letters drawn at a time, with one GC content; whole records of every length below.
ISLAND = 2_114_000
LINE = 50
# Letters per sequence, and windows asked for.
DESIGNS = ((200, 2_500), (2_114, 500))


def write_genome(path, letters, rng):
    """Write a genome whose GC content drifts and a fiftieth of which is unknown; returns it."""
    parts = []
    for at in range(0, letters, ISLAND):
        gc = 0.41 + 0.12 * np.sin(at / 3e7) + 0.05 * rng.standard_normal()
        codes = rng.choice(4, ISLAND, p=[(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2])
        codes[: ISLAND // 50] = 4
        parts.append(LETTERS[codes])
    text = np.concatenate(parts)[: letters // LINE * LINE]
    lines = np.full((len(text) // LINE, LINE + 1), ord("\n"), np.uint8)
    lines[:, :LINE] = text.reshape(-1, LINE)
    half = len(lines) // 2
    path.write_bytes(b">chr1\n" + lines[:half].tobytes() + b">chr2\n" + lines[half:].tobytes())
    with path.open("rb") as plain, gzip.open(f"{path}.gz", "wb", compresslevel=1) as packed:
        shutil.copyfileobj(plain, packed)
    return text


def write_records(path, text, length, rows):
    """Write windows of the genome as records of one length."""
    with path.open("wb") as stream:
        for row in rows:
            at = row * length
            stream.write(b">window_%d\n%s\n" % (row, text[at : at + length].tobytes()))


def write_files(folder, letters):
    """Write a genome and, for each length, all its windows and some known regions."""
    rng = np.random.default_rng(0)
    text = write_genome(folder / "genome.fa", letters, rng)
    for length, n in DESIGNS:
        every = np.arange(len(text) // length)
        known = every[(text[: len(every) * length].reshape(-1, length) != ord("N")).all(axis=1)]
        write_records(folder / f"whole_{length}.fa", text, length, every)
        write_records(
            folder / f"regions_{length}.fa", text, length, rng.permutation(known)[: 2 * n]
        )


def study(length, n):
    """A study of which only backgrounds are asked for: its model is never opened."""
    matched = {"kind": "gc_matched", "sequences": ["regions"], "n": n, "settings": {"max_shift": 1}}
    return {
        "study": "genome",
        "length": length,
        "sequences": {each: {"fasta": [f"{each}_{length}.fa"]} for each in ("regions", "whole")},
        "models": {"unused": {"path": "unused.keras"}},
        "nulls": {
            "matched": {**matched, "inputs": {"genome": "genome.fa"}},
            "packed": {**matched, "inputs": {"genome": "genome.fa.gz"}},
            "shuffled": {"kind": "dinucleotide", "sequences": ["whole"], "n": 40 * n},
        },
        "experiments": {},
    }


def run(folder, target):
    """Make one file; returns seconds of its job, its peak and its declared memory (MB)."""
    command = ["-m", "snakemake", "-s", ROOT / "workflow" / "Snakefile", "--cores", "1"]
    process = subprocess.Popen(
        [
            sys.executable,
            *command,
            "--quiet",
            "progress",
            "--configfile",
            "study.yaml",
            "--",
            target,
        ],
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(said)
    declared = max(int(found) for found in re.findall(r"mem_mb=(\d+)", said))
    kind, name = re.search(r"results/(\w+)/(\w+)/", target).groups()
    timed = folder / "results/benchmarks" / kind.replace("nulls", "backgrounds") / f"{name}.tsv"
    seconds = float(timed.read_text().splitlines()[1].split("\t")[0])
    return seconds, usage.ru_maxrss / 1024, declared


def main(letters, designs):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: a job that is started counts the memory of who starts it.
        writer = multiprocessing.get_context("spawn").Process(
            target=write_files, args=(folder, letters)
        )
        writer.start()
        writer.join()
        for length, n in designs:
            shutil.rmtree(folder / "results", ignore_errors=True)
            (folder / "study.yaml").write_text(yaml.safe_dump(study(length, n)))
            for target in (
                "results/sequences/regions/sequences.nc",
                "results/nulls/matched/backgrounds.nc",
                "results/nulls/packed/backgrounds.nc",
                "results/sequences/whole/sequences.nc",
                "results/nulls/shuffled/backgrounds.nc",
            ):
                seconds, peak, declared = run(folder, target)
                print(
                    f"{letters:,} letters, L={length} {target.removeprefix('results/')}: "
                    f"{seconds:.1f} s, peak {peak:,.0f} MB of {declared:,} declared",
                    flush=True,
                )


if __name__ == "__main__":
    if sys.argv[1:] == ["--short"]:
        main(1_000_000, DESIGNS[:1])
    else:
        main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000_000, DESIGNS)
