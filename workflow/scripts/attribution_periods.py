"""Seek a period in the contributions around instances of patterns."""

import numpy as np
import pandas as pd

from giaflow.attribution.periods import around_instances, spectrum
from giaflow.base.alphabet import one_hot
from giaflow.base.seeds import generator
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import write_table
from jobs.run import log, provenance, run

WHICH = ["model", "target", "set", "pattern", "letters"]
COLUMNS = [*WHICH, "estimand", "n", "estimate", "ci_low", "ci_high", "p", "unit"]
CURVES = [*WHICH, "offset", "contribution", "unit"]


def stretches(scores, patterns, chosen):
    """Target, set of sequences, name and letters of each pattern, and its stretches (M, W)."""
    for target in scores["target"].values:
        for label in dict.fromkeys(scores["set"].values):
            part = scores.sel(target=target).isel(sequence=scores["set"].values == label)
            codes = part["codes"].values
            strength = np.abs(part["hypothetical"].values * one_hot(codes)).sum(axis=2)
            for name, letters in patterns.items():
                which = str(target), str(label), name, letters
                yield (
                    which,
                    around_instances(
                        strength, codes, letters, chosen["mismatches"], chosen["reach"]
                    ),
                )


def main(input, output, params, threads):
    scores, chosen, rows, curves = read_arrays(input.scores), params.settings, [], []
    offsets, unit = range(-chosen["reach"], chosen["reach"]), scores["hypothetical"].attrs["units"]
    for which, found in stretches(scores, params.patterns, chosen):
        log.info("%d instances: target %s, set %s, pattern %s (%s)", len(found), *which)
        if len(found) < chosen["least"]:
            continue
        fit = spectrum(
            found, chosen["period"], generator(params.seed, "attribution periods", *which[:3])
        )
        named = dict(zip(WHICH, (params.model, *which), strict=True))
        rows += [named | row for row in fit.estimates()]
        for offset, value in zip(offsets, found.mean(axis=0), strict=True):
            curves.append(named | {"offset": offset, "contribution": value, "unit": unit})
    given = provenance(input, params)
    write_table(pd.DataFrame(rows, columns=COLUMNS), output.table, given)
    write_table(pd.DataFrame(curves, columns=CURVES), output.curves, given)


run(main, snakemake)
