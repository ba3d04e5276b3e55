"""Score every letter of a random sample of sequences with every method: all, a shard, or gather."""

import numpy as np
import xarray as xr

from giaflow.attribution import REGISTRY
from giaflow.base.seeds import generator
from giaflow.io.arrays import read_arrays, write_arrays
from jobs.models import open_checked
from jobs.run import bar, log, provenance, run, warn
from jobs.store import stored

# Sequences per call: bounds memory, gives the progress bar its steps, and is never cut by a shard,
# so that scores are the same however many shards there are.
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


def attribute(model, codes, chosen, seed, starts):
    """Scores (N, L, 4, T) by one method of the blocks of sequences that begin at `starts`."""
    method = REGISTRY.load(chosen["method"])
    settings = method.Settings(**chosen["settings"])
    blocks = [np.zeros((0, codes.shape[1], 4, len(model.targets)), np.float32)]
    for start in bar(starts, unit="block"):
        rng = generator(seed, "attribution", chosen["method"], start)
        blocks.append(method.attribute(model, codes[start : start + BLOCK], rng, settings))
    scores = np.concatenate(blocks)
    bad = int((~np.isfinite(scores).all(axis=(1, 2, 3))).sum())
    if bad:
        warn(
            f"{chosen['method']} scores of {bad} of {len(scores)} sequences are not finite; "
            "such as a gradient has where a network takes a root or a logarithm of 0"
        )
    return scores


def main(input, output, params, threads):
    model = open_checked(input.model, input.plan, threads)
    drawn = [
        draw(read_arrays(file), label, n, params.seed)
        for file, (label, n) in zip(input.sequences, params.sample.items(), strict=True)
    ]
    sample = xr.concat(drawn, "sequence", combine_attrs="drop")[["codes"]]
    codes, given = sample["codes"].values, dict(params.items())
    k, shards = given.pop("shard", (0, 1))
    # What is cut into shards tells nothing of them, nor of where its scores were.
    parts = list(input.get("parts", []))
    sources = {name: files for name, files in input.items() if name != "parts"}
    starts = np.array_split(np.arange(0, len(codes), BLOCK), shards)[k].tolist()
    for m, (path, chosen) in enumerate(zip(output, params.methods, strict=True)):
        if parts:
            ours = parts[m :: len(params.methods)]
            scores = np.concatenate([read_arrays(file)["hypothetical"].values for file in ours])
        else:
            scores = attribute(model, codes, chosen, params.seed, starts)
        units = (("sequence", "position", "letter", "target"), scores, {"units": model.unit})
        result = xr.Dataset() if shards > 1 else sample
        result = result.assign(hypothetical=units)
        result = result.assign_coords(letter=list("ACGT"), target=list(model.targets))
        write_arrays(result, path, {**provenance(sources, given), "method": chosen["method"]})


run(stored(main), snakemake)
