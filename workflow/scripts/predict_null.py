"""Predict the backgrounds of a null model, and embed them and the sequences they are held to."""

import numpy as np
import xarray as xr

from giaflow.io.arrays import read_arrays, write_arrays
from jobs.coarse import each
from jobs.models import open_checked
from jobs.run import log, provenance, run
from jobs.store import stored


def main(input, output, params, threads):
    model = open_checked(input.model, input.plan, threads)
    codes = read_arrays(input.backgrounds)["codes"].values
    data = np.concatenate([read_arrays(file)["codes"].values for file in input.reference])
    predicted = model.predict(codes)
    variables = {"prediction": (("background", "target"), predicted, {"units": model.unit})}
    if model.embedding is None:
        log.warning("the model has no single layer before its last: nothing is embedded")
    else:
        log.info("embeddings are the activations of layer %s", model.embedding)
        units = {"units": "activation", "layer": model.embedding}
        for name, each in (("background", codes), ("sequence", data)):
            variables[f"{name}_embedding"] = ((name, "unit"), model.embed(each), units)
    dataset = xr.Dataset(variables, {"target": list(model.targets)})
    write_arrays(dataset, output[0], provenance(input, params))


run(each(stored(main)), snakemake)
