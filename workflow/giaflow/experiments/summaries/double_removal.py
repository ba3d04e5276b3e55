"""Folds of the pattern at the middle by the distance of the other, in real sequences."""

import numpy as np

from giaflow.experiments.summaries import chosen, share
from giaflow.experiments.summaries.occlusion import classes
from giaflow.statistics.clusters import by_cluster
from giaflow.statistics.contrasts import INTACT, LEVEL, Contrast, Result, combined

BY_SEQUENCE = True


def summarise(settings, contrasts, effects, inference, sequences):
    """Rows ``fold``, ``fold_by_distance`` and ``interaction_by_distance``."""
    [k], [removed] = (
        chosen(contrasts, "interaction"),
        chosen(contrasts, "necessity", removed="second"),
    )
    cycle = sequences.effects(contrasts[k])
    # What the first pattern does where the second is gone.
    level = combined((1, INTACT), (-1, contrasts[removed].weights))
    alone = sequences.effects(Contrast({}, level, LEVEL, present=True))
    rows = sequences.rows(contrasts[k])
    distance = sequences.measures["distance"][rows]
    everything = [("", None, np.ones(len(rows), bool))] if len(rows) else []
    for name, value, members in [*everything, *classes(settings, distance)]:
        units = sequences.units(rows[members])
        # A class stands at the mean distance of its members.
        place = float(distance[members].mean().round(1)) if name and value is None else value
        labels = {**contrasts[k].labels, "distances": name or "all", "distance": place}
        more, base = (by_cluster(each[members], units) for each in (cycle, alone))
        counted = {"n": int(members.sum())}
        if name:
            yield Result(labels, "interaction_by_distance", inference.mean(more), **counted)
        row = share(Contrast(labels, {}), "fold", more + base, base, inference, **counted)
        yield Result(labels, "fold_by_distance" if name else "fold", row.found, "fold", **counted)
