"""Estimate global importance and contrasts from an experiment's predictions."""

from giaflow.base.seeds import generator
from giaflow.experiments import REGISTRY
from giaflow.experiments.positive_controls import control_effects
from giaflow.experiments.run import analyse
from giaflow.io.arrays import read_arrays
from giaflow.io.predictions import read_predictions
from giaflow.io.tables import read_table, write_table
from giaflow.statistics.effect_tables import Identity, spelled_table, split
from giaflow.statistics.predictions import Predictions
from giaflow.statistics.smallest_effects import smallest_effects
from giaflow.statistics.verdicts import Inference
from jobs.coarse import each
from jobs.run import provenance, run


def main(input, output, params, threads):
    kind = params.experiment["kind"]
    settings = REGISTRY.load(kind).Settings(**params.experiment["settings"])
    predictions = Predictions(**read_predictions(input.predictions))
    known = read_arrays(input.data)["prediction"].values
    controls = read_table(input.controls)
    statistics, identity = params.statistics, params.identity
    inference = Inference(
        smallest_effects(
            statistics["sesoi"], predictions.targets, known, control_effects(controls, ("named",))
        ),
        statistics["confidence"],
        generator(params.seed, "statistics", identity["null"], identity["experiment"]),
        predictions.targets,
        statistics["interval"],
        statistics["test"],
    )
    table = analyse(
        kind,
        settings,
        predictions,
        inference,
        identity=Identity(**identity),
        correction=params.correction,
        known=known,
        diagnostics=params.diagnostics,
        controls=controls,
    )
    made = provenance(input, params)
    importance, contrasts = split(spelled_table(table, params.alphabet))
    write_table(importance, output.importance, made)
    write_table(contrasts, output.contrasts, made)


run(each(main), snakemake)
