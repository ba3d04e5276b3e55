"""Predictions that do not change or saturate are found on random sequences, and said."""

import keras
import numpy as np
import pytest
from models import constant, counting

from giaflow.models.probing import notes, probe
from giaflow.models.readers.keras_network import KerasModel

LENGTH = 23


def sigmoid_network(scale, bias):
    """A sigmoid of a random linear network, whose logits have this scale and mean."""
    sequence = keras.Input((LENGTH, 4))
    dense = keras.layers.Dense(2, activation="sigmoid")
    network = keras.Model(sequence, dense(keras.layers.Flatten()(sequence)))
    weights = np.random.default_rng(3).normal(size=(4 * LENGTH, 2)) * scale
    dense.set_weights([weights.astype(np.float32), np.full(2, bias, np.float32)])
    return KerasModel(network, LENGTH)


def test_an_ordinary_model_has_no_notes(rng):
    found = probe(counting(LENGTH, ["A", "CG"]), rng)
    assert found["notes"] == [] and found["probability"] is False
    found = probe(sigmoid_network(0.3, 0), rng)
    assert found["notes"] == [] and found["probability"] is True


def test_a_constant_target_is_named(rng):
    found = probe(constant(LENGTH, (3.0, -1.5)), rng)["notes"]
    assert found[0] == "target t0: predictions do not change: all are 3 on 64 random sequences"
    assert len(found) == 2 and "functional: logit" not in found[0]
    assert len(probe(counting(LENGTH, ["A", "A" * LENGTH]), rng)["notes"]) == 1


@pytest.mark.parametrize(("scale", "bias"), [(0.3, 90), (0.3, -200), (0.2, 18), (30, 0)])
def test_a_saturated_output_is_told_to_be_read_as_a_logit(rng, scale, bias):
    found = probe(sigmoid_network(scale, bias), rng)["notes"]
    assert len(found) == 2 and all("saturates" in note for note in found)
    assert all("read the logit (functional: logit)" in note for note in found)


def test_counts_of_0_and_1_are_not_a_saturated_probability():
    model = counting(LENGTH, ["GATTACA"])
    values = np.array([[0.0], [1.0], [1.0], [0.0]])
    assert notes(values, model, "sequences") == []
    assert len(notes(values, model, "sequences", probability=True)) == 1
