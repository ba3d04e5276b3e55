"""The matrix of the strongest words."""

import numpy as np

from giaflow.alphabet import DNA
from giaflow.design import EFFECT, Result
from giaflow.stats import derived
from giaflow.summaries import chosen
from giaflow.words import word_matrix


def summarise(settings, contrasts, effects, judge):
    """One row per position and letter of each target's matrix: a probability."""
    members = chosen(contrasts, EFFECT)
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
