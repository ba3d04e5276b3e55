"""How far the shape of a profile is from the mean profile of backgrounds, whatever the counts.

Symmetric Kullback-Leibler divergence (nats), or 1 - Pearson's r, averaged over strands. A distance
is never negative, so its mean is above zero even where nothing happens: compare it with that of
scrambled controls, and read differences between conditions.
"""

from typing import Literal

import numpy as np
from pydantic import Field

from giaflow.base.settings import Settings as Base
from giaflow.models.functionals.arrays import softmax, uniform

UNIT = "distance"
PROFILE = "profile"
LEAST = 1e-12


class Settings(Base):
    """The output, the distance and the reference."""

    profile: str
    """Name of the output of profile logits, (length, strands)."""
    distance: Literal["kl", "pearson"] = "kl"
    """Symmetric Kullback-Leibler divergence, or one minus Pearson's correlation."""
    reference: list[list[float]] | None = None
    """Probabilities (length, strands) to compare with; null takes the mean over backgrounds."""
    backgrounds: int = Field(256, ge=1)
    """Uniform backgrounds whose mean profile is the reference."""


def heads(settings):
    """The profile."""
    return (settings.profile,)


def prepare(settings, ask, length, rng):
    """Settings with the mean profile of uniform backgrounds as reference."""
    if settings.reference is not None:
        return settings
    found = ask(uniform(settings.backgrounds, length, rng))[settings.profile]
    mean = softmax(np, found).mean(axis=0, dtype=np.float64)
    return settings.model_copy(update={"reference": mean.tolist()})


def read(ops, heads, settings):
    """Distances (N,) of profiles from the reference."""
    p = softmax(ops, heads[settings.profile])
    q = np.asarray(settings.reference, np.float32)[None]
    if settings.distance == "kl":
        logs = ops.log(ops.maximum(p, LEAST)) - np.log(np.maximum(q, LEAST))
        return ops.mean(ops.sum((p - q) * logs, axis=1), axis=1) / 2
    p, q = (x - ops.mean(x, axis=1, keepdims=True) for x in (p, q))
    norm = ops.sqrt(ops.sum(p * p, axis=1) * ops.sum(q * q, axis=1))
    return 1 - ops.mean(ops.sum(p * q, axis=1) / ops.maximum(norm, LEAST), axis=1)
