"""A laboratory model: a formula that answers for letters and for probabilities."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError

# Sequences per step: keeps the working arrays within the processor's cache.
ROWS = 256


@dataclass(frozen=True)
class Link:
    """A function of a laboratory model's output, which makes its truths need Monte Carlo.

    Attributes
    ----------
    value, slope : callable
        (N, T) -> (N, T), and its derivative.
    """

    value: Callable
    slope: Callable


@dataclass(frozen=True)
class Motif:
    """A motif that a laboratory model reads.

    Attributes
    ----------
    name : str
    rows : numpy.ndarray
        (w, 4) row weights.
    target : str
        The output that it acts on by itself.
    strands : str
        Strands on which it is planted.
    hairpin : (int, int) or None
        Letters of the stem and of the loop of the hairpin that half of its sites are planted in.
    """

    name: str
    rows: np.ndarray
    target: str
    strands: str = "+"
    hairpin: tuple | None = None


@dataclass(frozen=True)
class Oracle:
    """A model with known effects.

    Attributes
    ----------
    name : str
    length : int
        Letters per sequence.
    alphabet : {"ACGT", "ACGU"}
    targets : tuple of str
    unit : str
    linear : callable
        (N, L, 4) float64 -> (N, T): a sum of products of linear forms in distinct positions.
    link : Link or None
        Applied to its result.
    edits : callable or None
        Codes (N, L) and chunks (c, N, L) of edited ones -> (C, N, T) of the linear part, if it
        knows what an edit changes.
    motifs : tuple of Motif
        What may be planted in random sequences.
    """

    name: str
    length: int
    alphabet: str
    targets: tuple
    unit: str
    linear: Callable
    link: Link | None = None
    edits: Callable | None = None
    motifs: tuple = ()

    def predict(self, codes):
        """Outputs (N, T) float64 of codes (N, L)."""
        return self(one_hot(codes))

    def predict_edits(self, codes, edited):
        """Outputs (C, N, T) float64 of chunks (c, N, L) of edited backgrounds (N, L)."""
        if self.edits is None:
            parts = [np.empty((0, len(codes), len(self.targets)))]
            for chunk in edited:
                flat = self.predict(chunk.reshape(-1, self.length))
                parts.append(flat.reshape(*chunk.shape[:2], -1))
            return np.concatenate(parts)
        found = self.edits(codes, edited)
        return found if self.link is None else self.link.value(found)

    def __call__(self, x):
        """Outputs (N, T) float64 of one-hot or probability matrices (N, L, 4).

        Raises
        ------
        InputError
            If the matrices are not (N, L, 4) of this length.
        """
        output = self._linear(x)
        return output if self.link is None else self.link.value(output)

    def _linear(self, x):
        x = np.asarray(x)
        if x.ndim != 3 or x.shape[1:] != (self.length, 4):
            raise InputError(
                f"laboratory model {self.name!r} takes matrices (N, {self.length}, 4), "
                f"got {x.shape}"
            )
        blocks = (x[start : start + ROWS] for start in range(0, len(x), ROWS))
        parts = [self.linear(block.astype(np.float64)) for block in blocks]
        return np.concatenate([np.empty((0, len(self.targets))), *parts])

    def derivative(self, x, target):
        """Derivative (N, L, 4) float64 by every entry of (N, L, 4) of the target with this index.

        Exact: the linear part is affine in each row, so its slope by a letter is its value with
        that letter minus its value with an empty row.
        """
        x = np.asarray(x, np.float64)
        slopes = np.empty_like(x)
        for position in range(self.length):
            changed = x.copy()
            changed[:, position] = 0
            empty = self._linear(changed)[:, target]
            for letter in range(4):
                changed[:, position] = np.eye(4)[letter]
                slopes[:, position, letter] = self._linear(changed)[:, target] - empty
        if self.link is None:
            return slopes
        return self.link.slope(self._linear(x))[:, target, None, None] * slopes


def _sigmoid(y):
    return 1 / (1 + np.exp(2 - y))


EXPONENTIAL = Link(lambda y: np.exp(0.3 * y), lambda y: 0.3 * np.exp(0.3 * y))
SIGMOID = Link(_sigmoid, lambda y: _sigmoid(y) * (1 - _sigmoid(y)))


def with_links(name, **definition):
    """The oracle `name` and its variants ``_exp`` (exp 0.3 y) and ``_sigmoid`` (sigmoid y - 2)."""
    variants = (
        Oracle(name, unit="activity", **definition),
        Oracle(f"{name}_exp", unit="exp(0.3 activity)", link=EXPONENTIAL, **definition),
        Oracle(f"{name}_sigmoid", unit="probability", link=SIGMOID, **definition),
    )
    return {oracle.name: oracle for oracle in variants}
