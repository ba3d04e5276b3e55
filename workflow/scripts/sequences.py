"""Read one sequence set from FASTA files or a downloaded archive, or draw it at random."""

import tempfile
from pathlib import Path

import numpy as np

from giaflow import laboratory
from giaflow.io.arrays import sequences_dataset, write_arrays
from giaflow.io.fasta import load_sequences
from giaflow.io.files import extract
from giaflow.laboratory.simulation import planted, simulate
from giaflow.seeds import generator
from job import log, provenance, run


def simulated(length, n, seed, label, oracle):
    """Random sequences as `load_sequences` returns what it reads; motifs of `oracle` in half."""
    rng = generator(seed, "simulated", label)
    if oracle is None:
        codes = simulate(length, n, rng)
    else:
        codes, _ = planted(laboratory.load(oracle), n, rng)
    columns = {"name": [f"{label}_{i}" for i in range(n)], "chrom": [""] * n}
    columns |= {"start": [-1] * n, "end": [-1] * n, "strand": ["."] * n}
    return codes, np.zeros(codes.shape, bool), columns, 0


def read(input, params):
    """Codes, soft-masked letters, columns and dropped records of FASTA files."""
    with tempfile.TemporaryDirectory() as folder:
        files = list(input.fasta)
        for number, member in enumerate(params.members):
            files.append(f"{folder}/{number}-{Path(member).name}")
            extract(input.archive, member, files[-1])
        return load_sequences(files, params.length, params.ambiguous)


def main(input, output, params, threads):
    found = simulated(**params.simulated) if params.simulated else read(input, params)
    codes, masked, columns, dropped = found
    log.info(
        "%d sequences, %d dropped, %.1f %% of letters soft-masked",
        len(codes),
        dropped,
        100 * masked.mean(),
    )
    dataset = sequences_dataset(codes, columns, masked).assign_attrs(dropped_ambiguous=dropped)
    write_arrays(dataset, output[0], provenance(input, params))


run(main, snakemake)
