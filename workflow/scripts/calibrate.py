"""Repeat every experiment of the study on a laboratory model, and compare with the truth."""

import numpy as np

from checked_model import open_checked
from giaflow import laboratory
from giaflow.io.arrays import read_arrays
from giaflow.io.files import read_json
from giaflow.io.tables import write_table
from giaflow.laboratory.designs import of_study
from giaflow.laboratory.settings import Repeats
from giaflow.laboratory.validation import calibrate
from giaflow.nulls import profile
from giaflow.sesoi import smallest_effects
from job import log, provenance, run
from stored import stored


def main(input, output, params, threads):
    model = open_checked([], input.plan, threads)
    oracle = laboratory.load(read_json(input.plan[0])["laboratory"])
    codes = np.concatenate([read_arrays(file)["codes"].values for file in input.sequences])
    data = read_arrays(input.data)["prediction"].values
    sesoi = smallest_effects(params.statistics["sesoi"], model.targets, data)
    designs = [
        of_study(name, entry, params.patterns, model.length, params.seed)
        for name, entry in params.experiments.items()
    ]
    table = calibrate(
        model,
        oracle,
        # A design of which nothing has an exact truth cannot be judged by one.
        [design for design in designs if design.contrasts],
        profile.matrix(codes, profile.Settings()),
        sesoi,
        Repeats(**params.repeats),
        params.seed,
    )
    log.info("%d of %d marks passed", table["passed"].sum(), len(table))
    write_table(table, output[0], provenance(input, params))


run(stored(main), snakemake)
