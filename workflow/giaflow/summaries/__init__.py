"""Summaries: the results of an experiment that are no linear contrast of its predictions.

A summary is one file here plus its name in `REGISTRY`, the same name as its experiment. It holds

    summarise(settings, contrasts, effects, judge)      list of `giaflow.design.Result`

with `effects` the per-background values (N, T) of each contrast and `judge` the
`giaflow.stats.Judge` of the run. Summaries stand apart from the experiments because predictions
depend on an experiment's code and must not be made again when an analysis changes.
"""

import functools

from giaflow.registry import Registry

REGISTRY = Registry("summary", "giaflow.summaries", (
    "global_importance", "position", "copies", "spacing", "periodicity", "interaction",
    "kmer_screen", "motif_mutagenesis", "knock_in",
))  # fmt: skip


def of(kind, settings, contrasts):
    """The summary of an experiment as a function (effects, judge) -> results, or None."""
    if kind not in REGISTRY.names:
        return None
    return functools.partial(REGISTRY.load(kind).summarise, settings, contrasts)


def chosen(contrasts, estimand, **labels):
    """Indices of the contrasts of one estimand that have these labels."""
    return [
        k
        for k, contrast in enumerate(contrasts)
        if contrast.estimand == estimand
        and all(contrast.labels.get(key) == value for key, value in labels.items())
    ]
