"""Predict every real sequence; score the held-out ones of a trained model."""

import json

import numpy as np
import pandas as pd
import xarray as xr

from giaflow.io.arrays import read_arrays, write_arrays
from giaflow.io.files import read_json
from giaflow.io.tables import write_table
from giaflow.models.probing import notes
from giaflow.models.training.examples import held_out
from giaflow.models.training.held_out import auc_table, correlation_table
from giaflow.models.training.schedule import Schedule
from giaflow.sequences.places import Places
from jobs.measured_values import read_measured, transformed
from jobs.models import open_checked
from jobs.run import provenance, run, warn
from jobs.store import stored


def unseen(name, sequences, params):
    """Codes of the sequences of a set that were never trained on."""
    tested, _ = held_out(Places.of(sequences), params.train, params.seed, name)
    return sequences["codes"].values[tested]


def main(input, output, params, threads):
    model = open_checked(input.model, input.plan, threads)
    sets = dict(zip(params.sets, map(read_arrays, input.sequences), strict=True))
    made = provenance(input, params)
    codes = np.concatenate([s["codes"].values for s in sets.values()])
    predictions = xr.Dataset(
        {"prediction": (("sequence", "target"), model.predict(codes), {"units": model.unit})},
        {
            "target": list(model.targets),
            "name": ("sequence", np.concatenate([s["name"].values for s in sets.values()])),
            "set": (
                "sequence",
                np.repeat(list(sets), [s.sizes["sequence"] for s in sets.values()]),
            ),
        },
    )
    probability = read_json(input.plan[0])["probe"]["probability"]
    found = notes(predictions["prediction"].values, model, "sequences of the study", probability)
    for note in found:
        warn(f"{params.label}, {note}")
    write_arrays(predictions.assign_attrs(notes=json.dumps(found)), output.predictions, made)
    table = pd.DataFrame()
    if params.values:
        test = sets[params.train["measured"]["test"]]
        values = transformed(read_measured(test, params.values), params.values)
        table = correlation_table(model, test["codes"].values, values, list(params.values))
    elif params.train:
        schedule = Schedule(**params.train["schedule"])
        tested, others = (
            {target: unseen(used, sets[used], params) for target, used in params.train[key].items()}
            for key in ("positives", "negatives")
        )
        table = auc_table(model, tested, params.seed, params.label, schedule, others)
    columns = ["target", "auc", "r", "ci_low", "ci_high", "sequences", "shuffles"]
    table = table.reindex(columns=columns)
    table.insert(0, "model", params.label)
    table.insert(0, "study", params.study)
    write_table(table, output.performance, made)


run(stored(main), snakemake)
