"""Map pairs of positions that do not add up, in sequences and their shuffles."""

import numpy as np
import pandas as pd
import xarray as xr

from checked_model import open_checked
from giaflow.io.arrays import read_arrays, write_arrays
from giaflow.io.tables import write_table
from giaflow.second_order import interaction_maps, letters_of, pair_table, shuffled_maps
from giaflow.seeds import generator
from job import bar, log, provenance, run


def draw(file, label, n, seed):
    """Codes (n, L) and names (n,) of random sequences of a set, in the order of the set."""
    sequences = read_arrays(file)
    total = sequences.sizes["sequence"]
    if n > total:
        log.warning("set %s has %d sequences; all are taken instead of %d", label, total, n)
    rows = np.sort(generator(seed, "second order sample", label).permutation(total)[:n])
    return sequences["codes"].values[rows], sequences["name"].values[rows]


def main(input, output, params, threads):
    model = open_checked(input.model, input.plan, threads)
    settings = params.settings
    start, stop = settings["start"], settings["stop"] or params.length
    parts = {
        label: draw(file, label, n, params.seed)
        for file, (label, n) in zip(input.sequences, settings["sequences"].items(), strict=True)
    }
    codes = np.concatenate([codes for codes, _ in parts.values()])
    sequences = pd.DataFrame(
        {
            "set": np.repeat(list(parts), [len(names) for _, names in parts.values()]),
            "name": np.concatenate([names for _, names in parts.values()]),
            "letters": letters_of(codes),
        }
    )
    maps, null = [], []
    for n in bar(range(len(codes)), unit="sequence"):
        # One sequence at a time bounds memory; its shuffles do not depend on the others.
        maps.append(interaction_maps(model, codes[n : n + 1], start, stop))
        rng = generator(params.seed, "second order shuffles", sequences["letters"][n])
        if settings["shuffles"]:
            here = codes[n : n + 1]
            null.append(shuffled_maps(model, here, start, stop, settings["shuffles"], rng))
    strength, pairing = (np.concatenate(each) for each in zip(*maps, strict=True))
    null = np.concatenate(null) if null else strength[:0]
    targets = [str(target) for target in model.targets]
    table = pair_table(strength, pairing, null, sequences, targets, start, settings["top"])
    made = provenance(input, params)
    dims, units = ("sequence", "position", "partner", "target"), {"units": model.unit}
    dataset = xr.Dataset(
        {
            "strength": (dims, strength, units),
            "pairing": (dims, pairing, units),
            "shuffled_strength": (("shuffle", *dims[1:]), null, units),
            "codes": (("sequence", "letter"), codes, {"units": "0-3 = ACGT, 4 unknown"}),
        },
        {
            "position": np.arange(start, stop),
            "partner": np.arange(start, stop),
            "target": targets,
            "name": ("sequence", np.array(sequences["name"], str)),
            "set": ("sequence", np.array(sequences["set"], str)),
        },
    )
    write_arrays(dataset, output.maps, made)
    write_table(table, output.table, made)


run(main, snakemake)
