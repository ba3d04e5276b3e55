"""Score every letter of a random sample of sequences with every method."""

import numpy as np
import xarray as xr

from checked_model import open_checked
from giaflow.attribution import REGISTRY
from giaflow.checks import check_finite
from giaflow.io.arrays import read_arrays, write_arrays
from giaflow.seeds import generator
from job import bar, log, provenance, run

# Sequences per call: bounds memory and gives the progress bar its steps.
BLOCK = 64


def draw(sequences, label, n, seed):
    """At most n random sequences of a set, in the order of the set."""
    total = sequences.sizes["sequence"]
    if n > total:
        log.warning("set %s has %d sequences; all are attributed instead of %d", label, total, n)
    rows = generator(seed, "attribution sample", label).permutation(total)[:n]
    return sequences.isel(sequence=np.sort(rows)).assign_coords(
        set=("sequence", [label] * len(rows)), row=("sequence", np.sort(rows))
    )


def main(input, output, params, threads):
    model = open_checked(input.model, input.plan, threads)
    drawn = [
        draw(read_arrays(file), label, n, params.seed)
        for file, (label, n) in zip(input.sequences, params.sample.items(), strict=True)
    ]
    sample = xr.concat(drawn, "sequence", combine_attrs="drop")[["codes"]]
    codes = sample["codes"].values
    for path, chosen in zip(output, params.methods, strict=True):
        method = REGISTRY.load(chosen["method"])
        settings = method.Settings(**chosen["settings"])
        blocks = []
        for start in bar(range(0, len(codes), BLOCK), unit="block"):
            rng = generator(params.seed, "attribution", chosen["method"], start)
            blocks.append(method.attribute(model, codes[start : start + BLOCK], rng, settings))
        scores = np.concatenate(blocks)
        check_finite(scores, f"{chosen['method']} scores")
        dims = ("sequence", "position", "letter", "target")
        result = sample.assign(hypothetical=(dims, scores, {"units": model.unit}))
        result = result.assign_coords(letter=list("ACGT"), target=list(model.targets))
        write_arrays(result, path, {**provenance(input, params), "method": chosen["method"]})


run(main, snakemake)
