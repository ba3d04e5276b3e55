"""Site-independent profile: each position draws its letter from the reference's column.

The default null model of Koo et al. 2021 (PLOS Comput Biol 17:e1008925). Because positions are
independent, the expectation of a model that is linear in each position equals the model's value
at the profile itself, which gives exact truths to test against.
"""

from typing import Literal

import numpy as np
from pydantic import Field

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.settings import Settings as Base

PRESERVES = "the letter frequencies of each position, on average"
UNKNOWN_LETTERS = (
    "are not counted; a position unknown in every reference sequence stays unknown, and elsewhere "
    "a letter is drawn, or with unknown='keep' the reference row's unknown letters stay"
)


class Settings(Base):
    """How the profile is estimated."""

    pseudocount: float = Field(1.0, ge=0)
    """Added to the count of each letter at each position (letters)."""

    unknown: Literal["fill", "keep"] = "fill"
    """Whether letters unknown in a reference sequence, such as padding, are drawn like the
    others (fill) or stay unknown in the background that stands for it (keep)."""


def matrix(reference, settings):
    """The profile: letter probabilities (L, 4) float64 of reference codes (M, L).

    A position that is unknown in every sequence is a row of zeros, as in a one-hot array.
    """
    counts = np.stack([(reference == letter).sum(axis=0) for letter in range(4)], axis=1)
    known = counts.sum(axis=1, keepdims=True)
    total = known + 4 * settings.pseudocount
    probabilities = (counts + settings.pseudocount) / np.where(total == 0, 1, total)
    return np.where(known > 0, probabilities, 0)


def fit(reference, settings):
    """The profile of all reference codes (M, L): `matrix`."""
    return matrix(reference, settings)


def draw_letters(probabilities, n, rng):
    """Draw n sequences (n, L) uint8 from letter probabilities (L, 4); rows of zeros are unknown."""
    cumulative = probabilities.cumsum(axis=1)
    total = cumulative[:, 3]
    # Divided by the total, so that rounding never draws a last letter of probability zero.
    edges = cumulative[:, :3] / np.where(total == 0, 1, total)[:, None]
    uniform = rng.random((n, len(probabilities)))
    codes = sum((uniform >= edges[:, letter]).astype(np.uint8) for letter in range(3))
    codes[:, total == 0] = UNKNOWN
    return codes


def sample(reference, n, rng, settings, *, fitted):
    """Draw n backgrounds (n, L) uint8 from the profile `fitted` (L, 4)."""
    codes = draw_letters(fitted, n, rng)
    if settings.unknown == "keep":
        codes[np.resize(reference, codes.shape) == UNKNOWN] = UNKNOWN
    return codes
