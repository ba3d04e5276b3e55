"""Networks of every allowed layer are opened, and predict what they did before they were saved."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from giaflow.models.readers import allowed_layers as allowed
from giaflow.models.readers.opening import open_keras

# Of (N, 12, 4); what a layer needs beyond no arguments, and the axes it reads.
SETTINGS = {
    "Activation": ("softplus",), "ActivityRegularization": (0.1,), "Dense": (5,), "Dropout": (0.2,),
    "EinsumDense": ("abc,cd->abd", (12, 7)), "GRU": (5,), "LSTM": (5,), "SimpleRNN": (5,),
    "GaussianDropout": (0.1,), "GaussianNoise": (0.1,), "AlphaDropout": (0.1,),
    "Permute": ((2, 1),), "Rescaling": (2.0,), "Reshape": ((6, 8),),
    "SpatialDropout1D": (0.1,), "GroupNormalization": (2,),
}  # fmt: skip
KERNELS = ("Conv", "DepthwiseConv", "SeparableConv")
MERGING = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"}
PAIRS = {"AdditiveAttention": (), "Attention": (), "Dot": (1,), "GroupQueryAttention": (3, 4, 2),
         "MultiHeadAttention": (2, 3)}  # fmt: skip
CELLS = {"GRUCell", "LSTMCell", "SimpleRNNCell"}


def applied(name, x):
    """The output of a layer of a class for a tensor (N, 12, 4)."""
    kind = getattr(layers, name)
    if name in MERGING:
        return kind()([x, ops.flip(x, axis=1)])
    if name in PAIRS:
        y = x[:, ::-1]
        given = (x, y) if "Query" in name or "Head" in name else ([x, y],)
        return kind(*PAIRS[name])(*given)
    if name in CELLS:
        return layers.RNN(kind(5))(x)
    if name == "StackedRNNCells":
        return layers.RNN(kind([layers.LSTMCell(3), layers.GRUCell(5)]))(x)
    if name == "RNN":
        return kind(layers.SimpleRNNCell(3), return_sequences=True)(x)
    if name == "Bidirectional":
        return kind(layers.GRU(3))(x)
    if name in ("TimeDistributed", "SpectralNormalization"):
        return kind(layers.Dense(3, activation="gelu"))(x)
    if name in ("Embedding", "ReversibleEmbedding"):
        return kind(5, 3)(ops.argmax(x, axis=-1))
    if name == "RepeatVector":
        return kind(3)(layers.Flatten()(x))
    if name == "Normalization":
        return kind(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 4.0])(x)
    dimensions = next((d for d in (1, 2, 3) if f"{d}D" in name), 1)
    if dimensions > 1 or name.startswith("ConvLSTM"):
        shape = {1: (6, 2, 4), 2: (6, 2, 4), 3: (3, 2, 2, 4)}[dimensions]
        if name.startswith("ConvLSTM"):
            shape = {1: (3, 4, 4), 2: (3, 2, 2, 4), 3: (3, 2, 2, 2, 2)}[dimensions]
        x = layers.Reshape(shape)(x)
    if name.startswith(("Conv", "Separable")):
        return kind(5, 2, padding="same")(x)
    if name.startswith("DepthwiseConv"):
        return kind(2)(x)
    if name.startswith(("Adaptive", "AveragePooling", "AvgPool")):
        return kind(2)(x)
    if name.startswith("Cropping"):
        return kind(((1, 0),) * dimensions if dimensions > 1 else 1)(x)
    if name.startswith("SpatialDropout"):
        return kind(0.1)(x)
    return kind(*SETTINGS.get(name, ()))(x)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.parametrize("name", sorted(allowed.LAYERS - {"InputLayer"}))
def test_a_network_with_an_allowed_layer_is_opened(tmp_path, name, suffix):
    sequence = keras.Input((12, 4), name="sequence")
    operations = MERGING | set(PAIRS) | {"Embedding", "ReversibleEmbedding", "Masking"}
    if suffix == "h5" and name in operations:
        pytest.skip("Keras cannot read operations out of .h5")
    found = applied(name, sequence)
    if name == "Masking":
        found = layers.LSTM(3)(found)
    for size in found.shape[1:]:
        assert size is not None
    head = layers.Dense(2)(layers.Flatten()(found))
    check(keras.Model(sequence, head), tmp_path / f"m.{suffix}")


def check(model, path):
    """Save a network, open it, and compare predictions of (5, 12, 4)."""
    model.save(path)
    opened = open_keras(path)
    x = np.eye(4, dtype=np.float32)[np.random.default_rng(1).integers(0, 4, (5, 12))]
    np.testing.assert_array_equal(opened(x, training=False), model(x, training=False))


def test_functions_of_tensors_are_opened(tmp_path):
    x = sequence = keras.Input((12, 4))
    x = layers.Conv1D(6, 3, activation="exponential", kernel_initializer="he_normal",
                      kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2),
                      kernel_constraint=keras.constraints.NonNeg(), padding="same")(x)  # fmt: skip
    x = layers.Dense(6, activation=layers.LeakyReLU(0.3), dtype="float32")(x)
    x = ops.maximum(x[:, ::-1], ops.roll(x, 2, axis=1)) * 2 + ops.log1p(ops.square(x))
    x = ops.concatenate([x[..., :3], ops.softmax(x)], axis=-1)
    x = ops.einsum("nlc->nc", ops.where(x > 1, x, ops.zeros_like(x)))
    inner = keras.Sequential([keras.Input((9,)), layers.Dense(5), layers.Dense(3)])
    inner.compile("adam", "mse")
    check(keras.Model(sequence, ops.mean(inner(x), axis=-1, keepdims=True)), tmp_path / "m.keras")


@pytest.mark.parametrize("activation", sorted(allowed.ACTIVATIONS - {"glu", "threshold"}))
def test_every_allowed_activation_is_opened(tmp_path, activation):
    sequence = keras.Input((12, 4))
    x = layers.Flatten()(layers.Conv1D(6, 3, activation=activation)(sequence))
    check(keras.Model(sequence, x), tmp_path / "m.h5")
    check(keras.Model(sequence, x), tmp_path / "m.keras")


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_networks_of_other_numbers_are_opened(tmp_path, suffix, policy):
    sequence = keras.Input((12, 4))
    x = layers.Flatten()(layers.Conv1D(6, 3, dtype=policy)(sequence))
    check(keras.Model(sequence, x), tmp_path / f"m.{suffix}")
    sequential = [keras.Input((12, 4)), layers.Conv1D(6, 3), layers.Flatten(), layers.Dense(2)]
    check(keras.Sequential(sequential), tmp_path / f"s.{suffix}")
