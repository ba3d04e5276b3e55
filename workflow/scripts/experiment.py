"""Predict every condition of an experiment on the same backgrounds: all, a shard, or gather."""

import json

import numpy as np
import xarray as xr

from giaflow.base.seeds import generator
from giaflow.experiments import REGISTRY
from giaflow.experiments.constructs import Constructs
from giaflow.experiments.grid import gathered, share
from giaflow.io.arrays import read_arrays, write_arrays
from jobs.coarse import each
from jobs.experiments import precision, read_inputs
from jobs.models import open_checked
from jobs.run import bar, log, provenance, run
from jobs.store import stored


def predict(input, params, threads, part, shards):
    """The dataset of an experiment, or of one of its shards with zeros in the others' tiles."""
    model = open_checked(input.model, input.plan, threads)
    experiment = REGISTRY.load(params.experiment["kind"])
    settings = experiment.Settings(**params.experiment["settings"])
    patterns, subjects = read_inputs(input, params, experiment, settings, model)
    rng = generator(params.seed, "experiment", *params.name)
    made = Constructs(experiment, settings, patterns, subjects, model, rng)
    asked = precision(params.experiment["half_width"], model, input.data, params.sesoi)
    if asked is None:
        grid = made.tiles()
        ours = share(grid, part, shards)
        log.info("part %d of %d: %d of %d tiles", part + 1, shards, len(ours), len(grid))
        made.fill(bar(ours, unit="tile"))
    else:
        made.grow(asked, params.confidence, lambda grid: bar(grid, unit="tile"))
        log.info("%d of %d backgrounds used", len(made), len(subjects.codes))
    return dataset_of(made, subjects.conditioning, asked)


def dataset_of(made, conditioning, asked):
    """Constructs as a dataset with units."""
    unit = {"units": made.model.unit}
    variables = {
        "prediction": (("condition", "background", "target"), made.prediction, unit),
        "baseline": (("background", "target"), made.baseline, unit),
        "changed": (("condition", "background"), made.changed.astype(np.uint8), {"units": "bool"}),
    }
    for name, values in made.measures.items():
        variables[f"measure {name}"] = ("background", values, {"units": "letters"})
    if made.energy.size:
        variables["energy"] = (("condition", "folded"), made.energy, {"units": "kcal/mol"})
    coordinates = {
        "condition": [json.dumps(c.labels) for c in made.conditions],
        "target": list(made.model.targets),
        "locus": ("background", made.locus),
    }
    told = {
        "model_sha256": made.model.sha256,
        **({"conditioning": conditioning} if conditioning else {}),
        **({} if asked is None else {"half_width": json.dumps(asked.tolist())}),
    }
    return xr.Dataset(variables, coordinates, told)


def main(input, output, params, threads):
    # What is cut into shards tells nothing of them, nor of where its predictions were.
    sources, given = dict(input.items()), dict(params.items())
    parts, (part, shards) = sources.pop("parts", []), given.pop("shard", (0, 1))
    if parts:
        dataset = gathered(map(read_arrays, parts), len(parts)).drop_encoding()
    else:
        dataset = predict(input, params, threads, part, shards)
    write_arrays(dataset, output[0], provenance(sources, given))


run(each(stored(main)), snakemake)
