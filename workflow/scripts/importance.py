"""Estimate global importance and contrasts from an experiment's predictions."""

import json

import numpy as np

from giaflow.base.seeds import generator
from giaflow.edits.embed import Condition
from giaflow.experiments import REGISTRY, summaries
from giaflow.experiments.positive_controls import marks
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import read_table, write_table
from giaflow.nulls.diagnostics import Settings as Diagnostics
from giaflow.nulls.diagnostics import extrapolating
from giaflow.sequences.folding import with_energies
from giaflow.statistics.effect_tables import add_control, importance_table, split
from giaflow.statistics.smallest_effects import smallest_effects
from giaflow.statistics.verdicts import Judge
from jobs.coarse import each
from jobs.run import provenance, run


def main(input, output, params, threads):
    experiment = REGISTRY.load(params.experiment["kind"])
    settings = experiment.Settings(**params.experiment["settings"])
    predicted, data = read_arrays(input.predictions), read_arrays(input.data)
    conditions = [Condition(json.loads(text), ()) for text in predicted["condition"].values]
    targets = [str(target) for target in predicted["target"].values]
    unit = predicted["prediction"].attrs["units"]
    statistics, identity = params.statistics, params.identity
    contrasts = experiment.contrasts(settings, conditions)
    controls = read_table(input.controls)
    known = data["prediction"].values
    judge = Judge(
        smallest_effects(statistics["sesoi"], targets, known, marks(controls, ("named",))),
        statistics["confidence"],
        generator(params.seed, "statistics", identity["null"], identity["experiment"]),
        tuple(targets),
        statistics["interval"],
        statistics["test"],
    )
    sequences = summaries.Sequences(
        *(predicted[key].values for key in ("prediction", "baseline")),
        predicted["changed"].values.astype(bool),
        {
            name.removeprefix("measure "): values.values
            for name, values in predicted.items()
            if name.startswith("measure ")
        },
        predicted["locus"].values,
    )
    asked = predicted.attrs.get("half_width")
    table = importance_table(
        contrasts,
        sequences.predictions,
        sequences.baseline,
        {**identity, "targets": targets, "unit": unit},
        judge,
        summaries.of(params.experiment["kind"], settings, contrasts, sequences),
        params.correction,
        sequences.changed,
        extrapolates=extrapolating(
            predicted["prediction"].values,
            predicted["baseline"].values,
            known,
            targets,
            Diagnostics(**params.diagnostics),
        ),
        conditioned="conditioning" in predicted.attrs,
        clusters=sequences.clusters,
        half_width=None if asked is None else np.array(json.loads(asked)),
        spread=known.std(axis=0, dtype=np.float64),
        given=bool(getattr(settings, "sequences", [])),
    )
    if "energy" in predicted:
        table = with_energies(table, predicted["condition"].values, predicted["energy"].values)
    made = provenance(input, params)
    importance, contrasts = split(add_control(table, unit, marks(controls)))
    write_table(importance, output.importance, made)
    write_table(contrasts, output.contrasts, made)


run(each(main), snakemake)
