"""Repeat every experiment of the study on a laboratory model, and compare with the truth."""

import numpy as np

from giaflow import validation
from giaflow.io.arrays import read_arrays
from giaflow.io.files import read_json
from giaflow.io.tables import write_table
from giaflow.nulls import profile
from giaflow.statistics.smallest_effects import smallest_effects
from giaflow.validation.calibration.designs import of_study
from giaflow.validation.calibration.settings import Repeats
from giaflow.validation.calibration.study_checks import calibrate
from jobs.models import open_checked
from jobs.run import log, provenance, run
from jobs.store import stored


def main(input, output, params, threads):
    model = open_checked([], input.plan, threads)
    oracle = validation.load(read_json(input.plan[0])["laboratory"])
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
