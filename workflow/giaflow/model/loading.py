"""Opening a model file that nobody has vouched for: checks first, then Keras, then probes."""

import math
import zipfile
from pathlib import Path

import numpy as np

from giaflow.checks import InputError, check_name

ZIP, HDF5 = b"PK\x03\x04", b"\x89HDF"
SUFFIXES = {".keras": ZIP, ".h5": HDF5, ".hdf5": HDF5}
PROBES = 8


def check_file(path):
    """Refuse what cannot be a Keras model, in one sentence, before Keras opens it.

    Keras itself calls an empty, cut or misnamed file "not found".
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"model {path} is a folder; a SavedModel is a program: save it as .keras")
    if not path.is_file():
        raise InputError(f"model {path} not found")
    if path.suffix not in SUFFIXES:
        raise InputError(f"model {path} must end in one of {', '.join(SUFFIXES)}")
    with path.open("rb") as stream:
        head = stream.read(4)
    if head != SUFFIXES[path.suffix]:
        kinds = {ZIP: "a .keras file", HDF5: "an HDF5 file: name it .h5"}
        found = kinds.get(head, "neither .keras nor HDF5, or empty")
        raise InputError(f"model {path} is not what its ending says: the content is {found}")
    if path.suffix == ".keras" and not zipfile.is_zipfile(path):
        raise InputError(f"model {path} is cut short ({path.stat().st_size} bytes); copy it again")


def open_keras(path):
    """Load a network with Keras's safe mode on and without compiling it.

    Returns
    -------
    keras.Model

    Raises
    ------
    InputError
        With the first line of Keras's reason.
    """
    import keras

    check_file(path)
    try:
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"model {path} cannot be opened by Keras: {reason}") from error

    return as_functional(network, path)


def as_functional(network, path):
    """A `keras.Sequential` as the functional model of the same layers; others as they are.

    Only a functional model names its outputs.

    Raises
    ------
    InputError
        If the Sequential was saved before it knew the shape of its input, and so without weights.
    """
    import keras

    if type(network) is not keras.Sequential:
        return network
    if not network.built or not getattr(network, "inputs", None):
        raise InputError(
            f"model {path} is a Sequential that was saved before its input was known, so it holds "
            "no weights; begin it with keras.Input((length, 4)), train it and save it again"
        )
    return keras.Model(network.inputs, network.outputs, name=network.name)


def check_input(network, length):
    """Raise unless the network has one input (length, 4)."""
    shapes = {tensor.name: tuple(tensor.shape[1:]) for tensor in network.inputs}
    if len(shapes) != 1:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise InputError(f"the model must have one input, the sequence; it has {listed}")
    (shape,) = shapes.values()
    if len(shape) == 2 and shape[0] == 4 and shape[1] != 4:
        raise InputError(f"the model's input is {shape}, letters first; giaflow needs (length, 4)")
    if len(shape) != 2 or shape[1] != 4:
        raise InputError(
            f"the model's input is {shape}, but one-hot sequences (length, 4) are needed"
        )
    if shape[0] not in (None, length):
        raise InputError(f"the model takes {shape[0]} letters, but the config's length is {length}")


def head_of(network, head):
    """The output tensor called `head` (None: the only one), and its name."""
    outputs = outputs_of(network)
    names = list(outputs)
    if head is None:
        if len(names) != 1:
            raise InputError(
                f"the model has outputs {_listed(outputs)}; choose one with output.head, or read "
                "several with functionals, each of which names its head: "
                "targets: {name: {functional: column, settings: {head: ..., column: 0}}}"
            )
        head = names[0]
    check_name(head, names, "model output")
    return outputs[head], head


def _listed(outputs):
    return ", ".join(f"{name} {tuple(t.shape[1:])}" for name, t in outputs.items())


def outputs_of(network):
    """The output tensors of a network by name: the keys of a dict, or the names of layers."""
    if isinstance(network.output, dict):
        return dict(network.output)
    return dict(zip(network.output_names, network.outputs, strict=True))


def heads_of(network, onehot):
    """Every output of a network by name, of one-hot sequences (N, L, 4), for inference."""
    found = network(onehot, training=False)
    if isinstance(found, dict):
        return found
    found = found if isinstance(found, (list, tuple)) else [found]
    return dict(zip(network.output_names, found, strict=True))


def head_shapes(network, length):
    """Axes of every output of a network by name, without the sequences, for a length."""
    import keras

    onehot = keras.KerasTensor((None, length, 4))
    found = network.compute_output_spec(onehot, training=False)
    if not isinstance(found, dict):
        found = found if isinstance(found, (list, tuple)) else [found]
        found = dict(zip(network.output_names, found, strict=True))
    return {name: tuple(tensor.shape[1:]) for name, tensor in found.items()}


def check_targets(shape, head, targets):
    """Raise unless the head (T,) holds every column; `targets` maps names to columns."""
    if len(shape) != 1:
        hint = f"{{functional: position, settings: {{head: {head}, column: 0}}}}"
        raise InputError(
            f"model output {head!r} has shape {tuple(shape)} per sequence, but a column is read of "
            "one with a single axis, a number per target"
            + (f"; read a position or a window of it: {hint}" if len(shape) == 2 else "")
        )
    for name, column in targets.items():
        if not 0 <= column < shape[0]:
            raise InputError(
                f"target {name!r} reads column {column} of model output {head!r}, "
                f"which has columns 0..{shape[0] - 1}"
            )


def layer_before_last(tensor):
    """The tensor that the last layer with weights of a head reads, or None if there is none.

    Layers without weights, such as a sigmoid, are passed over. There is none if the way back from
    the head divides, or reaches the sequence without another layer that has weights.

    Parameters
    ----------
    tensor : keras.KerasTensor
        The head, see `head_of`.
    """
    weighted = False
    while not weighted:
        operation, inputs = _made_by(tensor)
        if len(inputs) != 1:
            return None
        weighted = _has_weights(operation)
        [tensor] = inputs
    seen, todo = set(), [tensor]
    while todo:
        operation, inputs = _made_by(todo.pop())
        if _has_weights(operation):
            return tensor
        todo += [each for each in inputs if id(each) not in seen]
        seen.update(map(id, inputs))
    return None


def _made_by(tensor):
    """The operation that makes a Keras tensor, and the tensors it reads."""
    history = tensor._keras_history
    return history.operation, history.operation._inbound_nodes[history.node_index].input_tensors


def _has_weights(operation):
    return bool(getattr(operation, "weights", ()))


def probe(model, rng):
    """Predict a few random sequences and report what a study must know.

    Parameters
    ----------
    model : giaflow.model.base.Model
    rng : numpy.random.Generator

    Returns
    -------
    dict
        ``minimum`` and ``maximum`` per target, ``strand_symmetric`` (f(x) = f(rc x)).

    Raises
    ------
    InputError
        If a prediction is not finite or two calls differ.
    """
    codes = rng.integers(0, 4, (PROBES, model.length), dtype=np.uint8)
    first, again = model.predict(codes), model.predict(codes)
    if not np.isfinite(first).all():
        bad = int((~np.isfinite(first).all(axis=1)).sum())
        raise InputError(
            f"the model's predictions are not finite for {bad} of {PROBES} random sequences"
        )
    if not np.array_equal(first, again):
        gap = float(np.abs(first - again).max())
        raise InputError(
            f"the model is random: two predictions of one sequence differ by {gap:.3g}"
        )
    turned = model.predict(np.ascontiguousarray(3 - codes[:, ::-1]))
    scale = max(1.0, float(np.abs(first).max()))
    return {
        "minimum": [float(v) for v in first.min(axis=0)],
        "maximum": [float(v) for v in first.max(axis=0)],
        "strand_symmetric": math.isclose(
            0, float(np.abs(first - turned).max()), abs_tol=1e-4 * scale
        ),
    }
