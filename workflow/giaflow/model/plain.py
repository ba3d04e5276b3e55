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
        self._function, self._batch, self._xla, self._graph = function, batch, xla, None

    def _traced(self, inputs, *, single):
        """One graph for the batch: a concrete function is never traced again."""

        def flat(*tensors):
            made = self._function(tensors[0] if single else list(tensors))
            return [tf.cast(y, tf.float32) for y in tf.nest.flatten(made)]

        specs = [tf.TensorSpec((self._batch, *x.shape[1:]), tf.float32) for x in inputs]
        return tf.function(flat, jit_compile=self._xla).get_concrete_function(*specs)

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
        single = isinstance(inputs, np.ndarray)
        inputs = [inputs] if single else list(inputs)
        if self._graph is None:
            self._graph = self._traced(inputs, single=single)
        n, parts = len(inputs[0]), []
        for at in range(0, n, self._batch):
            batch = [tf.constant(self._filled(x[at : at + self._batch])) for x in inputs]
            parts.append([y.numpy() for y in self._graph(*batch)])
        return [np.concatenate(part)[:n] for part in zip(*parts, strict=True)]

    def _filled(self, x):
        missing = self._batch - len(x)
        return np.concatenate([x, np.repeat(x[-1:], missing, axis=0)]) if missing else x
