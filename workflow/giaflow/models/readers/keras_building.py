"""Building a network out of a checked copy of its file, within bounds of memory and time."""

import copy as copies
import json
import math
import signal
import threading
from contextlib import contextmanager

from giaflow.base.checks import InputError
from giaflow.models.readers.allowed_layers import OPERATIONS
from giaflow.models.readers.keras_config_checks import REBUILD, TRUST, check_configuration

# Numbers that one layer may compute for one sequence: 4 GiB.
MOST_OUTPUT = 2**30
# Numbers of weights that need not be in the file: states of random generators, and the like.
MOST_UNSTORED = 10**6
# Processor time for building a network; ordinary ones take under 2 s.
SECONDS = 120


def build(copy, trust=False):
    """Build the network of a checked file, with its weights.

    Parameters
    ----------
    copy : giaflow.models.readers.archive_checks.Opened
    trust : bool
        Skip what checks layers and sizes, and let Python code run.

    Returns
    -------
    keras.Model

    Raises
    ------
    InputError
        If it names what is not allowed, is larger than what is stored, or cannot be built.
    """
    old = copy.version.split(".")[0] in ("1", "2")
    if not trust:
        try:
            check_configuration(copy.config)
        except InputError as error:
            raise (InputError(_older(copy.version, error)) if old else error) from None

    import keras

    try:
        with _kept_settings(keras), _time_limit():
            if not trust:
                _check_sizes(keras, copy)
            return keras.saving.load_model(copy.path, compile=False, safe_mode=not trust)
    except InputError:
        raise
    except (MemoryError, RecursionError):
        raise InputError("Keras needs more memory for it than there is") from None
    except Exception as error:
        raise InputError(_reason(error, copy, old)) from error


@contextmanager
def _kept_settings(keras):
    """Set Keras's global settings back to what they were."""
    config = keras.config
    before = config.floatx(), config.dtype_policy(), config.image_data_format(), config.epsilon()
    try:
        yield
    finally:
        config.set_floatx(before[0])
        config.set_dtype_policy(before[1])
        config.set_image_data_format(before[2])
        config.set_epsilon(before[3])


@contextmanager
def _time_limit():
    """Stop after `SECONDS` of processor time; only the main thread of a process can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number, frame):
        raise InputError(f"building it did not end within {SECONDS} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _check_sizes(keras, copy):
    """Build the network without memory for its weights, and compare it with what is stored."""
    with keras.StatelessScope(initialize_variables=False):
        network = _without_weights(keras, copy)
        sizes = {
            layer: _weights(layer)
            for layer in network._flatten_layers(include_self=False, recursive=False)
        }
        needed = _weights(network)
        if needed > 2 * copy.numbers + MOST_UNSTORED and sizes:
            layer = max(sizes, key=sizes.get)
            raise InputError(
                f"its layers need {needed} numbers, but the file stores {copy.numbers}: layer "
                f"{layer.name!r} ({type(layer).__name__}) alone needs {sizes[layer]}"
            )
        for layer in _operations(network):
            for node in layer._inbound_nodes:
                for tensor in node.output_tensors:
                    count = math.prod(size or 1 for size in tensor.shape[1:])
                    if count > MOST_OUTPUT:
                        raise InputError(
                            f"layer {layer.name!r} ({type(layer).__name__}) computes {count} "
                            f"numbers for each sequence; {MOST_OUTPUT} are allowed"
                        )


def _without_weights(keras, copy):
    if copy.path.suffix == ".keras":
        return keras.saving.deserialize_keras_object(copies.deepcopy(copy.config))
    from keras.src.legacy.saving import json_utils, saving_options, saving_utils

    # As keras.src.legacy.saving.legacy_h5_format reads the attribute.
    with saving_options.keras_option_scope(use_legacy_config=True):
        return saving_utils.model_from_config(json_utils.decode(json.dumps(copy.config)))


def _weights(layer):
    return sum(math.prod(variable.shape) for variable in layer.variables)


def _operations(network):
    """The layers and operations of a network, and of the networks within it."""
    # A Sequential holds its graph apart.
    graph = getattr(network, "_functional", None) or network
    for layer in getattr(graph, "operations", network.layers):
        yield layer
        if hasattr(layer, "layers"):
            yield from _operations(layer)


def _older(version, reason):
    return (
        f"it was saved by Keras {version}, and Keras 3 cannot open it: {reason}; open it where "
        "that Keras is installed, build the same network in Keras 3, copy the weights with "
        "get_weights and set_weights, and save it again"
    )


def _reason(error, copy, old):
    """Keras's reason in our words; its advice to switch safety off is never repeated."""
    text = " ".join(str(error).split()) or type(error).__name__
    if any(word in text for word in ("safe_mode", "unsafe_deserialization", "Python lambda")):
        return f"it holds Python code; {TRUST}"
    if old:
        return _older(copy.version, _first(text))
    known = set().union(*OPERATIONS.values())
    if copy.path.suffix == ".h5" and any(f"Unknown layer: '{name}'" in text for name in known):
        return f"an .h5 file cannot hold operations ({_first(text)}); save it as .keras"
    if any(word in text for word in ("Could not locate", "Unknown layer", "custom_object")):
        return f"it holds a layer that is not one of Keras's own ({_first(text)}); {REBUILD}"
    if any(word in text for word in ("weights", "variables", "shape", "checkpoint", "HDF5")):
        return (
            f"its weights do not fit its architecture, so it is damaged or was put together from "
            f"two files ({_first(text)}); save it anew"
        )
    return f"Keras cannot build it ({_first(text)}); {REBUILD}"


def _first(text):
    """The first sentence of a message, cut to what one can read, without advice on code."""
    text = text.split(". ")[0].split(" Full object config")[0].split(" Please ")[0]
    return text if len(text) <= 160 else f"{text[:157]}..."
