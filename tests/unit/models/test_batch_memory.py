"""Batches that halve when memory does not suffice; TensorFlow's own error is raised by fakes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from giaflow.base.checks import InputError
from giaflow.models import batch_memory
from giaflow.models.readers.keras_batches import PlainPredictor
from giaflow.models.readers.keras_network import KerasModel
from giaflow.models.training.fitting import fit

LENGTH = 11


def too_large():
    return tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")


class Card:
    """A function that runs out of memory with more than `most` sequences, and notes all sizes."""

    def __init__(self, function, most):
        self.function, self.most, self.seen = function, most, []

    def __call__(self, sequences, *more):
        self.seen.append(len(sequences))
        if len(sequences) > self.most:
            raise too_large()
        return self.function(sequences, *more)


@pytest.fixture
def network():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((LENGTH, 4))
    x = keras.layers.Conv1D(5, 3, activation="tanh")(inputs)
    return keras.Model(inputs, keras.layers.Dense(2)(keras.layers.GlobalMaxPooling1D()(x)))


@pytest.fixture
def codes(rng):
    return rng.integers(0, 4, (13, LENGTH), dtype=np.uint8)


def test_predictions_are_those_of_the_batch_that_fits(network, codes):
    whole, model = KerasModel(network, LENGTH, batch=3), KerasModel(network, LENGTH, batch=25)
    card = model._predict = Card(model._predict, 4)
    assert np.array_equal(model.predict(codes), whole.predict(codes))
    assert card.seen == [25, 12, 6, 3, 3, 3, 3, 3]
    # What was learned holds for the next call.
    model.predict(codes[:2])
    assert card.seen[8:] == [3]


def test_gradients_and_activations_shrink_too(network, codes):
    whole, model = KerasModel(network, LENGTH, batch=5), KerasModel(network, LENGTH, batch=10)
    onehot = np.eye(4, dtype=np.float32)[codes]
    card = model._gradient = Card(model._gradient, 9)
    for target in model.targets:
        assert np.array_equal(model.gradient(onehot, target), whole.gradient(onehot, target))
    assert card.seen == [10, *[5] * 6]
    model._embed = Card(model._embed, 2)
    assert model.embed(codes) == pytest.approx(whole.embed(codes), abs=1e-6)
    assert model._embed.seen == [5, *[2] * 7]


def test_plain_batches_shrink(network, codes):
    onehot = np.eye(4, dtype=np.float32)[codes]
    plain = PlainPredictor(network, 8)
    (expected,) = plain(onehot)
    card = plain._graphs[8, False] = Card(plain._graphs[8, False], 7)
    assert plain(onehot)[0] == pytest.approx(expected, abs=1e-6)
    assert card.seen == [8] and set(plain._graphs) == {(8, False), (4, False)}


def test_a_card_that_holds_no_sequence_is_given_up(network, codes, monkeypatch, caplog):
    """The processor takes over at the first size; without a card one sentence ends the job."""
    expected = KerasModel(network, LENGTH, batch=4).predict(codes)
    model, places = KerasModel(network, LENGTH, batch=4), []
    on_processor = model._predict

    def card(sequences):
        places.append((len(sequences), tf.constant(0.0).device, model._sizes.processor))
        if not model._sizes.processor:
            raise too_large()
        return on_processor(sequences)

    model._predict = card
    monkeypatch.setattr(batch_memory, "has_card", lambda: True)
    assert np.array_equal(model.predict(codes), expected)
    assert [(size, processor) for size, _, processor in places] == [
        *((4, False), (2, False), (1, False)),
        *[(4, True)] * 4,
    ]
    assert all(device.endswith("CPU:0") for _, device, processor in places if processor)
    assert "2 sequences at a time" in caplog.text and "now without it" in caplog.text


@pytest.mark.parametrize("card", [True, False])
def test_too_large_for_any_memory_is_one_sentence(network, codes, monkeypatch, card):
    model = KerasModel(network, LENGTH, batch=2)
    model._predict = Card(model._predict, 0)
    monkeypatch.setattr(batch_memory, "has_card", lambda: card)
    with pytest.raises(InputError, match=r"more memory for one sequence than there is.*mem_mb"):
        model.predict(codes)
    assert model._predict.seen == [2, 1] * (1 + card)


def test_other_errors_are_not_taken_for_lack_of_memory(network, codes):
    model, seen = KerasModel(network, LENGTH, batch=4), []

    def broken(sequences):
        seen.append(len(sequences))
        raise tf.errors.InternalError(None, None, "no kernel image")

    model._predict = broken
    with pytest.raises(tf.errors.InternalError):
        model.predict(codes)
    assert seen == [4]


def test_training_is_not_changed_by_lack_of_memory(codes, monkeypatch):
    def full(*arguments, **options):
        raise too_large()

    def build(keras):
        return keras.Sequential([keras.Input((LENGTH, 4)), keras.layers.Flatten()])

    for name in ("set_intra_op_parallelism_threads", "set_inter_op_parallelism_threads"):
        monkeypatch.setattr(tf.config.threading, name, lambda threads: None)
    monkeypatch.setattr(keras.Model, "fit", full)

    epochs = [(codes, np.zeros((13, LENGTH * 4)), 0.1)]
    with pytest.raises(InputError, match=r"training with 7 sequences.*train\.schedule\.batch"):
        fit(build, epochs, np.random.default_rng(0), 7)


def test_cards_give_memory_as_it_is_needed(monkeypatch):
    asked = []

    def started(card, growth):
        asked.append((card, growth))
        if card == "second":
            raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["first", "second"])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", started)
    batch_memory.share_cards()
    assert asked == [("first", True), ("second", True)]
