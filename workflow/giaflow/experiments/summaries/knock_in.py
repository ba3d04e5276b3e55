"""Where a pattern that is knocked in stands among the same letters in random order."""

from dataclasses import replace

from giaflow.experiments.summaries import global_importance
from giaflow.statistics.contrasts import EFFECT


def summarise(settings, contrasts, effects, inference):
    """Those of ``global_importance``, of the same contrasts on real sequences."""
    named = [replace(c, estimand=EFFECT) if c.estimand == "knock_in" else c for c in contrasts]
    return global_importance.summarise(settings, named, effects, inference)
