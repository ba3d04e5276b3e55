"""What an experiment edits, read from the study's files: patterns, alleles, real sequences."""

import json

import numpy as np

from giaflow.base.seeds import generator
from giaflow.edits.pattern_references import loaded
from giaflow.edits.patterns import Pattern, scrambles
from giaflow.edits.variants import place
from giaflow.experiments.constructs import Subjects
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import read_table
from giaflow.io.variants import read_variants
from giaflow.sequences.places import Places
from giaflow.statistics.clusters import loci
from giaflow.statistics.smallest_effects import smallest_effects
from jobs.run import log


def read_inputs(input, params, experiment, settings, model):
    """The patterns or alleles of an experiment, and the `Subjects` that it edits."""
    n_scrambles = getattr(settings, "scrambles", 0)
    patterns = gather_patterns(
        params.patterns, input.catalogue, input.matrices, n_scrambles, params.seed
    )
    if input.variants:
        patterns = gather_alleles(input.variants, input.sequences)
    # Backgrounds are predicted once for all experiments; real sequences are this one's own.
    known = read_arrays(input.known)["prediction"].values if input.known else None
    backgrounds = read_arrays(input.backgrounds)
    subjects = Subjects(
        backgrounds["codes"].values,
        backgrounds["locus"].values,
        known=known,
        conditioning=json.loads(backgrounds.attrs["record"]).get("conditioning"),
    )
    if input.variants or not input.sequences:
        return patterns, subjects
    # Real sequences take the place of backgrounds, which then give replacements.
    sets = [read_arrays(file) for file in input.sequences]
    real = np.concatenate([one["codes"].values for one in sets])
    rows, conditioning = np.arange(len(real)), None
    if hasattr(experiment, "choose"):
        rows, conditioning = experiment.choose(
            settings, patterns, real, model.targets, model.predict
        )
        log.info("%d of %d sequences may be edited", len(rows), len(real))
    order = generator(params.seed, "sequences", *params.name).permutation(rows)[: settings.n]
    donors, locus = subjects.codes, loci(places_of(sets))[order]
    return patterns, Subjects(real[order], locus, donors, known, conditioning)


def gather_patterns(configured, catalogue, matrices, n_scrambles, seed):
    """Configured patterns, discovered ones, and the scrambled controls of both.

    With `matrices`, a file beside the catalogue, instances of discovered patterns are drawn.
    """
    patterns = [Pattern.of(name, loaded(letters)) for name, letters in configured.items()]
    if catalogue:
        counts = read_arrays(matrices)["pfm"] if matrices else None
        for row in read_table(catalogue).itertuples():
            matrix = None if counts is None else counts.sel(pattern=row.pattern).dropna("position")
            patterns.append(Pattern(row.pattern, row.consensus, matrix=matrix))
    controls = []
    for pattern in patterns:
        rng = generator(seed, "scrambles", pattern.text)
        drawn = scrambles(pattern, n_scrambles, rng)
        if len(drawn) < n_scrambles:
            log.warning("pattern %s has only %d scrambled controls", pattern.name, len(drawn))
        controls += drawn
    return patterns + controls


def precision(asked, model, data, sesoi):
    """Half-widths (T,) that are asked for, or None; auto is half a smallest effect of interest.

    Then the interval of an effect that is nothing lies within the bounds of equivalence.
    """
    if asked != "auto":
        return asked and np.full(len(model.targets), asked)
    return smallest_effects(sesoi, model.targets, read_arrays(data)["prediction"].values) / 2


def places_of(sets):
    """The `Places` of the sequences of several sets, one after another."""
    return Places.joined([Places.of(one) for one in sets])


def gather_alleles(files, sets):
    """Both alleles of every variant of the files that lies in one of the sequence sets."""
    variants, left_out = {}, 0
    for file in files:
        found, others = read_variants(file)
        # A variant that two files give is one variant.
        variants = {one.name: one for one in found} | variants
        left_out += others
    variants = list(variants.values())
    sets = [read_arrays(file) for file in sets]
    codes, names = (np.concatenate([one[key].values for one in sets]) for key in ("codes", "name"))
    pairs = place(variants, codes, names, places_of(sets))
    log.info("%d of %d variants lie in a sequence", len(pairs), len(variants))
    log.info("%d alleles of another length than their reference are left out", left_out)
    return pairs
