"""The wave in an interaction profile: amplitude, phase, best period."""

from dataclasses import replace

import numpy as np

from giaflow.experiments.summaries import chosen
from giaflow.statistics.contrasts import Result
from giaflow.statistics.distance_curves import harmonic
from giaflow.statistics.estimates import derived

# A pure decay leaves a trace of any period: with enough backgrounds the test alone would find it.
EXPLAINED = 0.1
NEAR = 0.5


def summarise(settings, contrasts, effects, inference):
    """Rows ``wave`` (amplitude; the verdict asks for all three rules), ``phase``, ``period``."""
    found = []
    pairs = chosen(contrasts, "interaction")
    for name in dict.fromkeys(contrasts[k].labels["arrangement"] for k in pairs):
        members = chosen(contrasts, "interaction", arrangement=name)
        distances = np.array([contrasts[k].labels["start_distance"] for k in members], float)
        curves = np.stack([effects[k] for k in members], axis=1)
        for t, target in enumerate(inference.targets):
            fit = harmonic(
                distances, curves[:, :, t], settings.period, inference.rng, inference.confidence
            )
            labels = {"arm": "pair", "arrangement": name, "explained": round(fit.explained, 4)}
            found += rows(fit, labels, target, len(curves), settings.period, inference)
    return found


def rows(fit, labels, target, n, declared, inference):
    """The three rows of one profile; repeated over targets, of which one is kept."""

    def row(estimate, low=np.nan, high=np.nan, p=np.nan):
        return derived(n, *(np.full(len(inference.targets), v) for v in (estimate, low, high, p)))

    is_wave = fit.p < 1 - inference.confidence and fit.explained >= EXPLAINED
    is_wave = is_wave and abs(fit.period - declared) <= NEAR
    wave = row(fit.amplitude, p=fit.p)
    wave = replace(
        wave, verdict=np.where(is_wave, "effect", "inconclusive").repeat(len(inference.targets))
    )
    yield Result(labels, "wave", wave, only=target)
    yield Result(labels, "phase", row(fit.phase), "radians", only=target)
    yield Result(
        labels, "period", row(fit.period, fit.low, fit.high, fit.p_scan), "letters", only=target
    )
