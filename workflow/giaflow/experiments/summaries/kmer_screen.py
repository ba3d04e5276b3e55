"""The matrix of the strongest words, and the best word without the luck of being chosen."""

import numpy as np

from giaflow.base.alphabet import DNA, UNKNOWN, encode
from giaflow.experiments.summaries import chosen
from giaflow.statistics.contrasts import EFFECT, Result
from giaflow.statistics.estimates import derived
from giaflow.statistics.resampling import chosen_on_one_half


def summarise(settings, contrasts, effects, inference):
    """The best word, and one row per position and letter of each target's matrix."""
    members = chosen(contrasts, EFFECT)
    yield from _best(contrasts, effects, members, inference)
    words = [contrasts[k].labels["letters"] for k in members]
    means = np.array([effects[k].mean(axis=0) for k in members])
    n = len(effects[0])
    for t, target in enumerate(inference.targets):
        strongest = np.argsort(-means[:, t], kind="stable")[: settings.aligned]
        strongest = [k for k in strongest if means[k, t] > 0]
        if not strongest:
            continue
        matrix = word_matrix([words[k] for k in strongest], means[strongest, t])
        for position, row in enumerate(matrix):
            for letter, probability in zip(DNA, row, strict=True):
                values = derived(n, *(np.full(len(inference.targets), v)
                                      for v in (probability, np.nan, np.nan)))  # fmt: skip
                labels = {"position": position, "letter": letter, "words": len(strongest)}
                yield Result(labels, "word_matrix", values, "probability", only=target)


def _best(contrasts, effects, members, inference):
    """The word with the largest effect on one half of the backgrounds, measured on the other."""
    for t, target in enumerate(inference.targets):
        best, held_out = chosen_on_one_half(np.stack([effects[k][:, t] for k in members], axis=1))
        if len(held_out) > 1:
            values = np.repeat(held_out[:, None], len(inference.targets), axis=1)
            labels = contrasts[members[best]].labels
            yield Result(labels, "best_word", inference.mean(values), only=target)


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
