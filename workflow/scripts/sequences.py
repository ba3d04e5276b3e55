"""Read one sequence set from FASTA, an archive, a probe table or a genome, or draw it at random."""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from giaflow import validation
from giaflow.base.alphabet import decode
from giaflow.base.checks import InputError
from giaflow.base.seeds import generator
from giaflow.io.arrays import sequences_dataset, write_arrays
from giaflow.io.fasta import load_sequences
from giaflow.io.files import extract
from giaflow.io.genome import Genome, about_instances, cut, known
from giaflow.io.intervals import read_bed
from giaflow.io.sequence_records import collect, read_probes
from giaflow.sequences.pattern_search import matches_by_strand
from giaflow.sequences.places import Places
from giaflow.validation.oracles.simulation import planted as with_motifs
from giaflow.validation.oracles.simulation import simulate, with_pattern
from jobs.run import log, provenance, run, warn


def simulated(length, n, seed, label, oracle, planted):
    """Random sequences as `load_sequences` returns what it reads.

    With motifs of `oracle` in half of them, or the pattern `planted` in the middle of each.
    """
    rng = generator(seed, "simulated", label)
    if oracle is None:
        codes = simulate(length, n, rng)
    else:
        codes, _ = with_motifs(validation.load(oracle), n, rng)
    if planted is not None:
        codes = with_pattern(codes, planted, rng)
    columns = {"name": [f"{label}_{i}" for i in range(n)], "chrom": [""] * n}
    columns |= {"start": [-1] * n, "end": [-1] * n, "strand": ["."] * n, "before": [0] * n}
    return codes, np.zeros(codes.shape, bool), columns, 0


def read(input, params):
    """Codes, soft-masked letters, columns and dropped records of FASTA files."""
    with tempfile.TemporaryDirectory() as folder:
        files = list(input.fasta)
        for number, member in enumerate(params.members):
            files.append(f"{folder}/{number}-{Path(member).name}")
            extract(input.archive, member, files[-1])
        return load_sequences(
            files, params.length, params.ambiguous, params.pad, params.coordinates
        )


def probes(path, params):
    """What `load_sequences` returns, of a probe table; and the number of its rows."""
    chosen = params.probes
    columns = (chosen[key] for key in ("sequence", "name", "set_column", "set"))
    records, rows = read_probes(path, *columns)
    if chosen["sample"] is not None:
        if chosen["sample"] > len(records):
            raise InputError(
                f"probes.sample of sequence set {chosen['label']!r} asks for {chosen['sample']} "
                f"probes, but there are {len(records)}"
            )
        rng = generator(chosen["seed"], "probes", chosen["label"])
        kept = np.sort(rng.permutation(len(records))[: chosen["sample"]])
        records = [records[i] for i in kept]
    return collect(records, params.length, params.ambiguous, params.pad), rows


def instances(input, params):
    """What `load_sequences` returns, of stretches of a genome about instances of a pattern."""
    chosen, length = params.instances, params.length
    genome = Genome(input.genome)
    regions, missing = known(genome, read_bed(input.regions), input.regions, strict=False)
    if missing:
        log.warning("%d regions of %s are on other chromosomes", missing, input.regions)
    mark = partial(matches_by_strand, **chosen)
    found = about_instances(genome, regions, mark, len(chosen["pattern"]), length)
    log.info("%d instances of %s in %d regions", len(found), chosen["pattern"], len(regions))
    if not found:
        raise InputError(
            f"the {len(regions)} regions of {input.regions} hold no instance of "
            f"{chosen['pattern']} with {chosen['mismatches']} mismatches and {length} letters "
            "about it; allow more, or give other regions"
        )
    codes, places, _ = cut(genome, found, length, input.regions)
    records = (
        (f"stretch {name} of {genome.path}", decode(row), (name, *one[:4]))
        for name, one, row in zip(places.names.tolist(), found, codes, strict=True)
    )
    return collect(records, length, params.ambiguous)


def main(input, output, params, threads):
    rows = -1
    if params.simulated:
        found = simulated(**params.simulated)
    elif params.probes:
        found, rows = probes(input.probes, params)
    elif params.instances:
        found = instances(input, params)
    else:
        found = read(input, params)
    codes, masked, columns, dropped = found
    log.info(
        "%d sequences, %d dropped, %.1f %% of letters soft-masked",
        len(codes),
        dropped,
        100 * masked.mean(),
    )
    without = int((~Places.of(columns).known).sum())
    if 0 < without < len(codes):
        warn(f"{without} of {len(codes)} records have no coordinates in their names")
    dataset = sequences_dataset(codes, columns, masked)
    dataset = dataset.assign_attrs(dropped_ambiguous=dropped, table_rows=rows)
    write_arrays(dataset, output[0], provenance(input, params))


run(main, snakemake)
