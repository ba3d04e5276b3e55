"""Every layer with an op: the plan and its edits against the Keras layer itself."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giaflow.models.engine.incremental import IncrementalModel
from giaflow.models.plan.plan import from_arrays, to_arrays
from giaflow.models.plan.readouts import Target, with_targets
from giaflow.models.readers.keras_batches import PlainPredictor
from giaflow.models.readers.keras_export import export, heads_function, rest_function

K = keras.layers
L, N, C = 29, 3, 7


def conv(filters=6, width=3, **options):
    return K.Conv1D(filters, width, **options)


def chain(*layers):
    def build(x):
        for layer in layers:
            x = layer()(x)
        return x

    return build


def after_conv(layer):
    """A layer on six channels, and a convolution that reads its windows."""
    return chain(lambda: conv(6, 5), layer, lambda: conv(5, 2))


def residual(x):
    x = conv(6, 3, padding="same")(x)
    y = conv(6, 3, padding="same", activation="relu")(x)
    return K.Activation("relu")(K.Add()([y, x]))


def two_inputs(layer):
    def build(x):
        return conv(4, 2)(layer()([conv(6, 3, padding="same")(x), conv(6, 8, padding="causal")(x)]))

    return build


def squeeze(x):
    x = conv(6, 3, activation="relu")(x)
    gate = K.Dense(6, activation="sigmoid")(K.Reshape((1, 6))(K.GlobalAveragePooling1D()(x)))
    return conv(4, 2)(K.Multiply()([x, gate]))


def reverse_complement(x):
    shared = keras.Sequential([conv(6, 5, activation="relu"), K.GlobalMaxPooling1D(), K.Dense(3)])
    return (shared(x) + shared(x[:, ::-1, ::-1])) / 2


def flipped(x):
    return conv(4, 3, strides=2)(keras.ops.flip(conv(6, 3)(x), axis=1))


def sliced(x):
    return conv(4, 3)(conv(6, 3)(x)[:, 2:-3, 1:5])


def nested(x):
    inner = keras.Input((None, 6))
    block = keras.Model(inner, K.Add()([inner, conv(6, 3, padding="same")(inner)]))
    return block(keras.Sequential([block, K.BatchNormalization()])(conv(6, 3)(x)))


def appended(x):
    first = conv(6, 3, activation="relu")(x)
    joined = K.Concatenate(axis=1)([first, conv(6, 5, strides=2)(x), first])
    return K.Dense(3)(keras.ops.concatenate([conv(4, 2)(joined), conv(4, 3)(x)], axis=-2))


def branches(x):
    x = conv(6, 3, activation="relu")(x)
    pooled = K.Concatenate()([K.GlobalMaxPooling1D()(x), K.GlobalAveragePooling1D()(x)])
    return K.Dense(3, activation="softplus")(K.BatchNormalization()(pooled))


def two_dense(x):
    flat = K.Flatten()(conv(6, 4)(x))
    return K.Add()([K.Dense(5)(flat), K.Dense(5, activation="relu")(flat)])


def flat_norm(x):
    return K.Dense(3)(K.Activation("tanh")(K.BatchNormalization()(K.Flatten()(conv(3, 4)(x)))))


def pooled_by_attention(x):
    """As in Enformer: of every four positions a mean, weighted channel by channel."""
    x = K.Reshape((7, 4, 6))(conv(6, 2, activation="relu")(x))
    weights = K.Softmax(axis=-2)(K.Dense(6)(x))
    return conv(4, 2)(keras.ops.sum(x * weights, axis=2))


def attended(x):
    """One weight for each position, over the whole sequence."""
    x = conv(6, 3, activation="relu")(x)
    weights = keras.ops.softmax(K.Dense(1, activation="tanh")(x), axis=1)
    return K.Dense(3)(keras.ops.sum(K.Multiply()([weights, x]), axis=1))


def functions(x):
    x = keras.ops.leaky_relu(keras.ops.elu(conv(6, 3)(x), alpha=0.6), negative_slope=0.1)
    x = keras.ops.selu(x) + keras.ops.log_sigmoid(x) + keras.ops.hard_sigmoid(x)
    return conv(4, 2)(keras.ops.log1p(keras.ops.square(x)) + keras.ops.log(keras.ops.exp(x) + 1.0))


def numbers(x):
    x = 2.0 * conv(6, 3)(x) + 0.5
    return keras.ops.mean(keras.ops.relu(x) * x - 0.25, axis=1)


CASES = {
    "conv": chain(lambda: conv(5, 4)),
    "conv same": chain(lambda: conv(5, 4, padding="same")),
    "conv causal": chain(lambda: conv(5, 4, padding="causal", dilation_rate=3)),
    "conv strided": chain(lambda: conv(5, 4, padding="same", strides=3), lambda: conv(3, 2)),
    "conv stride over kernel": chain(lambda: conv(5, 2, strides=5), lambda: conv(3, 2)),
    "conv dilated": chain(lambda: conv(5, 4, padding="same", dilation_rate=5)),
    "conv groups": chain(lambda: conv(6, 3), lambda: conv(9, 4, groups=3), lambda: conv(2, 3)),
    "depthwise": after_conv(lambda: K.DepthwiseConv1D(4, depth_multiplier=2, activation="tanh")),
    "separable": after_conv(lambda: K.SeparableConv1D(7, 3, depth_multiplier=2, padding="same")),
    "few channels": chain(
        lambda: conv(5, 3), lambda: conv(3, 6, padding="same"), lambda: conv(2, 4)
    ),
    "few channels dilated": chain(
        lambda: conv(5, 3),
        lambda: conv(3, 4, dilation_rate=3, padding="causal"),
        lambda: conv(2, 3, strides=2, activation="relu"),
    ),
    "one channel": chain(lambda: conv(5, 3), lambda: conv(1, 7, padding="same")),
    "dense on positions": chain(lambda: conv(6, 3), lambda: K.Dense(5, activation="relu")),
    "dense on flat": chain(lambda: conv(6, 3), K.Flatten, lambda: K.Dense(5)),
    "two dense on flat": two_dense,
    "norm on flat": flat_norm,
    "norm first": chain(K.BatchNormalization, lambda: conv(5, 3), lambda: K.Activation("relu")),
    "norm relu conv": after_conv(lambda: keras.Sequential([K.BatchNormalization(), K.ReLU()])),
    "norm without scale": after_conv(lambda: K.BatchNormalization(scale=False, center=False)),
    "layer norm": after_conv(K.LayerNormalization),
    "max pool": chain(lambda: conv(6, 3, activation="relu"), lambda: K.MaxPooling1D(3)),
    "max pool same": after_conv(lambda: K.MaxPooling1D(4, strides=3, padding="same")),
    "max pool overlapping": after_conv(lambda: K.MaxPooling1D(5, strides=2)),
    "average pool": after_conv(lambda: K.AveragePooling1D(4)),
    "average pool same": after_conv(lambda: K.AveragePooling1D(4, strides=3, padding="same")),
    "global max": chain(lambda: conv(6, 3, activation="tanh"), K.GlobalMaxPooling1D),
    "global average": chain(lambda: conv(6, 3, activation="tanh"), K.GlobalAveragePooling1D),
    "residual": residual,
    "multiply": two_inputs(K.Multiply),
    "maximum": two_inputs(K.Maximum),
    "minimum": two_inputs(K.Minimum),
    "average": two_inputs(K.Average),
    "concatenate": two_inputs(K.Concatenate),
    "concatenate positions": appended,
    "squeeze and excite": squeeze,
    "crop": after_conv(lambda: K.Cropping1D((3, 5))),
    "pad": after_conv(lambda: K.ZeroPadding1D((2, 4))),
    "upsample": after_conv(lambda: K.UpSampling1D(3)),
    "dropout": after_conv(lambda: K.SpatialDropout1D(0.5)),
    "rescale": after_conv(lambda: K.Rescaling(0.3, 0.2)),
    "conv transposed": after_conv(lambda: K.Conv1DTranspose(5, 4, activation="relu")),
    "conv transposed same": after_conv(
        lambda: K.Conv1DTranspose(5, 4, strides=3, padding="same", use_bias=False)
    ),
    "conv transposed apart": after_conv(lambda: K.Conv1DTranspose(5, 2, strides=3)),
    "conv transposed dilated": after_conv(
        lambda: K.Conv1DTranspose(5, 3, dilation_rate=2, padding="same")
    ),
    "attention pool": pooled_by_attention,
    "attention over all": attended,
    "functions": functions,
    "slices": sliced,
    "flip": flipped,
    "reverse complement": reverse_complement,
    "nested and shared": nested,
    "branches": branches,
    "numbers": numbers,
    "relu variants": after_conv(lambda: K.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2)),
    "leaky relu": after_conv(lambda: K.LeakyReLU(0.3)),
    "prelu": after_conv(lambda: K.PReLU(shared_axes=[1])),
    "elu": after_conv(lambda: K.ELU(0.7)),
    "softmax layer": after_conv(K.Softmax),
} | {
    f"activation {name}": after_conv(lambda name=name: K.Activation(name))
    for name in (
        *("relu", "relu6", "leaky_relu", "exponential", "sigmoid", "log_sigmoid", "hard_sigmoid"),
        *("hard_silu", "silu", "tanh", "softplus", "softsign", "mish", "gelu", "elu", "selu"),
        *("softmax", "log_softmax"),
    )
}

# What has no op: the layer that is named, and the clause that says why.
OPAQUE = {
    "lstm": (chain(conv, lambda: K.LSTM(5, name="memory"), lambda: K.Dense(2)), "no op for LSTM"),
    "attention": (
        lambda x: (lambda y: K.MultiHeadAttention(2, 3, name="memory")(y, y))(conv()(x)),
        "no op for MultiHeadAttention",
    ),
    "group norm": (
        after_conv(lambda: K.GroupNormalization(2, name="memory")),
        "no op for GroupNormalization",
    ),
    "norm over positions": (
        after_conv(lambda: K.LayerNormalization(axis=1, name="memory")),
        "it normalises over positions",
    ),
    "half precision": (
        after_conv(lambda: conv(3, 2, dtype="mixed_float16", name="memory")),
        "float16",
    ),
    "custom activation": (
        after_conv(lambda: K.Activation(lambda x: x * x, name="memory")),
        "'<lambda>' has no op",
    ),
}


def built(build, seed=0):
    inputs = keras.Input((L, 4))
    model = keras.Model(inputs, build(inputs))
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        positive = "variance" in weight.name or "gamma" in weight.name
        values = (
            rng.uniform(0.5, 1.5, weight.shape) if positive else rng.normal(0, 0.4, weight.shape)
        )
        if weight.dtype.startswith("float"):
            weight.assign(values.astype(np.float32))
    return model


def read(plan):
    """Every column of the first and of a middle position of every head."""
    targets = []
    for head, t in plan.heads.items():
        length, columns = plan.shapes[t]
        for at in sorted({0, length // 2, length - 1}):
            targets += [Target(f"{head} {at} {c}", head, c, at, at + 1) for c in range(columns)]
    return with_targets(plan, targets)


def edits(rng, codes, conditions=C):
    """Edited backgrounds: the first unchanged, then letters, spans at both ends, pairs, all."""
    n, length = codes.shape
    edited = np.repeat(codes[None], conditions, 0)
    edited[1, :, 0] = (codes[:, 0] + 1) % 4
    edited[2, :, -4:] = rng.integers(0, 4, (n, 4))
    edited[3, :, 9] = 4
    edited[4, :, [3, 17]] = rng.integers(0, 4, (2, 1, n)).reshape(2, n)
    edited[5, :, [1, 14, -1]] = 3 - edited[5, :, [1, 14, -1]]
    edited[6] = rng.integers(0, 5, (n, length))
    return edited


@pytest.fixture(scope="module")
def draws():
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 5, (N, L)).astype(np.uint8)
    return codes, edits(rng, np.minimum(codes, 3))


def close(got, wanted):
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-5 * max(np.abs(wanted).max(), 1e-3))


spans = st.tuples(
    st.integers(0, C - 1), st.integers(0, N - 1), st.integers(0, L - 1), st.integers(1, 9)
)


def check_drawn(plain, fast):
    """Edits that hypothesis draws: several stretches of one letter, at either end too."""

    @settings(max_examples=8, deadline=None, database=None)
    @given(
        seed=st.integers(0, 99),
        stretches=st.lists(st.tuples(spans, st.integers(0, 4)), min_size=1, max_size=9),
    )
    def drawn(seed, stretches):
        codes = np.random.default_rng(seed).integers(0, 4, (N, L)).astype(np.uint8)
        edited = np.repeat(codes[None], C, 0)
        for (c, n, start, width), letter in stretches:
            edited[c, n, start : start + width] = letter
        wanted = plain.predict(edited.reshape(-1, L)).reshape(C, N, -1)
        close(fast.predict_edits(codes, [edited]), wanted)

    drawn()


def check(model, plan, draws, rest=None):
    codes, edited = np.minimum(draws[0], 3), draws[1]
    plan = read(from_arrays(to_arrays(plan)))
    plain = IncrementalModel(plan, plain=PlainPredictor(heads_function(model), 5))
    fast = IncrementalModel(plan, rest)
    close(fast.predict(draws[0]), plain.predict(draws[0]))
    wanted = np.stack([plain.predict(one) for one in edited])
    assert np.abs(wanted[1:] - wanted[0]).max() > 1e-4
    got = fast.predict_edits(codes, [edited[:2], edited[2:]])
    close(got, wanted)
    close(plain.predict_edits(codes, [edited]), wanted)
    check_drawn(plain, fast)


@pytest.mark.parametrize("name", CASES)
def test_layer(name, draws):
    model = built(CASES[name])
    plan = export(model)
    assert plan.opaque is None
    check(model, plan, draws)


@pytest.mark.parametrize("name", OPAQUE)
def test_layer_without_op_runs_in_keras(name, draws):
    build, reason = OPAQUE[name]
    model = built(build)
    plan = export(model)
    assert reason in plan.opaque.settings["reason"]
    assert plan.opaque.name == "memory"
    check(model, plan, draws, PlainPredictor(rest_function(model, plan), 4))
