"""Whole batches through one traced function. Imports TensorFlow."""

import numpy as np
import tensorflow as tf

from giaflow.models.batch_memory import Batches


class PlainPredictor:
    """Arrays in, arrays out, through one compiled graph.

    Every call of the graph has the same shape: the last batch is filled up, so nothing is traced
    twice and a sequence's prediction does not depend on how many came with it. Batches halve if
    memory does not suffice.

    Parameters
    ----------
    function : callable
        Keras model or function: one tensor, or a list of them, to one or several tensors.
    batch : int
        Sequences per call, at most.
    xla : bool
        Compile with XLA.
    """

    def __init__(self, function, batch=128, *, xla=False):
        self._function, self._xla, self._graphs = function, xla, {}
        self._sizes = Batches(batch)

    def _traced(self, inputs, batch, *, single):
        """One graph for a batch: a concrete function is never traced again."""

        def flat(*tensors):
            made = self._function(tensors[0] if single else list(tensors))
            return [tf.cast(y, tf.float32) for y in tf.nest.flatten(made)]

        specs = [tf.TensorSpec((batch, *x.shape[1:]), tf.float32) for x in inputs]
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
        return self._sizes.run(lambda batch: self._whole(inputs, batch, single))

    def _whole(self, inputs, batch, single):
        n, parts, key = len(inputs[0]), [], (batch, self._sizes.processor)
        if key not in self._graphs:
            self._graphs[key] = self._traced(inputs, batch, single=single)
        for at in range(0, n, batch):
            filled = [tf.constant(_filled(x[at : at + batch], batch), tf.float32) for x in inputs]
            parts.append([y.numpy() for y in self._graphs[key](*filled)])
        return [np.concatenate(part)[:n] for part in zip(*parts, strict=True)]


def _filled(x, batch):
    missing = batch - len(x)
    return np.concatenate([x, np.repeat(x[-1:], missing, axis=0)]) if missing else x
