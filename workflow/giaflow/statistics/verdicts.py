"""How the effects of one run are judged: one interval, one test and one set of resamples."""

from dataclasses import dataclass, field, replace

import numpy as np

from giaflow.statistics import resampling
from giaflow.statistics.estimates import derived, paired, unjudged, verdict_of

# Effects that are estimated together: bounds memory.
BLOCK = 128


@dataclass(frozen=True)
class Inference:
    """How the effects of a run are judged.

    Attributes
    ----------
    sesoi : numpy.ndarray
        (T,) smallest effect of interest, in model units.
    confidence : float
        Of every interval.
    rng : numpy.random.Generator
        For bands and bootstraps.
    targets : tuple of str
        T names.
    interval : {"t", "percentile_t", "bca"}
        Of means; ``bca`` also of ratios, which else have Fieller's.
    test : {"t", "sign_flip"}
        Of "the mean is zero".
    drawn : dict
        Resamples that were drawn already: all effects of a run share them.
    """

    sesoi: np.ndarray
    confidence: float
    rng: np.random.Generator
    targets: tuple = ()
    interval: str = "t"
    test: str = "t"
    drawn: dict = field(default_factory=dict, repr=False, compare=False)

    def mean(self, effects):
        """`Estimate` of the mean of effects (N, T) in model units; masked if N = 0.

        A single one has a value and no interval.
        """
        return self.means([effects])[0]

    def means(self, many):
        """The same of many effects, those of equal N together: one pass over the resamples."""
        found, width = [None] * len(many), len(self.sesoi)
        for n in dict.fromkeys(map(len, many)):
            same = [k for k, effects in enumerate(many) if len(effects) == n]
            for start in range(0, len(same), BLOCK):
                block = same[start : start + BLOCK]
                together = self._mean(np.concatenate([many[k] for k in block], axis=1))
                for i, k in enumerate(block):
                    found[k] = together.columns(slice(i * width, (i + 1) * width))
        return found

    def _mean(self, effects):
        """`Estimate` of effects (N, K * T), the targets side by side."""
        sesoi, none = np.resize(self.sesoi, effects.shape[1]), np.full(effects.shape[1], np.nan)
        if len(effects) < 2:
            return derived(len(effects), effects[0] if len(effects) else none, none, none)
        found = paired(effects, sesoi, self.confidence)
        inert = found.verdict == "inert"
        if self.interval != "t":
            weights = self.resamples(len(effects))
            limits = resampling.bootstrapped(effects, weights, self.interval)
            low, high = limits(self.confidence)
            verdict = verdict_of(inert, (low, high), limits(2 * self.confidence - 1), sesoi)
            found = replace(found, ci_low=low, ci_high=high, verdict=verdict)
        if self.test == "sign_flip":
            signs = self._draw(resampling.random_signs, len(effects))
            p = resampling.sign_flip(effects, None, signs=signs)
            found = replace(found, p=np.where(inert, 1.0, p))
        return found

    def other(self, values):
        """`Estimate` of the mean of values (N, T) in another unit: no verdict, nan is masked."""
        return unjudged(self.mean(values))

    def ratio(self, numerator, denominator, confidence=None):
        """Ratio of two paired means (N, T) and its interval, as `resampling.ratio`."""
        confidence = self.confidence if confidence is None else confidence
        if self.interval != "bca":
            return resampling.ratio(numerator, denominator, confidence)
        return resampling.bca_ratio(
            numerator, denominator, self.resamples(len(numerator)), confidence
        )

    def resamples(self, n):
        """Bootstrap weights (B, n), the same whenever they are asked for."""
        return self._draw(resampling.resamples, n)

    def _draw(self, how, n):
        """Resamples of n units, drawn once."""
        if (how, n) not in self.drawn:
            self.drawn[how, n] = how(n, self.rng)
        return self.drawn[how, n]
