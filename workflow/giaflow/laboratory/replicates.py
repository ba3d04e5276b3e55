"""The same study many times over on fresh backgrounds: what calibration is measured on."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from giaflow.design import BACKGROUND, Contrast
from giaflow.edits import chunks
from giaflow.importance import effects
from giaflow.nulls.profile import draw_letters
from giaflow.stats import Estimate, paired

# Backgrounds per step: bounds memory.
BLOCK = 8192


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
    found : giaflow.stats.Estimate
        Every attribute is (K, R, T), but for the number of backgrounds of a replicate.
    left_out : frozenset of (int, int)
        Contrasts and targets (k, t) that a check passes over.
    """

    labels: tuple
    targets: tuple
    truth: np.ndarray
    found: Estimate
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


def replicate(model, design, truth, profile, n, replicates, sesoi, rng, confidence=0.95):
    """Run a design in many replicates, each on backgrounds of its own.

    Predictions, effects and estimates take the code paths of the workflow.

    Parameters
    ----------
    model : giaflow.model.base.Model
    design : giaflow.laboratory.designs.Design
    truth : numpy.ndarray
        (K, T) true values of its contrasts.
    profile : numpy.ndarray
        (L, 4) letter probabilities of the backgrounds, positions independent.
    n : int
        Backgrounds per replicate.
    replicates : int
    sesoi : numpy.ndarray
        (T,) smallest effects of interest, in the model's unit.
    rng : numpy.random.Generator
    confidence : float
        Of the intervals.

    Returns
    -------
    Replicates
    """
    blocks = []
    for codes in _backgrounds(profile, n * replicates, rng):
        predictions = model.predict_edits(codes, chunks(design.conditions, codes))
        baseline = model.predict(codes)
        blocks.append(np.stack([effects(c, predictions, baseline) for c in design.contrasts]))
    measured = np.concatenate(blocks, axis=1).reshape(len(design.contrasts), replicates, n, -1)
    found = paired(np.moveaxis(measured, 2, 0), sesoi, confidence)
    return Replicates(design.labels, model.targets, truth, found)


def _backgrounds(profile, n, rng):
    """Yield n sequences (n', L) in blocks of bounded memory."""
    for start in range(0, n, BLOCK):
        yield draw_letters(profile, min(BLOCK, n - start), rng)


def redrawn(model, window, profile, n, replicates, rng):
    """Mini-experiments without an effect: a window is replaced by a fresh draw of itself (A/A).

    Before and after are exchangeable, so the mean effect is zero for any model.

    Parameters
    ----------
    model : giaflow.model.base.Model
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
        after = model.predict_edits(codes, [fresh[None]])
        blocks.append(effects(contrast, after, model.predict(codes)))
    return np.moveaxis(np.concatenate(blocks).reshape(replicates, n, -1), 0, 1)
