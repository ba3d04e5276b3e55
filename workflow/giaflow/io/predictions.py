"""predictions.nc: what a model predicts of every condition of an experiment."""

import json

import numpy as np
import xarray as xr

from giaflow.io.arrays import read_arrays


def predictions_dataset(constructs):
    """The dataset of filled `giaflow.experiments.constructs.Constructs`, with units."""
    unit = {"units": constructs.model.unit}
    variables = {
        "prediction": (("condition", "background", "target"), constructs.prediction, unit),
        "baseline": (("background", "target"), constructs.baseline, unit),
        "changed": (
            ("condition", "background"),
            constructs.changed.astype(np.uint8),
            {"units": "bool"},
        ),
    }
    for name, values in constructs.measures.items():
        variables[f"measure {name}"] = ("background", values, {"units": "letters"})
    if constructs.energy.size:
        variables["energy"] = (("condition", "folded"), constructs.energy, {"units": "kcal/mol"})
    coordinates = {
        "condition": [json.dumps(condition.labels) for condition in constructs.conditions],
        "target": list(constructs.model.targets),
        "locus": ("background", constructs.locus),
    }
    attributes = {"model_sha256": constructs.model.sha256}
    if constructs.subjects.conditioning:
        attributes["conditioning"] = constructs.subjects.conditioning
    if constructs.half_width is not None:
        attributes["half_width"] = json.dumps(constructs.half_width.tolist())
    return xr.Dataset(variables, coordinates, attributes)


def read_predictions(path):
    """The fields of `giaflow.statistics.predictions.Predictions`, by name, from predictions.nc."""
    dataset = read_arrays(path)
    half_width = dataset.attrs.get("half_width")
    energy = dataset["energy"].values if "energy" in dataset else np.zeros((0, 0))
    return {
        "labels": [json.loads(text) for text in dataset["condition"].values],
        "prediction": dataset["prediction"].values,
        "baseline": dataset["baseline"].values,
        "changed": dataset["changed"].values.astype(bool),
        "targets": tuple(str(target) for target in dataset["target"].values),
        "unit": dataset["prediction"].attrs["units"],
        "measures": {
            str(name).removeprefix("measure "): values.values
            for name, values in dataset.items()
            if str(name).startswith("measure ")
        },
        "clusters": dataset["locus"].values,
        "energy": energy,
        "conditioning": dataset.attrs.get("conditioning", ""),
        "half_width": None if half_width is None else np.array(json.loads(half_width)),
    }
