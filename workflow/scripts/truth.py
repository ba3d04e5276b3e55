"""Compare the tables of one run with the truth, or with many more predictions of a network."""

import numpy as np
import pandas as pd

from checked_model import open_checked
from giaflow import laboratory
from giaflow.io.arrays import read_arrays
from giaflow.io.files import read_json
from giaflow.io.tables import read_table, write_table
from giaflow.laboratory.agreement import compare, truths
from giaflow.laboratory.designs import of_study
from giaflow.seeds import generator
from job import log, provenance, run
from stored import stored


def main(input, output, params, threads):
    name = read_json(input.plan[0])["laboratory"]
    # A laboratory model is its own truth; of a network it is what many predictions say.
    known = (
        open_checked(input.model, input.plan, threads) if name is None else laboratory.load(name)
    )
    reference = np.concatenate([read_arrays(file)["codes"].values for file in input.sequences])
    length = reference.shape[1]
    design = of_study(
        params.experiment, params.entry, params.patterns, length, params.seed, params.label
    )
    rng = generator(params.seed, "truth", params.model, params.label, params.experiment)
    truth = truths(known, design, params.null, reference, params.n, rng)
    rows = pd.concat([read_table(input.importance), read_table(input.contrasts)])
    name = f"{params.label}, {params.experiment}"
    table = compare(name, rows, design, truth, known.targets)
    log.info("%d of %d marks passed", table["passed"].sum(), len(table))
    write_table(table, output[0], provenance(input, params))


run(stored(main), snakemake)
