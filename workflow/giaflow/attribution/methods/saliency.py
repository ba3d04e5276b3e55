"""Saliency: the input gradient, corrected to the plane of one-hot letters.

A network never sees inputs off the plane where the four letters add up to one, so the part of the
gradient at right angles to it is noise; subtracting the mean over letters removes it
(Majdandzic et al. 2023, Genome Biol 24:109). For a model linear in a position this equals ISM.
"""

import numpy as np

from giaflow.base.alphabet import one_hot
from giaflow.base.settings import Settings as Base


class Settings(Base):
    """How the gradient is read."""

    correct: bool = True
    """Subtract the mean over letters at every position."""


def attribute(model, codes, rng, settings):
    """Hypothetical scores (N, L, 4, T) of codes (N, L)."""
    onehot = one_hot(codes)
    scores = np.stack([model.gradient(onehot, target) for target in model.targets], axis=-1)
    if settings.correct:
        scores = scores - scores.mean(axis=2, keepdims=True)
    return scores.astype(np.float32)
