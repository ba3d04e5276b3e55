"""Experiments: declared designs, one file each.

An experiment is one file here plus its name in `REGISTRY`. The file holds

    Settings                                    a pydantic model of its options
    conditions(settings, patterns, length, rng) the list of conditions
    contrasts(settings, conditions)             the list of contrasts between them
    FIGURE                                      how the result is drawn

and, only where real sequences are edited and not all of them,

    choose(settings, patterns, codes, targets, predict)
                                                rows of those that are, and the condition in words

It never sees one-hot arrays, batches, files, seeds or plots. `patterns` are all patterns the
experiment asked for, discovered ones and scrambled controls included, or, where the settings name
files of `variants`, pairs of alleles (giaflow/alleles.py); `rng` is a generator of
its own, from which it draws what differs between backgrounds. `contrasts` sees the conditions'
labels only. Contrasts of the estimand ``global_importance`` go to importance.tsv, all others to
contrasts.tsv, and so does what a summary of the same name adds (giaflow/summaries).
"""

from giaflow.registry import Registry

REGISTRY = Registry(
    "experiment",
    "giaflow.experiments",
    (
        "global_importance", "position", "copies", "spacing", "periodicity",
        "interaction", "hairpin", "regional_composition", "kmer_screen", "motif_mutagenesis",
        "flanks",
        "occlusion", "tiles", "knock_in", "variants", "custom",
    ),
)  # fmt: skip
