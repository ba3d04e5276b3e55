"""Models whose answers are known: linear, additive, counting, constant."""

import numpy as np

from giaflow.base.alphabet import encode, from_one_hot
from giaflow.models.formula_model import FormulaModel


def linear(weights):
    """f(x) = sum of x[l, a] * weights[l, a, t]; weights (L, 4, T)."""
    names = [f"t{i}" for i in range(weights.shape[2])]
    return FormulaModel(
        lambda x: np.einsum("nla,lat->nt", x, weights),
        weights.shape[0],
        names,
        derivative=lambda x, t: np.broadcast_to(weights[..., t], x.shape),
    )


def constant(length, values=(3.0, -1.5)):
    """Blind to the sequence."""
    return FormulaModel(
        lambda x: np.tile(values, (len(x), 1)),
        length,
        [f"t{i}" for i in range(len(values))],
        derivative=lambda x, t: np.zeros_like(x),
    )


def occurrences(x, word):
    """How often a word stands in each one-hot sequence (N, L, 4)."""
    codes = encode(word)
    places = x.shape[1] - len(codes) + 1
    match = np.ones((len(x), places))
    for k, code in enumerate(codes):
        match *= x[:, k : k + places, code]
    return match


def counting(length, words):
    """One target a word: its number of occurrences."""
    return FormulaModel(
        lambda x: np.stack([occurrences(x, word).sum(axis=1) for word in words], axis=1),
        length,
        list(words),
    )


def of_codes(predict, length, targets):
    """A model from a function of codes (N, L) to predictions (N, T)."""
    return FormulaModel(lambda x: predict(from_one_hot(x)), length, targets)
