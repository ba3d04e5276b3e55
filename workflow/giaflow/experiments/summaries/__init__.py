"""Summaries: results of an experiment that are not linear contrasts of its predictions.

A summary is one file here plus its name in `REGISTRY`, the same name as its experiment. It holds

    summarise(settings, contrasts, effects, inference)      list of `statistics.contrasts.Result`

with `effects` the per-background values (N, T) of each contrast and `inference` the
`Inference` of the run (giaflow/statistics/verdicts.py).
A summary with ``BY_SEQUENCE = True`` also gets the keyword
``sequences``, the `giaflow.statistics.predictions.Predictions`, which know to which background each
effect belongs. Summaries stand apart from the experiments because predictions depend on an
experiment's code and must not be made again when an analysis changes.
"""

import functools

import numpy as np

from giaflow.base.registry import Registry
from giaflow.statistics.contrasts import Result
from giaflow.statistics.estimates import derived
from giaflow.statistics.resampling import ratio

REGISTRY = Registry("summary", "giaflow.experiments.summaries", (
    "global_importance", "position", "copies", "spacing", "periodicity", "motif_pairs",
    "interaction",
    "kmer_screen", "motif_mutagenesis", "occlusion", "double_removal", "context",
    "context_search", "knock_in", "regional_composition",
))  # fmt: skip


def of(kind, settings, contrasts, sequences=None):
    """The summary of an experiment as a function (effects, inference) -> results, or None."""
    if kind not in REGISTRY.names:
        return None
    module = REGISTRY.load(kind)
    more = {"sequences": sequences} if getattr(module, "BY_SEQUENCE", False) else {}
    return functools.partial(module.summarise, settings, contrasts, **more)


def chosen(contrasts, estimand, **labels):
    """Indices of the contrasts of one estimand that have these labels."""
    return [
        k
        for k, contrast in enumerate(contrasts)
        if contrast.estimand == estimand
        and all(contrast.labels.get(key) == value for key, value in labels.items())
    ]


def share(contrast, estimand, part, whole, inference, n=None):
    """The ratio of two paired means (N, T) with Fieller's interval, labelled as a contrast.

    Masked where the interval of the whole covers zero, or of fewer than two backgrounds; `n` is
    that of the `Result`.
    """
    none = (np.full(len(inference.targets), np.nan),) * 3
    found = ratio(part, whole, inference.confidence) if len(part) > 1 else none
    row = derived(len(part), *found)
    return Result(contrast.labels, estimand, row, "share", contrast.flags, n=n)
