"""Seek a period in the contributions around instances of patterns."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from giaflow.alphabet import one_hot
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import write_table
from giaflow.scan import matches
from giaflow.seeds import generator
from giaflow.surroundings import Spectrum, around, spectrum
from job import log, provenance, run

COLUMNS = ["model", "target", "pattern", "letters", *Spectrum.__dataclass_fields__]


def main(input, output, params, threads):
    scores, chosen, rows = read_arrays(input.scores), params.settings, []
    codes = scores["codes"].values
    seen = one_hot(codes)
    for target in scores["target"].values:
        contributions = scores["hypothetical"].sel(target=target).values * seen
        strength = np.abs(contributions).sum(axis=2)
        for name, text in params.patterns.items():
            found, start = np.nonzero(matches(codes, text, chosen["mismatches"]))
            middles = start + len(text) // 2
            stretches = around(strength, found, middles, chosen["reach"])
            log.info("%s: %d instances of %s, %d used", target, len(found), name, len(stretches))
            if len(stretches) < chosen["least"]:
                continue
            rng = generator(params.seed, "attribution periods", str(target), name)
            fit = spectrum(stretches, chosen["period"], rng)
            rows.append([params.model, str(target), name, text, *asdict(fit).values()])
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_table(table, output[0], provenance(input, params))


run(main, snakemake)
