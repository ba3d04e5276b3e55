"""Which curve describes the dose response, and how far copies are from adding up."""

from dataclasses import replace

import numpy as np
import scipy

from giaflow.experiments.summaries import chosen
from giaflow.statistics.contrasts import EFFECT, LEVEL, Result
from giaflow.statistics.dose_response import fit_curves
from giaflow.statistics.estimates import derived

# Copies add up if the residual is within this share of the sum of single effects.
SHARE = 0.1

# The slope of a link function is that share of its slope without copies, or less: it saturates.
FLAT = 0.5


def summarise(settings, contrasts, effects, inference):
    """Relative residuals with an equivalence verdict, curve comparison, and the exponent."""
    means = chosen(contrasts, EFFECT, arm="mean over sets")
    copies = np.array([contrasts[k].labels["copies"] for k in means], float)
    curves = np.stack([effects[k] for k in means], axis=1)
    found = [
        _relative(contrasts[k], effects[k], effects[means[at]], inference)
        for k in chosen(contrasts, "additivity_residual")
        for at in np.flatnonzero(copies == contrasts[k].labels["copies"])
    ]
    for t, target in enumerate(inference.targets):
        found += _curves(copies, curves[:, :, t], target, inference)
    return found + list(_sensitivity(contrasts, effects, inference))


def _sensitivity(contrasts, levels, inference):
    """Spread of predictions over backgrounds with c copies, as a share of that without.

    A link g turns a sum h into g(h), so predictions spread as its slope there lets them.
    """
    (none,) = chosen(contrasts, LEVEL, copies=0)
    weights = inference.resamples(len(levels[none]))
    before = _spreads(weights, levels[none])
    tail = (1 - inference.confidence) / 2
    for count in sorted({contrasts[k].labels["copies"] for k in chosen(contrasts, LEVEL)} - {0}):
        sets = chosen(contrasts, LEVEL, copies=count)
        after = [_spreads(weights, levels[k]) for k in sets]
        alive = before[0] > 0
        # A resample without spread says nothing: it takes the spread observed.
        whole = np.where(before > 0, before, np.where(alive, before[0], 1))
        share = np.where(alive, np.mean(after, axis=0) / whole, np.nan)
        low, high = np.quantile(share[1:], [tail, 1 - tail], axis=0)
        row = derived(len(levels[none]), share[0], low, high)
        labels = {**contrasts[sets[0]].labels, "arm": "mean over sets", "slots": None}
        for t, target in enumerate(inference.targets):
            flags = "saturates" if alive[t] and high[t] < FLAT else ""
            yield Result(labels, "sensitivity", row, "share", flags, target)


def _spreads(weights, values):
    """Standard deviation of values (N, T), observed and in each resample: (1 + B, T)."""
    values = values - values.mean(axis=0)
    drawn = weights @ values**2 - (weights @ values) ** 2
    return np.sqrt(np.maximum(np.concatenate([(values**2).mean(axis=0)[None], drawn]), 0))


def _relative(contrast, residual, effect, inference):
    """Residual over the sum of single effects; equivalence within +- `SHARE` (two one-sided t)."""
    total = effect - residual
    wide = inference.ratio(residual, total)
    narrow = inference.ratio(residual, total, 2 * inference.confidence - 1)
    row = derived(len(residual), *wide)
    beyond = (row.ci_low > SHARE) | (row.ci_high < -SHARE)
    within = (narrow[1] > -SHARE) & (narrow[2] < SHARE)
    masked = np.isnan(row.estimate)
    verdict = np.select(
        [masked, beyond, within], ["masked", "effect", "negligible"], default="inconclusive"
    )
    row = replace(row, verdict=verdict)
    return Result(contrast.labels, "additivity_share", row, "share of sum", contrast.flags)


def _curves(copies, effects, target, inference):
    """Rows of one target: each curve's AICc difference and lack of fit, and the exponent."""
    fits = fit_curves(copies, effects)
    n, best = len(effects), min((fit.aicc for fit in fits), default=0.0)
    for fit in fits:
        row = derived(n, fit.aicc - best, np.nan, np.nan, fit.p)
        yield Result(
            {"curve": fit.name}, "aicc_difference", _spread(row, inference), "AICc", "", target
        )
        if fit.name == "power":
            half = scipy.stats.t.ppf((1 + inference.confidence) / 2, n - 1) * fit.errors[1]
            value = fit.parameters[1]
            p = 2 * scipy.stats.t.sf(abs(value - 1) / fit.errors[1], n - 1)
            row = derived(n, value, value - half, value + half, p)
            yield Result(
                {"curve": "power"}, "exponent", _spread(row, inference), "exponent", "", target
            )


def _spread(row, inference):
    """The row of one target, repeated so that every target can be asked for it."""
    size = len(inference.targets)
    arrays = ("estimate", "se", "ci_low", "ci_high", "p", "d_z", "verdict", "mde")
    return replace(row, **{key: np.resize(getattr(row, key), size) for key in arrays})
