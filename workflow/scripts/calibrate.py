"""Repeat every experiment of the study on a laboratory model, and compare with the truth."""

import numpy as np

from checked_model import open_checked
from giaflow import laboratory
from giaflow.experiments import REGISTRY
from giaflow.importance import smallest_effects
from giaflow.io.arrays import read_arrays
from giaflow.io.files import read_json
from giaflow.io.tables import write_table
from giaflow.laboratory.designs import of_experiment
from giaflow.laboratory.settings import Repeats
from giaflow.laboratory.validation import calibrate
from giaflow.nulls import profile
from giaflow.patterns import Pattern, scrambles
from giaflow.seeds import generator
from job import log, provenance, run


def designs(chosen, configured, length, seed):
    """The designs of the study's experiments, with configured patterns and their scrambles."""
    listed = []
    for name, entry in chosen.items():
        settings = REGISTRY.load(entry["kind"]).Settings(**entry["settings"])
        asked = getattr(settings, "patterns", []) or list(configured)
        patterns = [Pattern(key, text) for key, text in configured.items() if key in asked]
        for pattern in list(patterns):
            rng = generator(seed, "scrambles", pattern.text)
            patterns += scrambles(pattern, getattr(settings, "scrambles", 0), rng)
        if not getattr(settings, "sequences", []):
            rng = generator(seed, "experiment", "calibration", name)
            listed.append(of_experiment(name, entry["kind"], settings, patterns, length, rng))
    # A design of which nothing has an exact truth cannot be judged by one.
    return [design for design in listed if design.contrasts]


def main(input, output, params, threads):
    model = open_checked([], input.plan, threads)
    oracle = laboratory.load(read_json(input.plan)["laboratory"])
    codes = np.concatenate([read_arrays(file)["codes"].values for file in input.sequences])
    data = read_arrays(input.data)["prediction"].values
    sesoi = smallest_effects(params.statistics["sesoi"], model.targets, data)
    table = calibrate(
        model,
        oracle,
        designs(params.experiments, params.patterns, model.length, params.seed),
        profile.matrix(codes, profile.Settings()),
        sesoi,
        Repeats(**params.repeats),
        params.seed,
    )
    log.info("%d of %d marks passed", table["passed"].sum(), len(table))
    write_table(table, output[0], provenance(input, params))


run(main, snakemake)
