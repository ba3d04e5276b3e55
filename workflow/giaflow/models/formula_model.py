"""Models that are formulas: exact answers for tests, and oracles with known effects."""

import numpy as np

from giaflow.base.alphabet import one_hot
from giaflow.base.checks import check_codes
from giaflow.models.base import predict_chunks


class FormulaModel:
    """A function of one-hot or probability arrays behind the face of a model.

    Parameters
    ----------
    formula : callable
        (N, L, 4) float -> (N, T) float.
    length : int
    targets : tuple of str
    unit : str
    derivative : callable, optional
        (N, L, 4), target index -> (N, L, 4); needed only for gradient methods.
    sha256 : str
        Hash of what defines the formula.
    edits : callable, optional
        Codes (N, L) and chunks (c, N, L) of edited ones -> (C, N, T), where the formula knows a
        shorter way.
    """

    def __init__(
        self, formula, length, targets, unit="unit", derivative=None, sha256="formula", edits=None
    ):
        self.formula, self.derivative, self.edits = formula, derivative, edits
        self.length, self.targets, self.unit = length, tuple(targets), unit
        self.sha256 = sha256

    def predict(self, codes):
        """Predictions (N, T) float32 of codes (N, L)."""
        check_codes(codes, self.length)
        return np.asarray(self.formula(one_hot(codes)), np.float32)

    def predict_edits(self, codes, edited):
        """Predictions (C, N, T) float32 of chunks of edited backgrounds."""
        if self.edits is not None:
            return np.asarray(self.edits(codes, edited), np.float32)
        return predict_chunks(self.predict, edited, len(codes), len(self.targets))

    embedding = None

    def embed(self, codes):
        """None: a formula has no layers."""

    def gradient(self, onehot, target):
        """Derivative (N, L, 4) of a target at (N, L, 4)."""
        return np.asarray(self.derivative(onehot, self.targets.index(target)), np.float32)
