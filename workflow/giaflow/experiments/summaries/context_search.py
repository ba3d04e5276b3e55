"""What is left after each round, how many tiles can go, and where the first ones are."""

import numpy as np
import scipy

from giaflow.experiments.summaries import chosen, share
from giaflow.statistics.contrasts import Result
from giaflow.statistics.estimates import derived

BY_SEQUENCE = True


def summarise(settings, contrasts, effects, inference, sequences):
    """Shares kept of intact minus backgrounds; tiles that can go; shares of first places."""
    kept = {}
    for total in chosen(contrasts, "total"):
        for k in chosen(contrasts, "cumulative_effect"):
            left = effects[total] - effects[k]
            result = share(contrasts[k], "share_kept", left, effects[total], inference)
            kept[contrasts[k].labels["order"], contrasts[k].labels["round"]] = result
    yield from kept.values()
    target = settings.target or inference.targets[0]
    if settings.goal == "prune":
        yield _removable(settings, kept, target, inference)
    yield from _places(sequences, target, inference)


def _removable(settings, kept, target, inference):
    """Rounds up to the first whose share may be below what must be kept.

    Hypotheses in an order fixed before, tested until one fails, need no correction.
    """
    rounds = [kept[key].found for key in sorted(key for key in kept if key[0] == "searched")]
    at = inference.targets.index(target)
    enough = [found.ci_low[at] >= settings.keep for found in rounds]
    number = enough.index(False) if False in enough else len(enough)
    if np.isnan([found.estimate[at] for found in rounds]).any():
        number = np.nan
    none = np.full(len(inference.targets), np.nan)
    row = derived(rounds[0].n, np.full(len(inference.targets), number), none, none)
    labels = {"order": "searched", "arm": "together", "keep": settings.keep}
    return Result(labels, "removable", row, "tiles", only=target)


def _places(sequences, target, inference):
    """How many sequences took each tile first, with Wilson's interval."""
    first = sequences.measures["round 1"]
    for start, count in zip(*np.unique(first, return_counts=True), strict=True):
        test = scipy.stats.binomtest(int(count), len(first))
        interval = test.proportion_ci(inference.confidence, method="wilson")
        values = (count / len(first), interval.low, interval.high)
        row = derived(len(first), *(np.full(len(inference.targets), value) for value in values))
        labels = {"order": "searched", "arm": "alone", "round": 1, "start": int(start)}
        yield Result(labels, "taken_first", row, "share", only=target)
