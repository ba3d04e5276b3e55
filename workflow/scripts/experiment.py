"""Predict every condition of an experiment on the same backgrounds."""

import json
import math

import numpy as np
import xarray as xr

from checked_model import open_checked
from experiment_inputs import gather_alleles, gather_patterns, places, precision
from giaflow.clusters import joined
from giaflow.edits import chunks
from giaflow.experiments import REGISTRY
from giaflow.folding import energies
from giaflow.io.arrays import read_arrays, write_arrays
from giaflow.replacements import sharing
from giaflow.seeds import generator
from giaflow.stopping import grow
from job import bar, log, provenance, run
from runs import each
from stored import stored


def main(input, output, params, threads):
    model = open_checked(input.model, input.plan, threads)
    experiment = REGISTRY.load(params.experiment["kind"])
    settings = experiment.Settings(**params.experiment["settings"])
    backgrounds = read_arrays(input.backgrounds)
    codes, donors, locus = backgrounds["codes"].values, None, backgrounds["locus"].values
    conditioning = json.loads(backgrounds.attrs["record"]).get("conditioning")
    rng = generator(params.seed, "experiment", *params.name)
    patterns = gather_patterns(
        params.patterns,
        input.catalogue,
        input.matrices,
        getattr(settings, "scrambles", 0),
        params.seed,
    )
    if input.variants:
        patterns = gather_alleles(input.variants, input.sequences)
    elif input.sequences:
        # Real sequences take the place of backgrounds, which then give replacements.
        sets = [read_arrays(file) for file in input.sequences]
        real = np.concatenate([one["codes"].values for one in sets])
        rows, conditioning = np.arange(len(real)), None
        if hasattr(experiment, "choose"):
            rows, conditioning = experiment.choose(
                settings, patterns, real, model.targets, model.predict
            )
            log.info("%d of %d sequences may be edited", len(rows), len(real))
        order = generator(params.seed, "sequences", *params.name).permutation(rows)[: settings.n]
        codes, donors, locus = real[order], codes, places(sets)[order]
    conditions = experiment.conditions(settings, patterns, codes.shape[1], rng)
    measures = {}
    if hasattr(experiment, "measures"):
        measures = experiment.measures(settings, patterns, codes)
    if hasattr(experiment, "search"):

        def ask(trials):
            return model.predict_edits(codes, chunks(trials, codes, donors=donors))

        found, measures = experiment.search(settings, ask, *codes.shape, model.targets)
        conditions += found
    contrasts = experiment.contrasts(settings, conditions)
    # Sequences whose replacements come from the same donors are no more independent than shuffles.
    donated = sharing(conditions, len(codes), 0 if donors is None else len(donors))
    locus = joined(locus, donated)

    changed, folded = np.zeros((0, len(codes)), bool), []
    for chunk in chunks(conditions, codes, donors=donors):
        changed = np.concatenate([changed, (chunk != codes).any(axis=2)])
        if getattr(settings, "energy", 0):
            folded += [energies(edited[: settings.energy]) for edited in chunk]

    # Backgrounds are predicted once for all experiments; real sequences are this one's own.
    known = read_arrays(input.known)["prediction"].values if input.known else None

    def predict(start, stop):
        # Edits see every background: which instance one gets must not depend on the looks.
        edited = (chunk[:, start:stop] for chunk in chunks(conditions, codes, donors=donors))
        edited = bar(edited, math.ceil(len(conditions) * len(codes) / 8192), "chunk")
        some = codes[start:stop]
        bare = model.predict(some) if known is None else known[start:stop]
        return model.predict_edits(some, edited), bare

    asked = precision(params.experiment["half_width"], model, input.data, params.sesoi)
    predictions, baseline = grow(
        predict, contrasts, len(codes), asked, params.confidence, changed, locus
    )
    log.info("%d of %d backgrounds used", len(baseline), len(codes))
    dataset = xr.Dataset(
        {
            "prediction": (
                ("condition", "background", "target"),
                predictions,
                {"units": model.unit},
            ),
            "baseline": (("background", "target"), baseline, {"units": model.unit}),
            "changed": (
                ("condition", "background"),
                changed[:, : len(baseline)].astype(np.uint8),
                {"units": "bool"},
            ),
            **{
                f"measure {name}": ("background", values[: len(baseline)], {"units": "letters"})
                for name, values in measures.items()
            },
            **(
                {"energy": (("condition", "folded"), np.array(folded), {"units": "kcal/mol"})}
                if folded
                else {}
            ),
        },
        {
            "condition": [json.dumps(c.labels) for c in conditions],
            "target": list(model.targets),
            "locus": ("background", locus[: len(baseline)]),
        },
        {
            "model_sha256": model.sha256,
            **({"conditioning": conditioning} if conditioning else {}),
            **({} if asked is None else {"half_width": json.dumps(asked.tolist())}),
        },
    )
    write_arrays(dataset, output[0], provenance(input, params))


run(each(stored(main)), snakemake)
