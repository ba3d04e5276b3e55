"""How much an effect depends on position: range, slope and whether a line would do."""

import numpy as np

from giaflow.experiments.summaries import chosen
from giaflow.statistics.contrasts import EFFECT, Result
from giaflow.statistics.distance_curves import gls_line
from giaflow.statistics.estimates import derived
from giaflow.statistics.resampling import max_t


def summarise(settings, contrasts, effects, inference):
    """Range, slope and a test of flatness of each pattern's effects over positions."""
    found = []
    for name in dict.fromkeys(contrast.labels["pattern"] for contrast in contrasts):
        members = chosen(contrasts, EFFECT, pattern=name)
        starts = np.array([contrasts[k].labels["start"] for k in members], float)
        if len(members) < 2:
            continue
        curves = np.stack([effects[k] for k in members], axis=1)
        labels = {"pattern": name, "role": "pattern"}
        found += _ranges(curves, starts, labels, inference)
        centred = starts - starts.mean()
        # The least-squares slope of each background's own curve: their mean is the slope of the
        # mean curve, and their spread knows that positions share backgrounds.
        slopes = np.einsum("k,nkt->nt", centred / (centred**2).sum(), curves)
        found.append(Result(labels, "slope", inference.other(slopes), unit="per letter"))
        found.append(Result(labels, "flatness", _flatness(curves, inference), unit="share"))
        if len(members) > 2:
            found += _line(curves, starts, labels, inference)
    return found


def _line(curves, starts, labels, inference):
    """The generalized least-squares slope, and the test that a line describes the effects."""
    found = [gls_line(starts, curve, inference.confidence) for curve in np.moveaxis(curves, 2, 0)]
    slope, misfit = (np.transpose(each) for each in zip(*found, strict=True))
    none = np.full(len(found), np.nan)
    yield Result(labels, "slope_gls", derived(len(curves), *slope), unit="per letter")
    yield Result(
        labels, "linearity", derived(len(curves), misfit[0], none, none, misfit[1]), unit="F"
    )


def _ranges(curves, starts, labels, inference):
    """Largest minus smallest effect: extremes of even backgrounds, measured on odd ones."""
    for t, target in enumerate(inference.targets):
        means = curves[0::2, :, t].mean(axis=0)
        top, low = int(means.argmax()), int(means.argmin())
        held_out = curves[1::2, top] - curves[1::2, low]
        at = {"start": int(starts[top]), "smallest_at": int(starts[low])}
        yield Result({**labels, **at}, "range", inference.mean(held_out), only=target)


def _flatness(curves, inference):
    """The share of positions that differ from their mean, and the max-t test that none does."""
    away = curves - curves.mean(axis=1, keepdims=True)
    tests = [
        max_t(away[:, :, t], inference.rng, inference.confidence)[1] for t in range(curves.shape[2])
    ]
    none = np.full(len(tests), np.nan)
    share = [(p < 1 - inference.confidence).mean() for p in tests]
    return derived(len(curves), share, none, none, [p.min() for p in tests])
