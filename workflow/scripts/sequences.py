"""Read one sequence set from FASTA files, or from members of a downloaded archive."""

import tempfile
from pathlib import Path

from giaflow.io.arrays import sequences_dataset, write_arrays
from giaflow.io.fasta import load_sequences
from giaflow.io.files import extract
from job import log, provenance, run


def main(input, output, params, threads):
    with tempfile.TemporaryDirectory() as folder:
        files = list(input.fasta)
        for number, member in enumerate(params.members):
            files.append(f"{folder}/{number}-{Path(member).name}")
            extract(input.archive, member, files[-1])
        codes, masked, columns, dropped = load_sequences(files, params.length, params.ambiguous)
    log.info(
        "%d sequences, %d dropped, %.1f %% of letters soft-masked",
        len(codes),
        dropped,
        100 * masked.mean(),
    )
    dataset = sequences_dataset(codes, columns, masked).assign_attrs(dropped_ambiguous=dropped)
    write_arrays(dataset, output[0], provenance(input, params))


run(main, snakemake)
