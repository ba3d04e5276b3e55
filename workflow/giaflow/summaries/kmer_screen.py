"""The matrix of the strongest words, and the best word without the luck of being chosen."""

import numpy as np

from giaflow.alphabet import DNA
from giaflow.design import EFFECT, Result
from giaflow.resampling import chosen_on_one_half
from giaflow.stats import derived
from giaflow.summaries import chosen
from giaflow.words import word_matrix


def summarise(settings, contrasts, effects, judge):
    """The best word, and one row per position and letter of each target's matrix."""
    members = chosen(contrasts, EFFECT)
    yield from _best(contrasts, effects, members, judge)
    words = [contrasts[k].labels["letters"] for k in members]
    means = np.array([effects[k].mean(axis=0) for k in members])
    n = len(effects[0])
    for t, target in enumerate(judge.targets):
        strongest = np.argsort(-means[:, t], kind="stable")[: settings.aligned]
        strongest = [k for k in strongest if means[k, t] > 0]
        if not strongest:
            continue
        matrix = word_matrix([words[k] for k in strongest], means[strongest, t])
        for position, row in enumerate(matrix):
            for letter, probability in zip(DNA, row, strict=True):
                values = derived(n, *(np.full(len(judge.targets), v)
                                      for v in (probability, np.nan, np.nan)))  # fmt: skip
                labels = {"position": position, "letter": letter, "words": len(strongest)}
                yield Result(labels, "word_matrix", values, "probability", only=target)


def _best(contrasts, effects, members, judge):
    """The word with the largest effect on one half of the backgrounds, measured on the other."""
    for t, target in enumerate(judge.targets):
        best, held_out = chosen_on_one_half(np.stack([effects[k][:, t] for k in members], axis=1))
        if len(held_out) > 1:
            values = np.repeat(held_out[:, None], len(judge.targets), axis=1)
            labels = contrasts[members[best]].labels
            yield Result(labels, "best_word", judge.mean(values), only=target)
