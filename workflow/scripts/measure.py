"""Measure simulated sequences with a laboratory model, with noise, and tell what was planted."""

import numpy as np
import pandas as pd

from giaflow import validation
from giaflow.base.seeds import generator
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import write_table
from giaflow.validation.oracles.simulation import measurement, planted
from jobs.run import provenance, run


def main(input, output, params, threads):
    oracle, label = validation.load(params.laboratory), params.label
    sequences = read_arrays(input[0])
    codes, names = sequences["codes"].values, sequences["name"].values
    # The same draw as that of the sequences, which have no room for sites.
    again, sites = planted(oracle, len(codes), generator(params.seed, "simulated", label))
    if not np.array_equal(codes, again):
        raise RuntimeError(f"the sequences of {label} are not those of their seed")
    rng = generator(params.seed, "measured", label)
    values = pd.DataFrame(measurement(oracle, codes, params.noise, rng), columns=oracle.targets)
    values.insert(0, "name", names)
    made = provenance(input, params)
    write_table(values, output.values, made)
    write_table(sites, output.sites, made)


run(main, snakemake)
