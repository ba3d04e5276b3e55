"""The face every model shows."""

from typing import Protocol

import numpy as np


class Model(Protocol):
    """What experiments and attribution methods may ask of a model.

    Attributes
    ----------
    length : int
        Letters per sequence.
    targets : tuple of str
        Names of the T scalars the study reads.
    unit : str
        Unit of every prediction and effect, for example "logit".
    sha256 : str
        Hash of what was opened.
    embedding : str or None
        Name of the layer before the last one, if there is one.
    """

    length: int
    targets: tuple
    unit: str
    sha256: str
    embedding: str | None

    def predict(self, codes):
        """Predictions (N, T) float32 of codes (N, L) uint8."""

    def predict_edits(self, codes, edited):
        """Predictions (C, N, T) float32 of edited backgrounds.

        `codes` (N, L) are the backgrounds and `edited` yields chunks (c, N, L) of edited ones.
        """

    def gradient(self, onehot, target):
        """Derivative (N, L, 4) float32 of one target at one-hot sequences (N, L, 4)."""

    def embed(self, codes):
        """Activations (N, D) float32 of the layer before the last one, or None."""


def predict_chunks(predict, edited, backgrounds, targets):
    """Predict chunks (c, N, L) of codes one after another, as (C, N, T) float32.

    Memory is bounded by the chunk: nothing is kept but predictions. Without a chunk C is 0.
    """
    predictions = [np.empty((0, backgrounds, targets), np.float32)]
    for chunk in edited:
        flat = predict(chunk.reshape(-1, chunk.shape[-1]))
        predictions.append(flat.reshape(*chunk.shape[:2], targets))
    return np.concatenate(predictions)
