"""Predict every condition of an experiment on the same backgrounds."""

import json
import math

import xarray as xr

from checked_model import open_checked
from giaflow.edits import chunks
from giaflow.experiments import REGISTRY
from giaflow.io.arrays import read_arrays, write_arrays
from giaflow.io.tables import read_table
from giaflow.patterns import Pattern, scrambles
from giaflow.seeds import generator
from job import bar, log, provenance, run


def gather_patterns(configured, catalogue, n_scrambles, seed):
    """Configured patterns, discovered ones, and the scrambled controls of both."""
    patterns = [Pattern(name, text) for name, text in configured.items()]
    if catalogue:
        found = read_table(catalogue)
        patterns += [Pattern(row.pattern, row.consensus) for row in found.itertuples()]
    controls = []
    for pattern in patterns:
        rng = generator(seed, "scrambles", pattern.text)
        drawn = scrambles(pattern, n_scrambles, rng)
        if len(drawn) < n_scrambles:
            log.warning("pattern %s has only %d scrambled controls", pattern.name, len(drawn))
        controls += drawn
    return patterns + controls


def main(input, output, params, threads):
    model = open_checked(input.model, input.plan, threads)
    experiment = REGISTRY.load(params.experiment["kind"])
    settings = experiment.Settings(**params.experiment["settings"])
    backgrounds = read_arrays(input.backgrounds)
    codes = backgrounds["codes"].values
    conditioning = json.loads(backgrounds.attrs["record"]).get("conditioning")
    patterns = gather_patterns(
        params.patterns, input.catalogue, getattr(settings, "scrambles", 0), params.seed
    )
    conditions = experiment.conditions(settings, patterns, codes.shape[1])
    edited = bar(chunks(conditions, codes), math.ceil(len(conditions) / 8), "chunk")
    predictions = model.predict_edits(codes, edited)
    dataset = xr.Dataset(
        {
            "prediction": (
                ("condition", "background", "target"),
                predictions,
                {"units": model.unit},
            ),
            "baseline": (("background", "target"), model.predict(codes), {"units": model.unit}),
        },
        {
            "condition": [json.dumps(c.labels) for c in conditions],
            "target": list(model.targets),
        },
        {
            "model_sha256": model.sha256,
            **({"conditioning": conditioning} if conditioning else {}),
        },
    )
    write_arrays(dataset, output[0], provenance(input, params))


run(main, snakemake)
