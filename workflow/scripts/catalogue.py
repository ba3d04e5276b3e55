"""Gather TF-MoDISco's patterns of all targets into one catalogue."""

import numpy as np
import pandas as pd
import xarray as xr

from giaflow.attribution.modisco import catalogue, seen_by_modisco
from giaflow.io.arrays import read_arrays, write_arrays
from giaflow.io.motifs import read_modisco, write_bed, write_meme
from giaflow.io.tables import write_table
from jobs.run import log, provenance, run


def main(input, output, params, threads):
    attributed = read_arrays(input.attribution)
    attributed = attributed.assign_coords(
        order=("sequence", np.arange(attributed.sizes["sequence"]))
    )
    tables, matrices, hits = [], {}, []
    for target, file in zip(params.targets, input.modisco, strict=True):
        rows = seen_by_modisco(attributed, params.sets[target], params.seed)["order"].values
        table, found, seqlets = catalogue(read_modisco(file), target, params.trim, rows)
        log.info("%s: %d patterns", target, len(table))
        tables.append(table)
        matrices |= found
        hits.append(seqlets)
    made = provenance(input, params)
    write_table(pd.concat(tables, ignore_index=True), output.table, made)
    write_arrays(matrix_dataset(matrices), output.matrices, made)
    write_meme({name: pfm for name, (pfm, _) in matrices.items()}, params.alphabet, output.meme)
    write_bed(genomic(pd.concat(hits, ignore_index=True), attributed), output.hits)


def matrix_dataset(matrices):
    """PFM and CWM of every pattern, (pattern, position, letter), filled up with nan."""
    widest = max((len(pfm) for pfm, _ in matrices.values()), default=0)
    stacked = np.full((2, len(matrices), widest, 4), np.nan)
    for i, pair in enumerate(matrices.values()):
        for kind, matrix in enumerate(pair):
            stacked[kind, i, : len(matrix)] = matrix
    dims = ("pattern", "position", "letter")
    return xr.Dataset(
        {
            "pfm": (dims, stacked[0], {"units": "seqlets"}),
            "cwm": (dims, stacked[1], {"units": "mean contribution, model units"}),
        },
        {"pattern": list(matrices), "letter": list("ACGT")},
    )


def genomic(hits, attributed):
    """Seqlets as BED rows: in genome coordinates where the sequence has them."""
    rows = hits["sequence"].astype(int)
    chrom, origin = attributed["chrom"].values[rows], attributed["start"].values[rows]
    named = chrom != ""
    return pd.DataFrame(
        {
            "chrom": np.where(named, chrom, attributed["name"].values[rows]),
            "start": hits["start"].astype(int) + np.where(named, origin, 0),
            "end": hits["end"].astype(int) + np.where(named, origin, 0),
            "name": hits["pattern"],
            "score": 0,
            "strand": hits["strand"],
        }
    )


run(main, snakemake)
