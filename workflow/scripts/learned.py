"""Score a network that was trained on a laboratory model's measurements against the truth."""

import numpy as np
import pandas as pd

from giaflow import validation
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import read_table, write_table
from giaflow.nulls import profile
from giaflow.validation.calibration import learned_models
from giaflow.validation.calibration.designs import of_study
from giaflow.validation.truth.truth import exact, has_exact
from jobs.run import log, provenance, run


def errors(input, params, oracle):
    """The model error of every experiment whose effects have an exact truth."""
    rows = [
        pd.concat(map(read_table, pair))
        for pair in zip(input.importance, input.contrasts, strict=True)
    ]
    sets = [read_arrays(file)["codes"].values for file in input.null_sequences]
    for found, (null, name, entry, used) in zip(rows, params.runs, strict=True):
        reference = np.concatenate([sets[i] for i in used])
        frequencies = profile.matrix(reference, profile.Settings(**params.nulls[null]))
        design = of_study(name, entry, params.patterns, oracle.length, params.seed, null)
        if not (design.contrasts and has_exact(oracle, design)):
            continue
        truth = exact(oracle, design, frequencies)
        for t, target in enumerate(oracle.targets):
            pairs = learned_models.matched(found, design, truth, target, t)
            control = np.abs(truth[:, t]).max()
            yield learned_models.model_error(name, *pairs.T, target, control)


def attributions(input, params, oracle):
    """Areas under curves of every method and target."""
    sites = read_table(input.sites[0])
    for method, file in zip(params.methods, input.attribution, strict=True):
        attributed = read_arrays(file)
        attributed = attributed.isel(sequence=attributed["set"].values == params.set)
        codes = attributed["codes"].values
        for target in oracle.targets:
            scores = attributed["hypothetical"].sel(target=target).values
            motifs = {motif.name for motif in oracle.motifs if motif.target == target}
            where = learned_models.planted_positions(
                sites, attributed["row"].values, codes.shape[1], motifs
            )
            contributions = learned_models.contributions_of(codes, scores)
            yield learned_models.attribution(
                method, target, contributions, *where, judged=method == "ism"
            )


def main(input, output, params, threads):
    oracle = validation.load(params.laboratory)
    parts = [] if params.measures_itself else [learned_models.fit(read_table(input.performance))]
    if not params.measures_itself:
        parts += errors(input, params, oracle)
    if input.sites:
        parts += attributions(input, params, oracle)
    if input.matrices:
        found = read_arrays(input.matrices[0])["pfm"].values
        matrices = [pfm[~np.isnan(pfm).any(axis=1)] for pfm in found]
        parts += [learned_models.recovery(motif, matrices) for motif in oracle.motifs]
    table = pd.concat(parts, ignore_index=True)
    log.info("%d of %d marks passed", table["passed"].sum(), len(table))
    write_table(table, output[0], provenance(input, params))


run(main, snakemake)
