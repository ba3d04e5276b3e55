"""Which models become plans, what is said of those that do not, and what is logged."""

import logging

import keras
import numpy as np
import pytest

from giaflow.base.checks import InputError
from giaflow.models.engine.incremental import IncrementalModel
from giaflow.models.plan.readouts import Target, with_targets
from giaflow.models.readers.keras_batches import PlainPredictor
from giaflow.models.readers.keras_export import export, heads_function, rest_function

K = keras.layers
L = 31


def network(length=L, last=None):
    inputs = keras.Input((length, 4))
    x = K.Conv1D(9, 5, padding="same", activation="relu", name="motifs")(inputs)
    x = last(x) if last else K.GlobalMaxPooling1D()(x)
    return keras.Model(inputs, K.Dense(2, name="out")(x))


def codes(rng, n=3):
    return rng.integers(0, 4, (n, L)).astype(np.uint8)


def test_a_model_of_any_length_runs_at_the_length_given(rng):
    model = network(None)
    plan = with_targets(export(model, length=L), [Target("t", "out", 1)])
    x = codes(rng)
    got = IncrementalModel(plan).predict(x)[:, 0]
    np.testing.assert_allclose(got, model(np.eye(4, dtype="f4")[x]).numpy()[:, 1], atol=1e-5)


def test_rest_of_a_model_of_any_length(rng):
    model = network(None, K.LSTM(6, name="memory"))
    plan = with_targets(export(model, length=L), [Target("t", "out", 1)])
    x = codes(rng)
    fast = IncrementalModel(plan, PlainPredictor(rest_function(model, plan), 4))
    plain = IncrementalModel(plan, plain=PlainPredictor(heads_function(model), 4))
    edited = np.stack([x, 3 - x])
    np.testing.assert_allclose(
        fast.predict_edits(x, [edited]), plain.predict_edits(x, [edited]), atol=1e-6
    )


def test_names_of_heads_and_what_travels_with_the_plan():
    inputs = keras.Input((L, 4))
    x = K.Conv1D(5, 3)(inputs)
    heads = [K.Conv1D(1, 3, name="profile")(x), K.Dense(1, name="counts")(K.Flatten()(x))]
    plan = export(keras.Model(inputs, heads), alphabet="ACGU", sha256="12ab")
    assert list(plan.heads) == ["profile", "counts"]
    assert (plan.alphabet, plan.sha256, plan.length, plan.targets) == ("ACGU", "12ab", L, ())
    assert plan.shapes[plan.heads["profile"]] == (L - 4, 1)


class Own(keras.Model):
    def call(self, x):
        return x


def two_inputs():
    a, b = keras.Input((L, 4)), keras.Input((7, 4))
    return keras.Model([a, b], [K.Flatten()(a), K.Flatten()(b)])


@pytest.mark.parametrize(
    ("build", "options", "message"),
    [
        (Own, {}, "functional or sequential"),
        (
            two_inputs,
            {},
            r"needs one input .* it has \(None, 31, 4\), \(None, 7, 4\)",
        ),
        (lambda: keras.Sequential([keras.Input((4, L)), K.Flatten()]), {}, r"has \(None, 4, 31\)"),
        (lambda: network(None), {}, "any length; say how long"),
        (network, {"length": 30}, "length 30 does not fit the model, which reads 31 letters"),
    ],
)
def test_models_that_are_refused(build, options, message):
    with pytest.raises(InputError, match=message):
        export(build(), **options)


def test_the_layer_that_ends_the_incremental_part_is_logged_once(caplog, rng):
    model = network(last=K.LSTM(6, name="memory"))
    plan = with_targets(export(model), [Target("t", "out")])
    rest = PlainPredictor(rest_function(model, plan), 4)
    plain = PlainPredictor(heads_function(model), 4)
    with caplog.at_level(logging.INFO, "giaflow"):
        model = IncrementalModel(plan, rest, plain)
        x = codes(rng)
        model.predict_edits(x, [np.stack([x, 3 - x])])
        IncrementalModel(plan, plain=plain)
    first, second = caplog.messages
    assert "as far as layer 'memory' (there is no op for LSTM)" in first
    assert second == "edits are predicted whole because of layer 'memory' (there is no op for LSTM)"


def attention(x):
    return K.MultiHeadAttention(2, 3, name="memory")(x, x)


@pytest.mark.parametrize(
    "last",
    [
        K.LSTM(6, name="memory"),
        K.Bidirectional(K.GRU(4), name="memory"),
        attention,
        K.LayerNormalization(axis=[1, 2], name="memory"),
    ],
)
def test_layers_that_mix_all_positions_are_predicted_as_keras_does(last, caplog, rng):
    model = network(last=last)
    plan = with_targets(export(model), [Target("t", "out", 1)])
    heads = PlainPredictor(heads_function(model), 4)
    with caplog.at_level(logging.INFO, "giaflow"):
        whole = IncrementalModel(plan, plain=heads)
        carried = IncrementalModel(plan, PlainPredictor(rest_function(model, plan), 4), heads)
    assert "predicted whole because of layer 'memory' (" in caplog.messages[0]
    assert "layer 'memory' (" in caplog.messages[1]
    x = codes(rng)
    edited = np.stack([x, 3 - x, x, x])
    edited[2, :, 0], edited[3, :, 11:14] = 1, 2
    got = whole.predict_edits(x, [edited])
    assert (got == np.stack([whole.predict(one) for one in edited])).all()
    np.testing.assert_allclose(carried.predict_edits(x, [edited]), got, atol=1e-6)


def spreading():
    """A first layer that spreads every letter over the whole sequence, before a dear one."""
    inputs = keras.Input((L, 4))
    x = K.Conv1D(3, 2 * L, padding="same", activation="relu", name="wide")(inputs)
    x = K.Conv1D(400, 9, padding="same", activation="relu", name="deep")(x)
    return keras.Model(inputs, K.Dense(2, name="out")(K.GlobalMaxPooling1D()(x)))


@pytest.mark.parametrize(("build", "said"), [(network, False), (spreading, True)])
def test_a_network_that_gains_nothing_is_predicted_whole(caplog, build, said, rng):
    model = build()
    plan = with_targets(export(model), [Target("t", "out")])
    with caplog.at_level(logging.INFO, "giaflow"):
        fast = IncrementalModel(plan, plain=PlainPredictor(heads_function(model), 4))
    assert len(caplog.messages) == said
    assert all("predicted whole: layer 'deep' is the dearest" in m for m in caplog.messages)
    x = codes(rng)
    edited = np.stack([x, x, 3 - x])
    edited[1, :, 5] = 4
    got = fast.predict_edits(x, [edited])
    wanted = np.stack([fast.predict(one) for one in edited])
    np.testing.assert_allclose(got, wanted, atol=1e-5)
