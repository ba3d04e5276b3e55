"""Estimate global importance and contrasts from an experiment's predictions."""

import json

from giaflow import summaries
from giaflow.diagnostics import Settings as Diagnostics
from giaflow.diagnostics import extrapolating
from giaflow.edits import Condition
from giaflow.experiments import REGISTRY
from giaflow.folding import with_energies
from giaflow.importance import add_control, importance_table, smallest_effects, split
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import write_table
from giaflow.seeds import generator
from giaflow.stats import Judge
from job import provenance, run


def main(input, output, params, threads):
    experiment = REGISTRY.load(params.experiment["kind"])
    settings = experiment.Settings(**params.experiment["settings"])
    predicted, data = read_arrays(input.predictions), read_arrays(input.data)
    conditions = [Condition(json.loads(text), ()) for text in predicted["condition"].values]
    targets = [str(target) for target in predicted["target"].values]
    unit = predicted["prediction"].attrs["units"]
    statistics, identity = params.statistics, params.identity
    contrasts = experiment.contrasts(settings, conditions)
    judge = Judge(
        smallest_effects(statistics["sesoi"], targets, data["prediction"].values),
        statistics["confidence"],
        generator(params.seed, "statistics", identity["null"], identity["experiment"]),
        tuple(targets),
    )
    table = importance_table(
        contrasts,
        predicted["prediction"].values,
        predicted["baseline"].values,
        {**identity, "targets": targets, "unit": unit},
        judge,
        summaries.of(params.experiment["kind"], settings, contrasts),
        params.correction,
        predicted["changed"].values.astype(bool),
        extrapolates=extrapolating(
            predicted["prediction"].values,
            predicted["baseline"].values,
            data["prediction"].values,
            targets,
            Diagnostics(**params.diagnostics),
        ),
        conditioned="conditioning" in predicted.attrs,
    )
    if "energy" in predicted:
        table = with_energies(table, predicted["condition"].values, predicted["energy"].values)
    made = provenance(input, params)
    importance, contrasts = split(add_control(table, statistics["controls"]))
    write_table(importance, output.importance, made)
    write_table(contrasts, output.contrasts, made)


run(main, snakemake)
