"""A network whose channels stand for the letters in another order than A, C, G, T."""

import numpy as np

from giaflow.base.alphabet import DNA, UNKNOWN
from giaflow.base.checks import InputError


def channel_order(letters):
    """The code of the letter that each of the network's four channels stands for.

    Parameters
    ----------
    letters : str
        The four letters in the order of the channels, U for T allowed.

    Returns
    -------
    numpy.ndarray
        (4,) int64.

    Raises
    ------
    InputError
        If the letters are not A, C, G and T (or U), each once.
    """
    plain = str(letters).upper().replace("U", "T")
    if sorted(plain) != sorted(DNA):
        raise InputError(
            f"letters must be A, C, G and T (or U), each once, in the order of the network's "
            f"channels, such as ACTG; got {letters!r}"
        )
    return np.array([DNA.index(letter) for letter in plain])


def in_letter_order(model, letters):
    """A model that takes sequences as A, C, G, T, of one whose channels have another order.

    Parameters
    ----------
    model : giaflow.models.base.Model
    letters : str
        See `channel_order`.

    Returns
    -------
    giaflow.models.base.Model
        `model` itself where the order is that of the alphabet.
    """
    order = channel_order(letters)
    return model if (order == np.arange(4)).all() else _Reordered(model, order)


def in_network_order(function, letters):
    """A function of codes (N, L) as A, C, G, T, of one that takes them in the network's order."""
    code = _codes(channel_order(letters))
    return lambda codes: function(code[codes])


def _codes(order):
    """(5,) uint8: the network's code of each of ours; an unknown letter stays unknown."""
    return np.append(np.argsort(order), UNKNOWN).astype(np.uint8)


class _Reordered:
    """The face of a model; codes and channels are put into the network's order here alone."""

    def __init__(self, model, order):
        self._model, self._order = model, order
        self._channel, self._code = np.argsort(order), _codes(order)

    def __getattr__(self, name):
        if name == "_model":
            raise AttributeError(name)
        return getattr(self._model, name)

    def predict(self, codes):
        """Predictions (N, T) float32 of codes (N, L)."""
        return self._model.predict(self._code[codes])

    def predict_edits(self, codes, edited):
        """Predictions (C, N, T) float32 of chunks (c, N, L) of edited backgrounds."""
        return self._model.predict_edits(self._code[codes], (self._code[part] for part in edited))

    def embed(self, codes):
        """Activations (N, D) float32 before the head's last layer, or None."""
        return self._model.embed(self._code[codes])

    def gradient(self, onehot, target):
        """Derivative (N, L, 4) float32 of a target at one-hot sequences (N, L, 4)."""
        return self._model.gradient(onehot[..., self._order], target)[..., self._channel]
