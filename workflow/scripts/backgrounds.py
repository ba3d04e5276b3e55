"""Draw the backgrounds of one null model."""

import numpy as np

from giaflow.io.arrays import read_arrays, sequences_dataset, write_arrays
from giaflow.nulls import REGISTRY, backgrounds
from job import log, provenance, run


def main(input, output, params, threads):
    chosen = params.null
    settings = REGISTRY.load(chosen["kind"]).Settings(**chosen["settings"])
    sets = [read_arrays(file) for file in input.sequences]
    reference = np.concatenate([s["codes"].values for s in sets])
    names = np.concatenate([s["name"].values for s in sets])
    label = (params.label, *chosen["sequences"])
    codes, source = backgrounds(
        chosen["kind"], label, reference, chosen["n"], params.seed, settings
    )
    distinct = len(np.unique(codes, axis=0))
    log.info("%d backgrounds, %d distinct", len(codes), distinct)
    dataset = sequences_dataset(codes, {"source": names[source]}).assign_attrs(distinct=distinct)
    write_arrays(dataset, output[0], provenance(input, params))


run(main, snakemake)
