"""The configuration of a network from outside, held against what is allowed, before Keras reads it.

A configuration is nested JSON in which Keras makes an object of every dict with a ``class_name``.
Here each of them must be on the list of its position: a layer where a layer belongs, an activation
where an activation belongs, and so on. Elsewhere only plain data are allowed.
"""

from giaflow.base.checks import InputError, check_text, nearest
from giaflow.models.readers import allowed_layers as allowed

DEEPEST = 200
TRUST = (
    "if you trust whoever made the file, write trust: true for this model in the config; else "
    "build the network from Keras's own layers and save it again"
)
REBUILD = "build the network from Keras's own layers and save it again"
# Where a list of names applies: the ends of keys, the list, the modules, what it is called.
_KINDS = {
    "initializer": (allowed.INITIALIZERS, {"keras.initializers"}),
    "constraint": (allowed.CONSTRAINTS, {"keras.constraints"}),
    "regularizer": (allowed.REGULARIZERS, {"keras.regularizers"}),
}
_LAYER_KEYS = {"layer", "forward_layer", "backward_layer", "cell"}
_LAYER_LISTS = {"layers", "cells"}
_RUNS_CODE = {
    "Lambda": "runs a function that the file names or holds",
    "TFSMLayer": "runs a program (SavedModel) that lies in another file",
    "TorchModuleWrapper": "unpickles a network of PyTorch, which runs code",
    "JaxLayer": "runs a function that the file names",
    "FlaxLayer": "runs a function that the file names",
    "__lambda__": "is Python code in the file",
    "StringLookup": "may read a file",
    "IntegerLookup": "may read a file",
    "TextVectorization": "may read a file",
}


def check_configuration(config):
    """Raise `InputError` unless every object of a network's configuration is allowed where it is.

    Parameters
    ----------
    config : dict
        As `giaflow.models.readers.archive_checks.parse` gives it.
    """
    _object(config, "model", "the network", 0)


def _object(value, position, where, depth):
    """Check what stands where an object of one position belongs: a name, a dict, or null."""
    if depth > DEEPEST:
        raise InputError(f"its configuration nests over {DEEPEST} deep")
    if value is None and position not in ("model", "layer"):
        return
    if isinstance(value, str) and position not in ("model", "layer"):
        names = _names(position)
        if names is not None and value not in names:
            raise _refusal(value, position, names, where)
        check_text(value, f"a text of {where}")
        return
    if not isinstance(value, dict):
        raise InputError(f"{where} must be a {position}, found {_short(value)}")
    name = value.get("class_name")
    if not isinstance(name, str):
        raise InputError(f"{where} must be a {position}, but it has no class name")
    inner = value.get("config")
    own = value.get("name") or (inner.get("name") if isinstance(inner, dict) else None)
    if position == "layer":
        where = f"layer {own!r}" if isinstance(own, str) else "a layer"
    if name == "function":
        _check_function(value, position, where)
        return
    _check_class(value, name, position, where)
    for key, part in value.items():
        if key == "config":
            _mapping(part, where, depth + 1)
        elif key == "inbound_nodes":
            _check_calls(part, where)
            _plain(part, where, depth + 1)
        elif key not in ("class_name", "module", "registered_name"):
            _plain(part, where, depth + 1)


def _mapping(config, where, depth):
    """Check the settings of an object, each by what its key says it is."""
    if not isinstance(config, dict):
        # Keras 1 wrote the layers of a Sequential as a bare list.
        if isinstance(config, list):
            return _mapping({"layers": config}, where, depth)
        return _plain(config, where, depth)
    if "class_name" in config:
        raise InputError(f"{where} holds {_short(config['class_name'])} where its settings belong")
    for key, value in config.items():
        kind = next((kind for kind in _KINDS if key.endswith(kind)), None)
        if key in _LAYER_LISTS and isinstance(value, list):
            for each in value:
                _object(each, "layer", f"a layer of {where}", depth + 1)
        elif key in _LAYER_KEYS:
            _object(value, "layer", f"{key} of {where}", depth + 1)
        elif key == "activation" or key.endswith("_activation"):
            _object(value, "activation", f"{key} of {where}", depth + 1)
        elif kind is not None:
            _object(value, kind, f"{key} of {where}", depth + 1)
        elif key == "dtype" and isinstance(value, dict):
            _object(value, "dtype", f"{key} of {where}", depth + 1)
        else:
            _plain(value, where, depth + 1)


def _plain(value, where, depth):
    """Check that a value is data: no object but tensors, slices and the like."""
    if depth > DEEPEST:
        raise InputError(f"its configuration nests over {DEEPEST} deep")
    if isinstance(value, str):
        check_text(value, f"a text of {where}")
    elif isinstance(value, list):
        for each in value:
            _plain(each, where, depth + 1)
    elif isinstance(value, dict):
        name = value.get("class_name")
        if "class_name" in value and name not in allowed.DATA:
            raise _refusal(name, "value", sorted(allowed.DATA), where)
        for key, each in value.items():
            check_text(key, f"a key of {where}")
            _plain(each, where, depth + 1)


def _check_class(value, name, position, where):
    """Check the class, the module and the registered name of an object."""
    module, registered = value.get("module"), value.get("registered_name")
    pairs = _classes(position)
    names = {each for found, _ in pairs for each in found}
    if name not in names:
        if position == "layer" and _is_foreign(name, module, registered):
            raise InputError(
                f"{where} is of the class {_short(name)}, which is not one of Keras's own, so "
                f"giaflow has no code for it{nearest(name, sorted(names))}; {REBUILD}"
            )
        raise _refusal(name, position, names, where)
    if module is not None and not any(
        name in found and isinstance(module, str) and module in modules for found, modules in pairs
    ):
        raise InputError(
            f"{where} is {name!r} of the module {_short(module)}, which is not Keras's own; {TRUST}"
        )
    if registered not in (None, name):
        raise InputError(
            f"{where} is {name!r}, registered as {_short(registered)}: a class that is not Keras's "
            f"own; {REBUILD}"
        )


def _is_foreign(name, module, registered):
    """Whether a class is code of the file's maker, which no key can bring back."""
    texts = [str(each) for each in (name, registered) if each is not None]
    outside = isinstance(module, str) and module.split(".")[0] != "keras"
    return outside or any(">" in text for text in texts)


def _classes(position):
    """Pairs of allowed class names and their modules."""
    models = (allowed.MODELS, allowed.MODEL_MODULES)
    if position == "model":
        return [models]
    if position == "layer":
        operations = [(names, {module}) for module, names in allowed.OPERATIONS.items()]
        return [models, (allowed.LAYERS, allowed.LAYER_MODULES), *operations]
    if position == "activation":
        return [(allowed.ACTIVATION_LAYERS, allowed.LAYER_MODULES)]
    if position == "dtype":
        return [(allowed.DTYPES, allowed.DTYPE_MODULES)]
    return [_KINDS[position]]


def _names(position):
    """Allowed strings; None where any string is plain data."""
    if position == "activation":
        return allowed.ACTIVATIONS
    return _KINDS[position][0] if position in _KINDS else None


def _check_function(value, position, where):
    """Check a function: only activations are, and only those that compute tensors."""
    name, module = value.get("config"), value.get("module")
    name = name if isinstance(name, str) else _short(name)
    shown = f"{module}.{name}" if isinstance(module, str) and module != "builtins" else name
    if position != "activation":
        raise InputError(
            f"{where} is the function {_short(shown)}, but only activations are functions; {TRUST}"
        )
    # Keras writes a function of keras.ops as an activation, but cannot read it back.
    known = module is None or (isinstance(module, str) and module in allowed.ACTIVATION_MODULES)
    names = allowed.ACTIVATIONS
    if not known or name not in names:
        raise _refusal(shown, position, names, where)
    if value.get("registered_name") not in (None, name, "function"):
        raise _refusal(str(value["registered_name"]), position, names, where)


def _check_calls(calls, where):
    """Check that each call of a layer reads a tensor; one of plain numbers would run at once."""
    if not isinstance(calls, list):
        raise InputError(f"{where} has calls that are not a list; save it anew")
    for call in calls:
        if isinstance(call, dict) and "__keras_tensor__" not in _class_names(call):
            raise InputError(f"{where} is called without a tensor; {TRUST}")


def _class_names(value):
    """The class names within a value, however deep."""
    found, todo = set(), [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            found.add(str(one.get("class_name")))
            todo += one.values()
        elif isinstance(one, list):
            todo += one
    return found


def _refusal(name, position, names, where):
    """What is said of a name that is not on the list of its position."""
    if name in _RUNS_CODE:
        return InputError(f"{where} is a {name}, which {_RUNS_CODE[name]}; {TRUST}")
    article = "an" if position[0] in "ai" else "a"
    return InputError(
        f"{where} is {_short(name)}, which is not {article} {position} that giaflow opens"
        f"{nearest(name, sorted(names))}; {TRUST}"
    )


def _short(value):
    """A value of the file, short enough for a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
