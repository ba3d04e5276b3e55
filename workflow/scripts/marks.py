"""Measure the declared marks of a laboratory model."""

import importlib

import numpy as np
import pandas as pd

from giaflow import validation
from giaflow.io.arrays import read_arrays
from giaflow.io.files import read_json
from giaflow.io.tables import write_table
from giaflow.nulls import profile
from giaflow.statistics.smallest_effects import smallest_effects
from giaflow.validation.calibration.bench import Bench
from giaflow.validation.calibration.settings import Repeats
from jobs.models import open_checked, open_laboratory
from jobs.run import bar, log, provenance, run
from jobs.store import stored


def variant(name):
    """Another laboratory model and its oracle."""
    return open_laboratory(name), validation.load(name)


def main(input, output, params, threads):
    model = open_checked([], input.plan, threads)
    name = read_json(input.plan[0])["laboratory"]
    codes = np.concatenate([read_arrays(file)["codes"].values for file in input.sequences])
    data = read_arrays(input.data)["prediction"].values
    bench = Bench(
        model,
        validation.load(name),
        profile.matrix(codes, profile.Settings()),
        smallest_effects(params.statistics["sesoi"], model.targets, data),
        Repeats(**params.repeats),
        params.seed,
        variant,
    )
    parts = []
    for mark in bar(importlib.import_module(validation.marks(name)).MARKS, unit="mark"):
        parts += [part for part in mark(bench) if len(part)]
        log.info("%s", mark.__name__)
    table = pd.concat(parts, ignore_index=True)
    log.info("%d of %d marks passed", table["passed"].sum(), len(table))
    write_table(table, output[0], provenance(input, params))


run(stored(main), snakemake)
