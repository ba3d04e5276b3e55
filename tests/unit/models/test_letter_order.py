"""Networks whose channels have their letters in another order: all 24 of them."""

import itertools

import keras
import numpy as np
import pytest
from pydantic import ValidationError

from giaflow.attribution.methods import ism
from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError
from giaflow.config.models import Model
from giaflow.models.letter_order import channel_order, in_letter_order, in_network_order
from giaflow.models.planned_model import PlannedModel, make_plan
from giaflow.models.readers.keras_network import KerasModel

L, N = 23, 3
ORDERS = ["".join(order) for order in itertools.permutations("ACGT")]
K = keras.layers


@pytest.fixture(scope="module")
def network():
    """Weights are small whole numbers, so that sums are exact in any order."""
    x = keras.Input((L, 4))
    y = K.Flatten()(K.Conv1D(6, 5, activation="relu")(x))
    made = keras.Model(x, K.Dense(2)(y))
    rng = np.random.default_rng(3)
    made.set_weights([rng.integers(-4, 5, w.shape).astype(np.float32) for w in made.weights])
    return made


def reordered(network, letters):
    """The same network with the channels of its first layer in the order of the letters."""
    made = keras.models.clone_model(network)
    weights = network.get_weights()
    weights[0] = weights[0][:, ["ACGT".index(letter) for letter in letters]]
    made.set_weights(weights)
    return made


@pytest.mark.parametrize("letters", ORDERS)
def test_a_reordered_network_with_its_letters_is_the_network(network, letters):
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 5, (N, L), dtype=np.uint8)
    edited = np.repeat(codes[None], 7, axis=0)
    edited[np.arange(7), :, np.arange(7) * 3] = np.arange(7)[:, None] % 5
    plain, other = KerasModel(network, L, batch=4), KerasModel(reordered(network, letters), L)
    for one, same in (
        (plain, in_letter_order(other, letters)),
        (
            PlannedModel(make_plan(plain), lambda: plain, 1),
            in_letter_order(PlannedModel(make_plan(other), lambda: other, 1), letters),
        ),
    ):
        assert (one.predict(codes) == same.predict(codes)).all()
        assert (one.predict_edits(codes, [edited]) == same.predict_edits(codes, [edited])).all()
        gradients = [m.gradient(one_hot(codes), "target_1") for m in (one, same)]
        assert (gradients[0] == gradients[1]).all() and np.ptp(gradients[0], axis=2).max() > 0
        scores = [ism.attribute(m, codes, rng, ism.Settings()) for m in (one, same)]
        assert (scores[0] == scores[1]).all()
        assert same.targets == one.targets and same.length == L
    asked = in_network_order(other.predict, letters)(codes)
    assert (asked == plain.predict(codes)).all()
    if letters != "ACGT":
        assert (other.predict(codes) != plain.predict(codes)).any()


def test_the_order_of_the_alphabet_changes_nothing(network):
    model = KerasModel(network, L)
    assert in_letter_order(model, "ACGT") is in_letter_order(model, "acgu") is model
    assert channel_order("UGCA").tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize("letters", ["ACG", "ACGTU", "AACG", "ACGN", ""])
def test_letters_that_are_not_an_order_are_refused(letters):
    with pytest.raises(InputError, match="each once, in the order of the network's channels"):
        channel_order(letters)
    with pytest.raises(ValidationError, match="each once, in the order of the network's channels"):
        Model(path="m.keras", letters=letters)
    assert Model(path="m.keras", letters="acug").letters == "ACTG"
