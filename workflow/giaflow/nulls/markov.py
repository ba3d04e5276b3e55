"""Markov chain of order k fitted to the reference: any number of backgrounds, of any length."""

import numpy as np
from pydantic import Field

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base
from giaflow.sequences.pattern_search import count_words

PRESERVES = "the frequencies of up to order + 1 consecutive letters, on average"
UNKNOWN_LETTERS = "are not counted, nor is a stretch of letters across one; none is drawn"


class Settings(Base):
    """Order, smoothing and length of the chain."""

    order: int = Field(3, ge=0, le=8)
    """How many preceding letters decide the next (letters); at most log4(letters in the
    reference) - 3, so that each context is seen often enough."""

    pseudocount: float = Field(1.0, gt=0)
    """Smoothing: this much, spread over the 4^order contexts, is added for each next letter."""

    length: int | None = Field(None, ge=1)
    """Length of a background (letters); by default that of the reference."""


def fits(settings, length):
    """Raise `InputError` if backgrounds would have another length than the study's sequences."""
    if settings.length not in (None, length):
        raise InputError(
            f"backgrounds of length={settings.length} cannot take the place of sequences of "
            f"{length} letters; leave length out"
        )


def fit(reference, settings):
    """Fit the chain.

    Parameters
    ----------
    reference : numpy.ndarray
        (M, L) uint8 codes.
    settings : Settings
        Order and pseudocount.

    Returns
    -------
    start : numpy.ndarray
        (4^order,) float64, probability of each first word of `order` letters.
    step : numpy.ndarray
        (4^order, 4) float64, probability of the next letter after each word.

    Raises
    ------
    InputError
        If the order is too high for the number of letters.
    """
    order = settings.order
    letters = int((reference != UNKNOWN).sum())
    limit = int(np.floor(np.log(letters) / np.log(4) + 1e-9)) - 3
    if order > limit:
        raise InputError(
            f"order={order} is too high for a reference of {letters} letters; "
            f"allowed are 0..{max(limit, 0)}"
            if limit >= 0
            else f"a reference of {letters} letters is too small for a Markov chain; it needs 64"
        )
    counts = count_words(reference, order + 1).reshape(-1, 4) + settings.pseudocount / 4**order
    # Words are counted anywhere, so the chain starts as it goes on: near its stationary state.
    return counts.sum(axis=1) / counts.sum(), counts / counts.sum(axis=1, keepdims=True)


def sample(reference, n, rng, settings, *, fitted):
    """Draw n backgrounds (n, L or settings.length) uint8 from the chain `fitted`."""
    start, step = fitted
    order = settings.order
    length = settings.length or reference.shape[1]
    first = rng.choice(len(start), size=n, p=start)
    uniform = rng.random((n, length))
    edges = step.cumsum(axis=1)[:, :3]
    codes = np.empty((n, length), np.uint8)
    word = first
    for at in range(length):
        if at < order:
            codes[:, at] = first // 4 ** (order - 1 - at) % 4
        else:
            letter = (uniform[:, at, None] >= edges[word]).sum(axis=1)
            codes[:, at] = letter
            word = (4 * word + letter) % len(start)
    return codes
