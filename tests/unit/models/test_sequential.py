"""Every keras.Sequential is read like the functional network of the same layers."""

import keras
import numpy as np
import pytest

from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError
from giaflow.models.planned_model import PlannedModel, checked_plan, chosen_plan, make_plan
from giaflow.models.readers.keras_network import load_model

L, N = 37, 5
K = keras.layers


def conv():
    return K.Conv1D(6, 7, activation="relu")


def built(layers):
    network = keras.Sequential(layers)
    network.build((None, L, 4))
    return network


def inner_functional():
    x = keras.Input((31, 6))
    return keras.Model(x, K.Dense(3)(K.GlobalMaxPooling1D()(x)))


# Layers, and whether they have a plan up to the head.
NETWORKS = {
    "input": lambda: keras.Sequential(
        [keras.Input((L, 4)), conv(), K.GlobalMaxPooling1D(), K.Dense(3)]
    ),
    "built later": lambda: built([conv(), K.Flatten(), K.Dense(3)]),
    "sequential inside": lambda: built(
        [keras.Sequential([conv(), K.MaxPooling1D(2)]), K.Flatten(), K.Dense(3)]
    ),
    "functional inside": lambda: built([conv(), inner_functional()]),
    "input of any length": lambda: keras.Sequential(
        [keras.Input((None, 4)), conv(), K.GlobalAveragePooling1D(), K.Dense(3)]
    ),
    "norm and dropout": lambda: built(
        [conv(), K.BatchNormalization(), K.Dropout(0.2), K.Flatten(), K.Dense(3)]
    ),
    "rescaling": lambda: built([K.Rescaling(2.0, 0.5), conv(), K.Flatten(), K.Dense(3)]),
    "recurrent": lambda: built([conv(), K.Bidirectional(K.LSTM(4)), K.Dense(3)]),
    "named": lambda: keras.Sequential(
        [keras.Input((L, 4), name="dna"), conv(), K.Flatten(), K.Dense(3, name="binding")],
        name="mine",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_sequential_predicts_what_keras_predicts(tmp_path, rng, name, ending):
    network, path = NETWORKS[name](), tmp_path / f"network.{ending}"
    network.set_weights([rng.uniform(0.1, 1, w.shape) for w in network.weights])
    network.save(path)
    model = load_model(path, L, batch=4)
    codes = rng.integers(0, 5, (N, L), dtype=np.uint8)
    expected = np.asarray(network(one_hot(codes), training=False))
    assert model.predict(codes) == pytest.approx(expected, rel=1e-4, abs=1e-5)
    arrays = checked_plan(model, make_plan(model), rng)
    assert arrays
    planned = PlannedModel(arrays, lambda: model, 1)
    edited = np.stack([codes, np.roll(codes, 3, axis=1)])
    found = planned.predict_edits(codes, [edited])
    assert found == pytest.approx(model.predict_edits(codes, [edited]), rel=1e-4, abs=1e-5)
    assert model.gradient(one_hot(codes), "target_1").shape == (N, L, 4)


@pytest.mark.filterwarnings("ignore")
def test_a_sequential_that_was_never_built_is_refused(tmp_path):
    path = tmp_path / "network.keras"
    keras.Sequential([conv(), K.Flatten(), K.Dense(3)]).save(path)
    with pytest.raises(InputError, match="holds no weights"):
        load_model(path, L)


def test_the_engine_is_the_study_s_choice():
    arrays = {"plan": np.zeros(3)}
    assert chosen_plan(arrays, "auto") == chosen_plan(arrays, "edits") == arrays
    assert chosen_plan(arrays, "whole") == chosen_plan({}, "auto") == {}
    with pytest.raises(InputError, match="use engine: auto"):
        chosen_plan({}, "edits")
