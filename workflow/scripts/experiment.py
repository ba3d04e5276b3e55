"""Predict every condition of an experiment on the same backgrounds: all, a shard, or gather."""

from functools import partial

from giaflow.base.seeds import generator
from giaflow.experiments import REGISTRY
from giaflow.experiments.constructs import predict
from giaflow.experiments.grid import gathered
from giaflow.io.arrays import read_arrays, write_arrays
from giaflow.io.predictions import predictions_dataset
from jobs.coarse import each
from jobs.experiments import precision, read_inputs
from jobs.models import open_checked
from jobs.run import bar, log, provenance, run
from jobs.store import stored


def predicted(input, params, threads, part, shards):
    """The dataset of an experiment, or of one of its shards with zeros in the others' tiles."""
    model = open_checked(input.model, input.plan, threads)
    experiment = REGISTRY.load(params.experiment["kind"])
    settings = experiment.Settings(**params.experiment["settings"])
    patterns, subjects = read_inputs(input, params, experiment, settings, model)
    made = predict(
        experiment,
        settings,
        patterns,
        subjects,
        model,
        generator(params.seed, "experiment", *params.name),
        half_width=precision(params.experiment["half_width"], model, input.data, params.sesoi),
        confidence=params.confidence,
        part=part,
        parts=shards,
        watch=partial(bar, unit="tile"),
    )
    log.info("part %d of %d: %d backgrounds used", part + 1, shards, len(made))
    return predictions_dataset(made)


def main(input, output, params, threads):
    # What is cut into shards tells nothing of them, nor of where its predictions were.
    sources, given = dict(input.items()), dict(params.items())
    parts, (part, shards) = sources.pop("parts", []), given.pop("shard", (0, 1))
    if parts:
        dataset = gathered(map(read_arrays, parts), len(parts)).drop_encoding()
    else:
        dataset = predicted(input, params, threads, part, shards)
    write_arrays(dataset, output[0], provenance(sources, given))


run(each(stored(main)), snakemake)
