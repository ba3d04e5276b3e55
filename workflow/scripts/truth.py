"""Compare the tables of one run on a laboratory model with the truth."""

import numpy as np
import pandas as pd

from giaflow import laboratory
from giaflow.io.arrays import read_arrays
from giaflow.io.files import read_json
from giaflow.io.tables import read_table, write_table
from giaflow.laboratory.agreement import compare, truths
from giaflow.laboratory.designs import of_study
from giaflow.seeds import generator
from job import log, provenance, run


def main(input, output, params, threads):
    oracle = laboratory.load(read_json(input.plan)["laboratory"])
    reference = np.concatenate([read_arrays(file)["codes"].values for file in input.sequences])
    length = reference.shape[1]
    design = of_study(
        params.experiment, params.entry, params.patterns, length, params.seed, params.label
    )
    rng = generator(params.seed, "truth", oracle.name, params.label, params.experiment)
    truth = truths(oracle, design, params.null, reference, params.n, rng)
    rows = pd.concat([read_table(input.importance), read_table(input.contrasts)])
    name = f"{params.label}, {params.experiment}"
    table = compare(name, rows, design, truth, oracle.targets)
    log.info("%d of %d marks passed", table["passed"].sum(), len(table))
    write_table(table, output[0], provenance(input, params))


run(main, snakemake)
