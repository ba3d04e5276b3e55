"""Gather TF-MoDISco's patterns of all targets into one catalogue."""

import numpy as np
import pandas as pd
import xarray as xr

from giaflow.attribution.modisco import catalogue, contributions, seen_by_modisco
from giaflow.base.alphabet import RNA
from giaflow.io.arrays import read_arrays, write_arrays
from giaflow.io.motifs import read_modisco, why_no_patterns, write_bed, write_meme
from giaflow.io.tables import write_table
from giaflow.sequences.places import Places
from jobs.run import log, provenance, run, warn

FEW = "TF-MoDISco found too few seqlets, or none that cluster"


def main(input, output, params, threads):
    attributed = read_arrays(input.attribution)
    attributed = attributed.assign_coords(
        order=("sequence", np.arange(attributed.sizes["sequence"]))
    )
    tables, matrices, hits, reasons = [], {}, [], {}
    for target, file in zip(params.targets, input.modisco, strict=True):
        rows = seen_by_modisco(attributed, params.sets[target], params.seed)["order"].values
        table, found, seqlets = catalogue(read_modisco(file), target, params.trim, rows)
        if params.alphabet == RNA:
            table["consensus"] = [each.replace("T", "U") for each in table["consensus"]]
        scores = attributed["hypothetical"].sel(target=target).values
        seqlets["contribution"] = contributions(attributed["codes"].values, scores, seqlets)
        log.info("%s: %d patterns", target, len(table))
        if table.empty:
            reasons[target] = why_no_patterns(file)
            if not reasons[target]:
                reasons[target] = FEW
                warn(f"no motifs for {target}: {FEW}")
        tables.append(table)
        matrices |= found
        hits.append(seqlets)
    made = {**provenance(input, params), "no_patterns": reasons}
    write_table(pd.concat(tables, ignore_index=True), output.table, made)
    write_arrays(matrix_dataset(matrices, params.alphabet), output.matrices, made)
    write_meme({name: pfm for name, (pfm, _) in matrices.items()}, params.alphabet, output.meme)
    write_bed(placed(pd.concat(hits, ignore_index=True), attributed), output.hits)


def matrix_dataset(matrices, alphabet):
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
        {"pattern": list(matrices), "letter": list(alphabet)},
    )


def placed(hits, attributed):
    """Hits with their place: on the contig where the sequence has one, else on the sequence."""
    rows = hits["sequence"].to_numpy(int)
    places, names = Places.of(attributed)[rows], attributed["name"].values[rows]
    start, end, strand = places.to_genome(
        hits["start"].to_numpy(int), hits["end"].to_numpy(int), hits["strand"].to_numpy(str)
    )
    known = places.known
    if 0 < known.sum() < len(known):
        warn(f"{(~known).sum()} of {len(known)} motif hits lie in sequences without a place")
    columns = {"chrom": np.where(known, places.chrom, names), "start": start, "end": end}
    columns |= {"name": hits["pattern"], "strand": strand, "contribution": hits["contribution"]}
    found = pd.DataFrame(columns).assign(placed=known)
    # Padding has no place.
    found = found[found["start"] < found["end"]]
    return found.sort_values(["chrom", "start", "end", "name"], ignore_index=True)


run(main, snakemake)
