"""From strong words to a matrix."""

import numpy as np

from giaflow.alphabet import UNKNOWN, encode


def word_matrix(words, weights):
    """Average words, each aligned to the first without gaps and weighted.

    Parameters
    ----------
    words : list of str
        Of equal length W, the strongest first.
    weights : array_like
        Not negative.

    Returns
    -------
    numpy.ndarray
        (W, 4) probabilities; a word adds letters only where it overlaps the first, at the offset
        (up to half its length) where most letters agree, the smallest shift among equals.
    """
    best = encode(words[0])
    width = len(best)
    counts = np.zeros((width, 4))
    for word, weight in zip(words, weights, strict=True):
        codes = encode(word)
        shifts = sorted(range(-(width // 2), width // 2 + 1), key=abs)
        shift = max(shifts, key=lambda s: (_shifted(codes, s) == best).sum())
        letters = _shifted(codes, shift)
        known = np.flatnonzero(letters != UNKNOWN)
        counts[known, letters[known]] += weight
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.full_like(counts, 0.25), where=total > 0)


def _shifted(codes, shift):
    """Codes moved right by `shift`, unknown where nothing arrives; no letter matches unknown."""
    moved = np.full(len(codes), UNKNOWN, np.uint8)
    if shift >= 0:
        moved[shift:] = codes[: len(codes) - shift]
    else:
        moved[:shift] = codes[-shift:]
    return moved
