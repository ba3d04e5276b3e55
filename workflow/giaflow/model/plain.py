"""Whole batches through one traced function. Imports TensorFlow."""

import numpy as np
import tensorflow as tf


class PlainPredictor:
    """Arrays in, arrays out, through one compiled graph.

    Every call of the graph has the same shape: the last batch is filled up, so nothing is traced
    twice and a sequence's prediction does not depend on how many came with it.

    Parameters
    ----------
    function : callable
        Keras model or function: one tensor, or a list of them, to one or several tensors.
    batch : int
        Sequences per call.
    xla : bool
        Compile with XLA.
    """

    def __init__(self, function, batch=128, *, xla=False):
        def flat(*inputs):
            made = function(inputs[0] if self._single else list(inputs))
            return [tf.cast(y, tf.float32) for y in tf.nest.flatten(made)]

        self._batch, self._single = batch, True
        self._traced = tf.function(flat, jit_compile=xla, reduce_retracing=False)

    def __call__(self, inputs):
        """Predict.

        Parameters
        ----------
        inputs : numpy.ndarray or list of numpy.ndarray
            (N, ...) float32 each, N at least 1; always of the same trailing shapes.

        Returns
        -------
        list of numpy.ndarray
            (N, ...) float32 for each output, in the function's order.
        """
        self._single = isinstance(inputs, np.ndarray)
        inputs = [inputs] if self._single else list(inputs)
        n, parts = len(inputs[0]), []
        for at in range(0, n, self._batch):
            batch = [tf.constant(self._filled(x[at : at + self._batch])) for x in inputs]
            parts.append([y.numpy() for y in self._traced(*batch)])
        return [np.concatenate(part)[:n] for part in zip(*parts, strict=True)]

    def _filled(self, x):
        missing = self._batch - len(x)
        return np.concatenate([x, np.repeat(x[-1:], missing, axis=0)]) if missing else x
