"""Where a pattern that is knocked in stands among the same letters in random order."""

from dataclasses import replace

from giaflow.design import EFFECT
from giaflow.summaries import global_importance


def summarise(settings, contrasts, effects, judge):
    """Those of ``global_importance``, of the same contrasts on real sequences."""
    named = [replace(c, estimand=EFFECT) if c.estimand == "knock_in" else c for c in contrasts]
    return global_importance.summarise(settings, named, effects, judge)
