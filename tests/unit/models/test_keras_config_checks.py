"""Model files run no code: what a file may name, and how large it may be.

Files that are refused are built here, and none of them does harm where it is opened: they name
functions that only change a setting or write into the test's own folder.
"""

import copy
import inspect
import json
import zipfile

import keras
import numpy as np
import pytest
from keras import layers

from giaflow.base.checks import InputError
from giaflow.models.readers import allowed_layers as allowed
from giaflow.models.readers.archive_checks import parse
from giaflow.models.readers.keras_config_checks import check_configuration
from giaflow.models.readers.opening import open_keras

ADVICE = ("safe_mode", "unsafe_deserialization", "custom_object_scope", "CustomObjectScope")


def network():
    """A functional network with a nested Sequential: sequences (N, 20, 4) -> (N, 3)."""
    sequence = keras.Input((20, 4), name="sequence")
    inner = keras.Sequential([keras.Input((20, 6)), layers.Dense(5, name="inner_dense")])
    x = layers.Conv1D(6, 7, padding="same", activation="relu", name="conv")(sequence)
    x = inner(x)
    x = layers.GlobalMaxPooling1D(name="pool")(x)
    return keras.Model(sequence, layers.Dense(3, name="head")(x))


def configuration():
    """What Keras writes into config.json for `network`."""
    return json.loads(json.dumps(keras.saving.serialize_keras_object(network())))


BASE = configuration()


def layer(config, name):
    """The dict of a layer in a configuration."""
    [found] = [one for one in config["config"]["layers"] if one["config"]["name"] == name]
    return found


def write_keras(path, config, model=None):
    """A .keras file with the weights of `network` and another configuration."""
    whole = path.with_name("whole.keras")
    (model or network()).save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            target.writestr(name, json.dumps(config) if name == "config.json" else text)
    return path


def exports():
    """(module, name) of every public callable of the installed Keras."""
    found, seen, todo = [], set(), [keras]
    while todo:
        module = todo.pop()
        for name, value in vars(module).items():
            if name.startswith("_"):
                continue
            if inspect.ismodule(value):
                inside = value.__name__.startswith("keras") and "_tf_keras" not in value.__name__
                if inside and value.__name__ not in seen:
                    seen.add(value.__name__)
                    todo.append(value)
            elif callable(value):
                found.append((module.__name__.replace("keras.api", "keras"), name))
    return sorted(set(found))


EXPORTS = exports()
RIGHT = {
    "layer": allowed.LAYERS.union(allowed.MODELS, *allowed.OPERATIONS.values()),
    "activation": allowed.ACTIVATIONS | allowed.ACTIVATION_LAYERS,
    "initializer": allowed.INITIALIZERS,
    "constraint": allowed.CONSTRAINTS,
    "regularizer": allowed.REGULARIZERS,
    "dtype": allowed.DTYPES,
    "data": set(),
}


def planted(value, position):
    """A small configuration that holds `value` where an object of a position belongs."""
    conv = {"class_name": "Conv1D", "module": "keras.layers", "registered_name": None}
    settings = {"name": "conv", "filters": 6, "kernel_size": [7]}
    key = {
        "activation": "activation", "initializer": "kernel_initializer", "data": "padding",
        "constraint": "kernel_constraint", "regularizer": "bias_regularizer", "dtype": "dtype",
    }  # fmt: skip
    if position != "layer":
        settings[key[position]] = value
    conv["config"] = settings
    placed = value if position == "layer" else conv
    return {"class_name": "Sequential", "module": "keras", "config": {"layers": [placed]}}


def passes(config):
    try:
        check_configuration(config)
    except InputError:
        return False
    return True


def test_the_configuration_of_a_plain_network_is_allowed():
    assert len(EXPORTS) > 1000
    assert passes(BASE)


@pytest.mark.parametrize("position", RIGHT)
def test_no_public_callable_of_keras_is_allowed_but_those_on_the_list_of_a_position(position):
    passed = set()
    for module, name in EXPORTS:
        texts = [name, f"{module}.{name}", f"{module}>{name}"]
        if module.startswith("keras.src"):
            # Keras imports these by module and class alone.
            found = {"class_name": name, "config": {}, "module": module}
            if passes(planted(found, position)):
                passed.add(name)
            continue
        for value in (
            *(texts if position not in ("dtype", "data") else ()),
            {"class_name": name, "config": {}},
            {"class_name": name, "config": {}, "module": module, "registered_name": None},
            {"class_name": name, "config": {}, "module": module, "registered_name": name},
            {"class_name": "function", "config": name, "module": module, "registered_name": name},
            {"class_name": "function", "config": name, "module": "builtins"},
            {"class_name": "function", "config": f"{module}.{name}", "module": None},
            {"class_name": "__lambda__", "config": {"value": name}},
            {"class_name": "__typespec__", "spec_name": name, "module": module, "config": []},
        ):
            if passes(planted(value, position)):
                passed.add(name)
    assert passed <= RIGHT[position], sorted(passed - RIGHT[position])


def test_every_allowed_function_is_what_keras_finds_under_its_name():
    from keras.src.saving import serialization_lib

    for name in allowed.ACTIVATIONS:
        assert keras.activations.get(name) is getattr(keras.activations, name, None) or name in (
            "hard_swish",
            "swish",
        )
        for module in ("builtins", "keras.activations"):
            config = {"class_name": "function", "config": name, "module": module}
            if name in ("hard_swish", "swish") or not hasattr(keras.activations, name):
                continue
            found = serialization_lib.deserialize_keras_object(config)
            assert found is getattr(keras.activations, name), name


def test_every_allowed_class_is_one_of_keras():
    import importlib

    from keras.src.ops.operation import Operation

    for name in allowed.LAYERS:
        assert issubclass(getattr(keras.layers, name), layers.Layer), name
    for module, names in allowed.OPERATIONS.items():
        known = vars(importlib.import_module(module))
        assert all(issubclass(known[name], Operation) for name in names), module
        for name in names:
            parameters = inspect.signature(known[name].__init__).parameters
            assert not {"f", "fn", "function", "pred", "body", "cond"} & set(parameters), name
    for kind, names in (("initializers", allowed.INITIALIZERS),
                        ("constraints", allowed.CONSTRAINTS),
                        ("regularizers", allowed.REGULARIZERS)):  # fmt: skip
        assert all(hasattr(getattr(keras, kind), name) or name.islower() for name in names), kind


def lambda_of(module, name, **arguments):
    """A Lambda in place of the convolution that names a public function of Keras."""
    config = copy.deepcopy(BASE)
    found = layer(config, "conv")
    found["class_name"] = "Lambda"
    found["config"] = {
        "name": "conv", "arguments": arguments, "output_shape": [20, 6],
        "function": {"class_name": "function", "config": name, "module": module,
                     "registered_name": name},
    }  # fmt: skip
    return config


def activation_of(module, name):
    config = copy.deepcopy(BASE)
    layer(config, "conv")["config"]["activation"] = {
        "class_name": "function", "config": name, "module": module, "registered_name": name,
    }  # fmt: skip
    return config


SETTINGS = [
    ("set_floatx", lambda_of("keras.config", "set_floatx")),
    ("set_floatx", activation_of("keras.config", "set_floatx")),
    ("set_dtype_policy", activation_of("keras.config", "set_dtype_policy")),
    (
        "enable_unsafe_deserialization",
        activation_of("keras.config", "enable_unsafe_deserialization"),
    ),
    ("plot_image_gallery", activation_of("keras.visualization", "plot_image_gallery")),
    ("Lambda", lambda_of("keras.visualization", "plot_image_gallery", path="drawn.png")),
]


def state():
    from keras.src.saving import serialization_lib

    return (
        keras.config.floatx(), keras.config.dtype_policy().name,
        keras.config.image_data_format(), keras.config.epsilon(),
        serialization_lib.in_safe_mode(),
    )  # fmt: skip


@pytest.mark.parametrize(("name", "config"), SETTINGS)
def test_a_function_that_a_file_names_is_not_called(tmp_path, monkeypatch, name, config):
    monkeypatch.chdir(tmp_path)
    path = write_keras(tmp_path / "m.keras", config)
    before, files = state(), sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=r"'conv'.*trust: true") as refused:
        open_keras(path)
    assert name in str(refused.value) or "Lambda" in str(refused.value)
    assert state() == before and sorted(tmp_path.rglob("*")) == files


def test_trust_opens_a_lambda(tmp_path):
    sequence = keras.Input((20, 4))
    x = layers.Lambda(lambda x: x * 3.0, output_shape=(20, 4), name="thrice")(sequence)
    model = keras.Model(sequence, layers.Dense(2)(layers.Flatten()(x)))
    for name in ("m.keras", "m.h5"):
        model.save(tmp_path / name)
        with pytest.raises(InputError, match=r"layer 'thrice' is a Lambda.*trust: true") as refused:
            open_keras(tmp_path / name)
        assert not any(word in str(refused.value) for word in ADVICE)
        onehot = np.eye(4, dtype=np.float32)[np.arange(20) % 4][None]
        opened = open_keras(tmp_path / name, trust=True)
        np.testing.assert_array_equal(opened(onehot), model(onehot))


def test_trusted_files_leave_the_global_settings_as_they_were(tmp_path):
    sequence = keras.Input((20, 4))
    changing = layers.Lambda(lambda x: (__import__("keras").config.set_epsilon(0.25), x)[1])
    keras.Model(sequence, changing(sequence)).save(tmp_path / "m.keras")
    keras.config.set_epsilon(1e-7)
    before = state()
    open_keras(tmp_path / "m.keras", trust=True)
    assert state() == before


@pytest.mark.parametrize("depth", [250, 3000, 100_000])
@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_a_configuration_that_nests_deep_is_refused(depth, opening):
    closing = "}" if opening[0] == "{" else "]"
    text = json.dumps(BASE).replace(
        '"padding": "same"', f'"padding": {opening * depth}1{closing * depth}'
    )
    with pytest.raises(InputError, match="nests over 200 deep"):
        check_configuration(parse(text))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("class_name"), "no class name"),
        (lambda c: c.update(module="os"), "not Keras's own"),
        (lambda c: c.update(module=["keras.layers"]), "not Keras's own"),
        (lambda c: c.update(registered_name="mine>Conv1D"), "registered as 'mine>Conv1D'"),
        (lambda c: c.update(class_name="Attention2"), "did you mean 'Attention'"),
        (lambda c: c.update(class_name=["Conv1D"]), "no class name"),
        (lambda c: c["config"].update(class_name="Conv1D"), "where its settings belong"),
        (lambda c: c["config"].update(name="a\x1b[31m"), r"control character \\x1b"),
        (lambda c: c["config"].update(name="a\u202eb"), r"control character \\u202e"),
        (lambda c: c["config"].update(name="a\ud800"), r"control character \\ud800"),
        (lambda c: c["inbound_nodes"].append({"args": [3e9], "kwargs": {}}), "without a tensor"),
        (lambda c: c.update(build_config={"x": {"class_name": "Lambda"}}), "Lambda"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_layer_is_said(change, message):
    config = copy.deepcopy(BASE)
    change(layer(config, "conv"))
    with pytest.raises(InputError, match=message):
        check_configuration(config)


def test_each_nested_model_is_walked():
    config = copy.deepcopy(BASE)
    [nested] = [one for one in config["config"]["layers"] if one["class_name"] == "Sequential"]
    nested["config"]["layers"][1]["class_name"] = "TFSMLayer"
    with pytest.raises(InputError, match="layer 'inner_dense' is a TFSMLayer"):
        check_configuration(config)


def test_the_optimiser_of_a_nested_model_is_not_made(tmp_path):
    config = configuration()
    [nested] = [one for one in config["config"]["layers"] if one["class_name"] == "Sequential"]
    nested["compile_config"] = {"optimizer": {"class_name": "NoSuchThing", "config": {}}}
    opened = open_keras(write_keras(tmp_path / "m.keras", config))
    assert opened.count_params() == network().count_params()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [("units", 10**8, "'head' .Dense. alone needs 600000000"), ("units", 1 << 44, "alone needs")],
)
def test_a_layer_that_is_larger_than_what_is_stored_takes_no_memory(tmp_path, key, value, message):
    import resource

    config = copy.deepcopy(BASE)
    layer(config, "head")["config"][key] = value
    path = write_keras(tmp_path / "m.keras", config)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=message):
        open_keras(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


@pytest.mark.parametrize(
    "big", [layers.RepeatVector(10**9), layers.Flatten(), layers.UpSampling1D(10**9),
            layers.ZeroPadding1D(10**9)]
)  # fmt: skip
def test_a_layer_that_computes_too_much_is_refused(tmp_path, big):
    small = {"RepeatVector": ("n", 2), "UpSampling1D": ("size", 2), "ZeroPadding1D": ("padding", 2)}
    kind = type(big).__name__
    sequence = keras.Input((20, 4))
    x = layers.Flatten()(sequence) if kind in ("RepeatVector", "Flatten") else sequence
    x = getattr(layers, "RepeatVector" if kind == "Flatten" else kind)(2)(x)
    model = keras.Model(sequence, layers.GlobalMaxPooling1D()(x))
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    name = "RepeatVector" if kind == "Flatten" else kind
    [found] = [one for one in config["config"]["layers"] if one["class_name"] == name]
    found["config"][small[name][0]] = 10**9 if name != "ZeroPadding1D" else [10**9, 10**9]
    with pytest.raises(InputError, match=f"{name}.* computes"):
        open_keras(write_keras(tmp_path / "m.keras", config, model))
