"""A Keras network behind the face of a model."""

import logging

import numpy as np

from giaflow.base.checks import InputError, check_codes, check_finite
from giaflow.models.base import predict_chunks
from giaflow.models.batch_memory import Batches, share_cards
from giaflow.models.readers.opening import (
    check_input,
    check_targets,
    head_of,
    head_shapes,
    heads_of,
    is_probability,
    layer_before_last,
    open_keras,
)

log = logging.getLogger(__name__)

# Letters in one call of Keras, at most: activations take some hundred times as many bytes.
LETTERS = 1 << 20


def use_threads(threads):
    """Give TensorFlow this many processor threads, unless it runs already in this process."""
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        log.info("TensorFlow has started already and keeps its threads")


class KerasModel:
    """A Keras network read as named targets: columns of one head, or functionals of several.

    Every call runs one traced function on a batch of fixed size, the last one padded, so a
    prediction does not depend on how many sequences were asked for. The size halves if memory does
    not suffice.

    Parameters
    ----------
    network : keras.Model
        One input (length, 4); heads (T',), or any that the readings fit.
    length : int
        Letters per sequence.
    targets : dict of str to int, or None
        Name and column of each target; None names every column ``target_<column>``.
    head : str or None
        Output name; None if there is one output.
    unit : str
    sha256 : str
    batch : int
        Sequences per call, at most; fewer where they are long (`LETTERS`).
    readings : list of giaflow.models.functionals.Reading
        Read instead of columns; then `targets` and `head` do not count.

    Attributes
    ----------
    embedding : str or None
        Name of the layer before the head's last one, whose activations `embed` returns.
    before : keras.KerasTensor or None
        Those activations.
    probability : bool
        Whether the head ends in a sigmoid or a softmax.
    """

    def __init__(
        self, network, length, targets=None, head=None, unit="", sha256="", batch=256, readings=()
    ):
        import keras
        import tensorflow as tf

        check_input(network, length)
        batch = min(batch, max(1, LETTERS // length))
        self.network, self.length, self.batch = network, length, batch
        self._sizes = Batches(batch)
        self.unit, self.sha256, self.readings = unit, sha256, list(readings)
        if readings:
            outputs, tensor = self._functionals(), None
        else:
            outputs, tensor = self._columns(head, targets)

        # tf.one_hot gives an unknown letter (code 4) a row of zeros, as alphabet.one_hot does.
        @tf.function
        def predict(codes):
            return outputs(tf.one_hot(codes, 4))

        @tf.function
        def gradient(onehot, column):
            with tf.GradientTape() as tape:
                tape.watch(onehot)
                value = tf.gather(outputs(onehot), column, axis=1)
            return tape.gradient(value, onehot)

        self._predict, self._gradient, self._embed = predict, gradient, None
        self.probability = tensor is not None and is_probability(tensor)
        self.before = before = None if tensor is None else layer_before_last(tensor)
        self.embedding = None if before is None else before._keras_history.operation.name
        if before is None:
            return
        inner = keras.Model(network.inputs, before)

        @tf.function
        def embed(codes):
            found = tf.cast(inner(tf.one_hot(codes, 4), training=False), tf.float32)
            # (N, P, D) is averaged over positions; anything larger is flattened.
            found = tf.reduce_mean(found, axis=1) if len(found.shape) == 3 else found
            return tf.reshape(found, (codes.shape[0], -1))

        self._embed = embed

    def _columns(self, head, targets):
        """The columns of one head as a function of one-hot sequences, and the head's tensor."""
        import keras
        import tensorflow as tf

        tensor, self.head = head_of(self.network, head)
        shape = tuple(tensor.shape[1:])
        if targets is None and len(shape) == 1:
            targets = {f"target_{column}": column for column in range(shape[0])}
        check_targets(shape, self.head, targets or {})
        self.targets, self.columns = tuple(targets), dict(targets)
        columns, network = list(targets.values()), self.network
        read = keras.Model(network.inputs, tensor) if len(network.outputs) > 1 else network

        def outputs(onehot):
            found = read(onehot, training=False)
            found = next(iter(found.values())) if isinstance(found, dict) else found
            return tf.gather(tf.cast(found, tf.float32), columns, axis=1)

        return outputs, tensor

    def _functionals(self):
        """The readings as a function of one-hot sequences."""
        from keras import ops

        self.head, self.columns = None, {}
        self.targets = tuple(one.name for one in self.readings)

        def outputs(onehot):
            heads = heads_of(self.network, onehot)
            return ops.stack([one.read(ops, heads) for one in self.readings], axis=1)

        return outputs

    def _batches(self, array, function):
        """Apply a function of a tensor to an array (N, ...) in padded batches."""
        import tensorflow as tf

        def whole(batch):
            results = []
            for start in range(0, len(array), batch):
                part = array[start : start + batch]
                padding = [(0, batch - len(part))] + [(0, 0)] * (array.ndim - 1)
                results.append(
                    np.asarray(function(tf.constant(np.pad(part, padding))))[: len(part)]
                )
            return np.concatenate(results)

        return self._sizes.run(whole)

    def predict(self, codes):
        """Predictions (N, T) float32 of codes (N, L); raises `InputError` if one is not finite."""
        check_codes(codes, self.length)
        if not len(codes):
            return np.empty((0, len(self.targets)), np.float32)
        predictions = self._batches(codes, self._predict)
        check_finite(predictions, "predictions")
        return predictions

    def predict_edits(self, codes, edited):
        """Predictions (C, N, T) float32 of chunks (c, N, L) of edited backgrounds."""
        return predict_chunks(self.predict, edited, len(codes), len(self.targets))

    def embed(self, codes):
        """Activations (N, D) float32 before the head's last layer; None if there are none.

        `embedding` names the layer that gives them. Activations by position are averaged over
        positions.
        """
        check_codes(codes, self.length)
        if self._embed is None or not len(codes):
            return None
        found = self._batches(codes, self._embed)
        check_finite(found, f"activations of layer {self.embedding!r}")
        return found

    def gradient(self, onehot, target):
        """Derivative (N, L, 4) float32 of a target at one-hot sequences (N, L, 4)."""
        import tensorflow as tf

        column = tf.constant(self.targets.index(target), tf.int32)
        try:
            return self._batches(
                onehot.astype(np.float32), lambda part: self._gradient(part, column)
            )
        except ValueError as error:
            raise InputError(f"the model has no gradient for target {target!r}: {error}") from error


def ask_heads(network, batch):
    """A function from codes (N, L) to a dict of the arrays of every head of a network."""
    from giaflow.base.alphabet import one_hot

    sizes = Batches(batch)

    def ask(codes):
        def whole(size):
            parts = [codes[at : at + size] for at in range(0, len(codes), size)]
            return [heads_of(network, one_hot(part)) for part in parts]

        found = sizes.run(whole)
        return {name: np.concatenate([part[name] for part in found]) for name in found[0]}

    return ask


def load_model(
    path, length, *, targets=None, head=None, unit="", sha256="", batch=256, threads=None,
    readings=(), prepare=None, trust=False,
):  # fmt: skip
    """Open a model file as a `KerasModel`; see its parameters.

    `prepare`, if given, makes the readings ready: a function of the shapes of the heads by name
    and of `ask_heads` of the network. With `trust`, code in the file may run.

    Raises
    ------
    InputError
        If the file is not a plain Keras model that reads one sequence of `length` letters.
    """
    if threads is not None:
        use_threads(threads)
    share_cards()
    network = open_keras(path, trust)
    check_input(network, length)
    if prepare is not None:
        readings = prepare(
            head_shapes(network, length), ask_heads(network, min(batch, max(1, LETTERS // length)))
        )
    return KerasModel(network, length, targets, head, unit, sha256, batch, readings)
