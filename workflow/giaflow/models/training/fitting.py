"""Fitting a Keras network, and saving it as bytes that depend on nothing else."""

import json
import re
import zipfile

import numpy as np

from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError
from giaflow.models.batch_memory import share_cards

# Keras tells shared objects apart by their address in memory.
SHARED = re.compile(r'(?<="shared_object_id": )\d+')

# Sequences predicted at once.
PREDICTED = 1000


def masked_loss(labels, logits):
    """Binary cross-entropy (N,) of logits (N, T), zero where a label is -1."""
    from keras import ops

    loss = ops.maximum(logits, 0) - logits * labels + ops.log1p(ops.exp(-ops.abs(logits)))
    return ops.sum(ops.where(labels >= 0, loss, 0), axis=-1)


def masked_square(values, outputs):
    """Squared error (N,) of outputs (N, T), zero where a value is nan."""
    from keras import ops

    # Replaced before the difference: a masked nan would still have a gradient of nan.
    known = ops.where(ops.isnan(values), outputs, values)
    return ops.sum(ops.square(outputs - known), axis=-1)


def rescale(network, mean, sd):
    """Turn the outputs of a network, which ends in a linear layer, to ``mean + sd * output``."""
    kernel, bias = network.layers[-1].get_weights()
    network.layers[-1].set_weights([kernel * sd, bias * sd + mean])


def fit(build, epochs, rng, batch, loss=masked_loss, best=None):
    """Build a network and fit it, reproducibly on one processor thread.

    Parameters
    ----------
    build : callable
        keras -> uncompiled model, one-hot (N, L, 4) to logits (N, T).
    epochs : iterable
        (codes (N, L), labels (N, T), learning rate) for each epoch.
    rng : numpy.random.Generator
        Gives the seed of the first weights and of dropout.
    batch : int
        Sequences per gradient step.
    loss : callable
        Labels (N, T) and outputs (N, T) -> (N,).
    best : callable, optional
        Asked after each epoch with a function codes (N, L) -> outputs (N, T): whether the weights
        are the best so far. The best are kept, not the last.

    Returns
    -------
    network : keras.Model
    losses : list of float
        Mean loss of each epoch, per sequence.

    Raises
    ------
    InputError
        If memory does not suffice: a smaller batch would be another training.
    """
    import keras
    import tensorflow as tf

    # Sums over several threads are added in another order, which changes the weights.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    share_cards()
    keras.utils.set_random_seed(int(rng.integers(2**31)))
    network = build(keras)
    network.compile(keras.optimizers.Adam(), loss)
    losses, kept = [], None

    def predict(codes):
        return network.predict(one_hot(codes), batch_size=PREDICTED, verbose=0)

    for codes, labels, rate in epochs:
        network.optimizer.learning_rate.assign(np.float32(rate))
        try:
            done = network.fit(one_hot(codes), labels, batch_size=batch, shuffle=False, verbose=0)
        except tf.errors.ResourceExhaustedError as error:
            raise InputError(
                f"training with {batch} sequences a step needs more memory than there is; lower "
                "train.schedule.batch"
            ) from error
        losses.append(done.history["loss"][0])
        if best is not None and best(predict):
            kept = network.get_weights()
    if kept is not None:
        network.set_weights(kept)
    return network, losses


def save_network(network, path):
    """Save as a .keras file whose bytes depend on the network alone.

    Keras writes the date and memory addresses into the archive; here the dates are fixed and the
    addresses counted, so equal networks have equal hashes. The optimiser and the loss are left
    out: the file holds a function, not a training.

    Parameters
    ----------
    network : keras.Model
    path : pathlib.Path
        Ends in ``.keras``.
    """
    import keras

    keras.Model(network.inputs, network.outputs, name=network.name).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in sorted(archive.namelist())}
    notes = json.loads(members["metadata.json"])
    members["metadata.json"] = json.dumps({**notes, "date_saved": ""}, sort_keys=True).encode()
    config = members["config.json"].decode()
    seen = list(dict.fromkeys(SHARED.findall(config)))
    members["config.json"] = SHARED.sub(lambda m: f"{seen.index(m[0])}", config).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), content)
