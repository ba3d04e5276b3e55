"""Experiments: declared designs, one file each.

An experiment is one file here plus its name in `REGISTRY`. The file holds

    Settings                                    a pydantic model of its options
    conditions(settings, patterns, length, rng) the list of conditions
    contrasts(settings, conditions)             the list of contrasts between them
    FIGURE                                      how the result is drawn

and, only where it is needed,

    measures(settings, patterns, codes)         dict of name to numbers (N,), one a background,
                                                beside the conditions, such as a distance
    search(settings, ask, n, length, targets)   further conditions, chosen by what the model
                                                predicts, and measures of them: ask(conditions)
                                                gives predictions (C, n, T) of n backgrounds
    choose(settings, patterns, codes, targets, predict)
                                                rows of the real sequences that are edited, if not
                                                all are, and the condition in words

It never sees one-hot arrays, batches, files, seeds or plots. `patterns` are all patterns the
experiment asked for, discovered ones and scrambled controls included, or, where the settings name
files of `variants`, pairs of alleles (giaflow/edits/variants.py); `rng` is a generator of
its own, from which it draws what differs between backgrounds. `contrasts` sees the conditions'
labels only, those of `search` included, and works without the latter too: a study is checked
before it predicts. What chooses a condition must not estimate it: a search asks on other draws
than those of the conditions it returns. Contrasts of the estimand ``global_importance`` go to
importance.tsv, all others to contrasts.tsv, and so does what a summary of the same name adds
(giaflow/experiments/summaries).
"""

from giaflow.base.registry import Registry

REGISTRY = Registry(
    "experiment",
    "giaflow.experiments.kinds",
    (
        "global_importance", "position", "copies", "spacing", "periodicity",
        "motif_pairs",
        "interaction", "hairpin", "regional_composition", "kmer_screen", "motif_mutagenesis",
        "flanks",
        "occlusion", "double_removal", "tiles", "context", "context_distance", "context_search",
        "knock_in", "variants", "custom",
    ),
)  # fmt: skip
