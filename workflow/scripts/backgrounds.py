"""Draw the backgrounds of one null model."""

import json

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
    codes, source, record = backgrounds(
        chosen["kind"], label, reference, chosen["n"], params.seed, settings
    )
    record["distinct"] = len(np.unique(codes, axis=0))
    log.info("%d backgrounds: %s", len(codes), record)
    dataset = sequences_dataset(codes, {"source": names[source]})
    dataset = dataset.assign_attrs(record=json.dumps(record, sort_keys=True))
    write_arrays(dataset, output[0], provenance(input, params))


run(main, snakemake)
