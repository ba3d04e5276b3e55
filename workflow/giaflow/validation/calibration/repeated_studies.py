"""The same study many times over on fresh backgrounds: what calibration is measured on."""

import dataclasses
import itertools
from dataclasses import dataclass

import numpy as np

from giaflow.edits.embed import chunks
from giaflow.nulls.profile import draw_letters
from giaflow.statistics.contrasts import BACKGROUND, Contrast
from giaflow.statistics.effect_tables import effects
from giaflow.statistics.estimates import Estimate, paired

# Backgrounds per step: bounds memory.
BLOCK = 8192
# Effects that are sampled together at most: neighbours in memory are read many times faster.
BLOCKED = 50


@dataclass(frozen=True)
class Replicates:
    """Estimates of a design's contrasts in R replicates, beside the truth.

    Attributes
    ----------
    labels : tuple of str
        A name for each of the K contrasts.
    targets : tuple of str
    truth : numpy.ndarray
        (K, T) true values, in the model's unit.
    found : giaflow.statistics.estimates.Estimate
        Every attribute is (K, R, T), but for the number of backgrounds of a replicate; R counts
        the replicates of every deal.
    measured : numpy.ndarray
        (K, M, T) the effects that the replicates were dealt from.
    left_out : frozenset of (int, int)
        Contrasts and targets (k, t) that a check passes over.
    """

    labels: tuple
    targets: tuple
    truth: np.ndarray
    found: Estimate
    measured: np.ndarray | None = None
    left_out: frozenset = frozenset()

    def only(self, wanted):
        """The same with the cells (k, t) left out where `wanted` (K, T) is false."""
        out = frozenset(zip(*map(np.ndarray.tolist, np.nonzero(~wanted)), strict=True))
        return dataclasses.replace(self, left_out=self.left_out | out)

    def cells(self):
        """Yield (name, k, t) of each contrast and target; the target is named if there are two."""
        for k, label in enumerate(self.labels):
            for t, target in enumerate(self.targets):
                if (k, t) in self.left_out:
                    continue
                yield (label if len(self.targets) == 1 else f"{label} on {target}"), k, t


def predict_both(model, conditions, codes):
    """Predictions (C, N, T) of the conditions and (N, T) of backgrounds (N, L) themselves."""
    together = itertools.chain(chunks(conditions, codes), [codes[None]])
    found = model.predict_edits(codes, together)
    return found[:-1], found[-1]


def measure(model, design, draw, n, rng):
    """Effects (K, n, T) of every contrast of a design on n backgrounds, by the workflow's code.

    Parameters
    ----------
    model : giaflow.models.base.Model
    design : giaflow.validation.calibration.designs.Design
    draw : numpy.ndarray or callable
        (L, 4) letter probabilities of backgrounds whose positions are independent, or a function
        (n, rng) -> codes (n, L).
    n : int
    rng : numpy.random.Generator
    """
    blocks = []
    for codes in _backgrounds(draw, n, rng):
        predictions, baseline = predict_both(model, design.conditions, codes)
        blocks.append(np.stack([effects(c, predictions, baseline) for c in design.contrasts]))
    return np.concatenate(blocks, axis=1)


def dealt(effects, n, rng, deals=1):
    """Effects (M, T) as replicates of n backgrounds each: (n, M / n * deals, T).

    Every deal uses each background once. The first keeps the order in which they were drawn, so
    its replicates are independent; further deals are random. Their average is an incomplete
    U-statistic (Blom 1976, Biometrika 63:573): the same expectation, less Monte Carlo error, and
    no prediction more.
    """
    orders = [np.arange(len(effects))]
    orders += [rng.permutation(len(effects)) for _ in range(deals - 1)]
    parts = [effects[order].reshape(-1, n, effects.shape[-1]) for order in orders]
    return np.moveaxis(np.concatenate(parts), 1, 0)


def stacked(found):
    """Estimates of one design, a list, as one `Estimate` with a further first axis."""
    names = [field.name for field in dataclasses.fields(Estimate) if field.name != "n"]
    values = {name: np.stack([getattr(one, name) for one in found]) for name in names}
    return Estimate(n=found[0].n, **values)


def resample(effects, n, replicates, sesoi, rng, confidence=0.95):
    """Estimates (R, T) from R samples of n effects, drawn with replacement from (M, T).

    For more backgrounds a replicate than were predicted; the truth is the mean of the M effects.
    Large samples are drawn in blocks of neighbours, which are as independent as any others: n is
    raised to a whole number of blocks, and effects after the last whole block are left out.
    """
    block = int(np.clip(n // 1000, 1, BLOCKED))
    blocks = effects[: len(effects) // block * block].reshape(-1, block, effects.shape[-1])
    draws = (
        blocks[rng.integers(0, len(blocks), -(-n // block))].reshape(-1, effects.shape[-1])
        for _ in range(replicates)
    )
    return stacked([paired(some, sesoi, confidence) for some in draws])


def replicate(
    model, design, truth, draw, n, replicates, sesoi, rng, *, deals=1, confidence=0.95
):  # fmt: skip
    """Run a design in many replicates, each on backgrounds of its own.

    Predictions, effects and estimates take the code paths of the workflow.

    Parameters
    ----------
    model, design, draw
        As in `measure`.
    truth : numpy.ndarray
        (K, T) true values of its contrasts.
    n : int
        Backgrounds per replicate.
    replicates : int
    sesoi : numpy.ndarray
        (T,) smallest effects of interest, in the model's unit.
    rng : numpy.random.Generator
    deals : int
        How often the same backgrounds are dealt into replicates.
    confidence : float
        Of the intervals.

    Returns
    -------
    Replicates
    """
    measured = measure(model, design, draw, n * replicates, rng)
    found = [paired(dealt(each, n, rng, deals), sesoi, confidence) for each in measured]
    return Replicates(design.labels, model.targets, truth, stacked(found), measured)


def _backgrounds(draw, n, rng):
    """Yield n sequences (n', L) in blocks of bounded memory."""
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        yield draw(size, rng) if callable(draw) else draw_letters(draw, size, rng)


def redrawn(model, window, profile, n, replicates, rng):
    """Mini-experiments without an effect: a window is replaced by a fresh draw of itself (A/A).

    Before and after are exchangeable, so the mean effect is zero for any model.

    Parameters
    ----------
    model : giaflow.models.base.Model
    window : slice
        Positions that are drawn again.
    profile, n, replicates, rng
        As in `replicate`.

    Returns
    -------
    numpy.ndarray
        (N, R, T) effects.
    """
    contrast, blocks = Contrast({}, {0: 1.0, BACKGROUND: -1.0}), []
    for codes in _backgrounds(profile, n * replicates, rng):
        fresh = codes.copy()
        fresh[:, window] = draw_letters(profile[window], len(codes), rng)
        after = model.predict_edits(codes, [fresh[None], codes[None]])
        blocks.append(effects(contrast, after[:1], after[1]))
    return np.moveaxis(np.concatenate(blocks).reshape(replicates, n, -1), 0, 1)
