"""Compare the backgrounds of a null model, and the constructs made of them, with real sequences."""

import numpy as np
import pandas as pd

from giaflow.diagnostics import (
    COLUMNS,
    Settings,
    constructs_row,
    diagnose,
    extrapolating,
    kmer_table,
    position_table,
    worst,
)
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import write_table
from giaflow.seeds import generator
from job import log, provenance, run

# Quantiles of the predictions that are kept for the figure.
STEPS = np.linspace(0, 1, 201)


def quantiles(predictions, source, targets):
    """Quantiles of predictions (N, T), a row each."""
    found = np.quantile(predictions, STEPS, axis=0)
    columns = {"source": source, "quantile": STEPS}
    parts = [{"target": t, **columns, "prediction": found[:, i]} for i, t in enumerate(targets)]
    return pd.concat(map(pd.DataFrame, parts), ignore_index=True)


def main(input, output, params, threads):
    settings = Settings(**params.settings)
    codes = read_arrays(input.backgrounds)["codes"].values
    data = np.concatenate([read_arrays(file)["codes"].values for file in input.reference])
    null, real = read_arrays(input.predictions), read_arrays(input.data)
    targets = [str(target) for target in null["target"].values]
    everything = real["prediction"].values
    ours = null["prediction"].values
    theirs = np.concatenate([everything[real["set"].values == name] for name in params.reference])
    embeddings = None
    if "sequence_embedding" in null:
        embeddings = null["background_embedding"].values, null["sequence_embedding"].values
    table = diagnose(
        codes,
        data,
        generator(params.seed, "diagnostics", *params.identity.values()),
        settings,
        patterns=params.patterns,
        predictions=(ours, theirs),
        embeddings=embeddings,
        targets=targets,
    )
    rows = []
    for experiment, file in zip(params.experiments, input.constructs, strict=True):
        built = read_arrays(file)
        pair = built["prediction"].values, built["baseline"].values
        flagged = extrapolating(*pair, everything, targets, settings)
        rows += [constructs_row(experiment, *pair) for pair in zip(targets, flagged.T, strict=True)]
    table = pd.concat([table, pd.DataFrame(rows, columns=COLUMNS)] if rows else [table])
    for column, value in reversed(params.identity.items()):
        table.insert(0, column, value)
    log.info("worst verdict: %s", worst(table["verdict"]))
    made = provenance(input, params)
    write_table(table, output.table, made)
    kmers = [kmer_table(codes, data, k) for k in range(1, settings.largest_k + 1)]
    write_table(pd.concat(kmers), output.kmers, made)
    write_table(position_table(codes, data), output.positions, made)
    shown = [quantiles(ours, "null", targets), quantiles(theirs, "data", targets)]
    write_table(
        pd.concat(shown).assign(unit=null["prediction"].attrs["units"]), output.quantiles, made
    )


run(main, snakemake)
