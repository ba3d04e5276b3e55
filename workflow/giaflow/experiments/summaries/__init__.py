"""Summaries: the results of an experiment that are no linear contrast of its predictions.

A summary is one file here plus its name in `REGISTRY`, the same name as its experiment. It holds

    summarise(settings, contrasts, effects, judge)      list of `statistics.contrasts.Result`

with `effects` the per-background values (N, T) of each contrast and `judge` the
`Judge` of the run (giaflow/statistics/verdicts.py).
A summary with ``BY_SEQUENCE = True`` also gets the keyword
``sequences``, a `Sequences`, which knows to which background each effect belongs. Summaries stand
apart from the experiments because predictions depend on an experiment's code and must not be made
again when an analysis changes.
"""

import functools
from dataclasses import dataclass, field

import numpy as np

from giaflow.base.registry import Registry
from giaflow.statistics import effect_tables
from giaflow.statistics.contrasts import Result, rows_of
from giaflow.statistics.estimates import derived
from giaflow.statistics.resampling import ratio

REGISTRY = Registry("summary", "giaflow.experiments.summaries", (
    "global_importance", "position", "copies", "spacing", "periodicity", "motif_pairs",
    "interaction",
    "kmer_screen", "motif_mutagenesis", "occlusion", "double_removal", "context",
    "context_search", "knock_in", "regional_composition",
))  # fmt: skip


@dataclass(frozen=True)
class Sequences:
    """What an experiment predicted, background by background.

    Attributes
    ----------
    predictions : numpy.ndarray
        (C, N, T) of the conditions.
    baseline : numpy.ndarray
        (N, T) of the unedited backgrounds.
    changed : numpy.ndarray
        (C, N) bool, which backgrounds a condition changed.
    measures : dict of str to numpy.ndarray
        (N,) what the experiment measured on each background, such as a distance.
    clusters : numpy.ndarray or None
        (N,) which backgrounds are not independent; None if all are.
    """

    predictions: np.ndarray
    baseline: np.ndarray
    changed: np.ndarray
    measures: dict = field(default_factory=dict)
    clusters: np.ndarray | None = None

    def rows(self, contrast):
        """Indices (n,) of the backgrounds that a contrast counts."""
        return rows_of(contrast, len(self.baseline), self.changed)

    def effects(self, contrast):
        """Values (n, T) of a contrast on those backgrounds."""
        return effect_tables.effects(contrast, self.predictions, self.baseline, self.changed)

    def units(self, rows):
        """Labels of the independent units that backgrounds belong to."""
        return rows if self.clusters is None else self.clusters[rows]


def of(kind, settings, contrasts, sequences=None):
    """The summary of an experiment as a function (effects, judge) -> results, or None."""
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


def share(contrast, estimand, part, whole, judge, n=None):
    """The ratio of two paired means (N, T) with Fieller's interval, labelled as a contrast.

    Masked where the interval of the whole covers zero, or of fewer than two backgrounds; `n` is
    that of the `Result`.
    """
    none = (np.full(len(judge.targets), np.nan),) * 3
    found = ratio(part, whole, judge.confidence) if len(part) > 1 else none
    row = derived(len(part), *found)
    return Result(contrast.labels, estimand, row, "share", contrast.flags, n=n)
