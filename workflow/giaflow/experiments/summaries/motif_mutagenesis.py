"""Do effects follow measured affinities?"""

import numpy as np
import scipy

from giaflow.experiments.summaries import chosen
from giaflow.statistics.contrasts import EFFECT, Result
from giaflow.statistics.estimates import derived
from giaflow.statistics.resampling import bootstrap_means


def summarise(settings, contrasts, effects, inference):
    """Pearson correlation of effects with -ln K over variants.

    The interval is Fisher's, over variants: they, not backgrounds, are the sample here. With few
    variants it is wide, as it should be. The bootstrap over backgrounds is ``monte_carlo``.
    """
    members = chosen(contrasts, EFFECT, role="measured")
    if not members:
        return []
    strength = -np.log([settings.affinities[contrasts[k].labels["letters"]] for k in members])
    curves = np.stack([effects[k] for k in members], axis=1)
    drawn = bootstrap_means(curves, inference.rng)
    rows = [
        _row(strength, curves[:, :, t].mean(axis=0), inference)
        for t in range(len(inference.targets))
    ]
    spread = [_spread(strength, drawn[:, :, t], inference) for t in range(len(inference.targets))]
    n, labels = len(curves), {"role": "measured", "variants": len(members)}
    r, low, high, p = np.transpose(rows)
    found = derived(n, r, low, high, p)
    mc = derived(n, r, *np.transpose(spread))
    return [
        Result(labels, "affinity_correlation", found, "r"),
        Result(labels, "affinity_correlation_monte_carlo", mc, "r"),
    ]


def _row(strength, means, inference):
    """Correlation, its interval and p; all nan if effects are all equal."""
    if np.ptp(means) == 0:
        return [np.nan] * 4
    test = scipy.stats.pearsonr(strength, means)
    if len(means) < 4:
        return [test.statistic, np.nan, np.nan, test.pvalue]
    return [test.statistic, *test.confidence_interval(inference.confidence), test.pvalue]


def _spread(strength, drawn, inference):
    """Percentile interval of the correlation over redrawn backgrounds (B, K)."""
    if np.ptp(drawn) == 0:
        return [np.nan] * 2
    x = (strength - strength.mean()) / np.linalg.norm(strength - strength.mean())
    y = drawn - drawn.mean(axis=1, keepdims=True)
    tail = (1 - inference.confidence) / 2
    return np.quantile(y @ x / np.linalg.norm(y, axis=1), [tail, 1 - tail])
