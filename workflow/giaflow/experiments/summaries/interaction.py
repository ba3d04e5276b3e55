"""On which output an interaction acts."""

import numpy as np

from giaflow.base.checks import check_name
from giaflow.experiments.summaries import chosen
from giaflow.statistics.contrasts import Result
from giaflow.statistics.estimates import derived
from giaflow.statistics.resampling import bootstrap_means


def summarise(settings, contrasts, effects, inference):
    """(eA - eB) / (|eA| + |eB|) of the interaction e read at two targets.

    1 if only the first target gains, -1 if only the second; masked if neither interaction differs
    from zero, for then the index is a ratio of noise.
    """
    if not settings.direction:
        return []
    for target in settings.direction:
        check_name(target, inference.targets, "target")
    columns = [inference.targets.index(target) for target in settings.direction]
    (k,) = chosen(contrasts, "interaction")
    both = effects[k][:, columns]
    tail = (1 - inference.confidence) / 2
    if (inference.mean(effects[k]).p[columns] < 1 - inference.confidence).any():
        drawn = _index(bootstrap_means(both, inference.rng))
        values = [_index(both.mean(axis=0)), *np.nanquantile(drawn, [tail, 1 - tail])]
    else:
        values = [np.nan] * 3
    row = derived(len(both), *(np.full(len(inference.targets), value) for value in values))
    labels = {**contrasts[k].labels, "direction": " over ".join(settings.direction)}
    return [Result(labels, "direction_index", row, "index", only=settings.direction[0])]


def _index(means):
    """The index of means (..., 2)."""
    total = np.abs(means).sum(axis=-1)
    return np.where(total > 0, (means[..., 0] - means[..., 1]) / np.maximum(total, 1e-300), np.nan)
