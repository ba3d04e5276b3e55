"""Map pairs of positions that do not add up, in sequences and their shuffles."""

import numpy as np
import xarray as xr

from giaflow.attribution.second_order import interaction_maps, shuffled_maps
from giaflow.base.alphabet import decode
from giaflow.base.seeds import generator
from giaflow.io.arrays import read_arrays, write_arrays
from jobs.models import open_checked
from jobs.run import bar, log, provenance, run
from jobs.store import stored


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
    maps, null = [], []
    for n in bar(range(len(codes)), unit="sequence"):
        # One sequence at a time bounds memory; its shuffles do not depend on the others.
        maps.append(interaction_maps(model, codes[n : n + 1], start, stop))
        rng = generator(params.seed, "second order shuffles", decode(codes[n]))
        if settings["shuffles"]:
            here = codes[n : n + 1]
            null.append(shuffled_maps(model, here, start, stop, settings["shuffles"], rng))
    strength, pairing = (np.concatenate(each) for each in zip(*maps, strict=True))
    null = np.concatenate(null) if null else strength[:0]
    names = [each for _, each in parts.values()]
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
            "target": list(model.targets),
            "name": ("sequence", np.concatenate(names)),
            "set": ("sequence", np.repeat(list(parts), [len(each) for each in names])),
        },
    )
    write_arrays(dataset, output[0], provenance(input, params))


run(stored(main), snakemake)
