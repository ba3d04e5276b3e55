"""Opening a model file that nobody has vouched for: checks first, then Keras, then probes."""

import tempfile
import zipfile
from pathlib import Path

from giaflow.base.checks import InputError, check_name
from giaflow.models.readers.archive_checks import safe_copy
from giaflow.models.readers.keras_building import build

ZIP, HDF5 = b"PK\x03\x04", b"\x89HDF"
SUFFIXES = {".keras": ZIP, ".h5": HDF5, ".hdf5": HDF5}


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


def open_keras(path, trust=False):
    """Load a network without compiling it, after checks of all that the file holds.

    Keras's safe mode lets a file call Keras's public functions, so
    `giaflow.models.readers.keras_config_checks` decides first what a file may name. What Keras then
    opens is a copy, whose HDF5 was parsed in a child process, see
    `giaflow.models.readers.archive_checks`.

    Parameters
    ----------
    path : str or pathlib.Path
    trust : bool
        Open what is not on the list of allowed layers too, Python code among it.

    Returns
    -------
    keras.Model

    Raises
    ------
    InputError
        With the file, what is wrong in it and what helps.
    """
    check_file(path)
    with tempfile.TemporaryDirectory(prefix="giaflow-model-") as folder:
        copy = safe_copy(path, folder, trust)
        try:
            network = build(copy, trust)
        except InputError as error:
            raise InputError(f"model {path} is refused: {error}") from None

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
    return keras.Model(network.inputs[0], network.outputs[0], name=network.name)


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


def is_probability(tensor):
    """Whether the layer that makes a head ends in a sigmoid or a softmax."""
    operation, _ = _made_by(tensor)
    activation = getattr(getattr(operation, "activation", None), "__name__", "")
    ends = {"sigmoid", "softmax", "hard_sigmoid"}
    return activation in ends or type(operation).__name__.lower() in ends


def _made_by(tensor):
    """The operation that makes a Keras tensor, and the tensors it reads."""
    history = tensor._keras_history
    return history.operation, history.operation._inbound_nodes[history.node_index].input_tensors


def _has_weights(operation):
    return bool(getattr(operation, "weights", ()))
