"""Compare the backgrounds of a null model, and the constructs made of them, with real sequences."""

import json

import numpy as np
import pandas as pd

from giaflow.base.alphabet import RNA, spelled
from giaflow.base.seeds import generator
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import write_table
from giaflow.nulls.diagnostics import (
    COLUMNS,
    CONSTRUCT_COLUMNS,
    Settings,
    construct_rows,
    construct_table,
    diagnose,
    kmer_table,
    position_table,
    record_rows,
    worst,
)
from jobs.coarse import each
from jobs.run import log, provenance, run

# Quantiles of the predictions that are kept for the figure.
STEPS = np.linspace(0, 1, 201)


def quantiles(predictions, source, targets):
    """Quantiles of predictions (N, T), a row each."""
    found = np.quantile(predictions, STEPS, axis=0)
    columns = {"source": source, "quantile": STEPS}
    parts = [{"target": t, **columns, "prediction": found[:, i]} for i, t in enumerate(targets)]
    return pd.concat(map(pd.DataFrame, parts), ignore_index=True)


def in_words(condition):
    """The first labels of a condition (JSON) in a few words."""
    labels = [(key, value) for key, value in json.loads(condition).items() if value is not None]
    return ", ".join(v if isinstance(v, str) else f"{k} {v}" for k, v in labels[:4])


def written(condition, rna):
    """The labels of a condition (JSON), with U for T in RNA."""
    return json.dumps(spelled(json.loads(condition), RNA)) if rna else condition


def keep_furthest(found, table, predictions):
    """Keep by target the predictions (N,) of the construct with the largest excess, with that."""
    for i, target in enumerate(table["target"].unique()):
        excess = table.loc[table["target"] == target, "excess"].to_numpy()
        if target not in found or excess.max() > found[target][0]:
            found[target] = excess.max(), predictions[excess.argmax(), :, i]


def main(input, output, params, threads):
    settings = Settings(**params.settings)
    backgrounds = read_arrays(input.backgrounds)
    codes = backgrounds["codes"].values
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
        both_strands=not params.one_strand,
        predictions=(ours, theirs),
        embeddings=embeddings,
        targets=targets,
    )
    record = json.loads(backgrounds.attrs["record"])
    rows, parts, furthest = record_rows(record, len(codes), settings), [], {}
    for experiment, file in zip(params.experiments, input.constructs, strict=True):
        built = read_arrays(file)
        predictions = built["prediction"].values
        label = np.array([written(each, params.one_strand) for each in built["condition"].values])
        found = construct_table(
            predictions, built["baseline"].values, everything, targets, settings
        )
        keep_furthest(furthest, found, predictions)
        found = found.assign(experiment=experiment, condition=label[found["condition"].to_numpy()])
        named = found.assign(condition=found["condition"].map(in_words))
        rows += construct_rows(named, experiment, settings)
        parts.append(found)
    table = pd.concat([table, pd.DataFrame(rows, columns=COLUMNS)] if rows else [table])
    if params.one_strand:
        # Other details are names, such as those of targets.
        words = table["diagnostic"].str.fullmatch("kmer_(over|under)represented")
        table.loc[words, "detail"] = table.loc[words, "detail"].str.replace("T", "U")
    for column, value in reversed(params.identity.items()):
        table.insert(0, column, value)
    log.info("worst verdict: %s", worst(table["verdict"]))
    made = provenance(input, params)
    write_table(table, output.table, made)
    kmers = [kmer_table(codes, data, k) for k in range(1, settings.largest_k + 1)]
    kmers = pd.concat(kmers)
    kmers["kmer"] = [
        each.replace("T", "U") if params.one_strand else each for each in kmers["kmer"]
    ]
    write_table(kmers, output.kmers, made)
    write_table(position_table(codes, data), output.positions, made)
    columns = ["experiment", *CONSTRUCT_COLUMNS]
    constructs = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    write_table(constructs[columns], output.constructs, made)
    shown = [quantiles(ours, "null", targets), quantiles(theirs, "data", targets)]
    shown += [quantiles(far[:, None], "construct", [t]) for t, (_, far) in furthest.items()]
    write_table(
        pd.concat(shown).assign(unit=null["prediction"].attrs["units"]), output.quantiles, made
    )


run(each(main), snakemake)
