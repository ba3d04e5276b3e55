"""Representative genomic networks with seeded weights, at full size or small.

ResidualBind (Koo et al. 2021), DeepSTARR (de Almeida et al. 2022), Basset (Kelley et al. 2016),
BPNet (Avsec et al. 2021), SpliceAI (Jaganathan et al. 2019) and Basenji (Kelley et al. 2018),
from their papers' tables of layers.
"""

import keras
import numpy as np

K = keras.layers


def residualbind(length, filters=96, width=11, dilations=(1, 2, 4, 8), pool=10, hidden=256):
    x = inputs = keras.Input((length, 4))
    x = K.Conv1D(filters, width, padding="same", use_bias=False)(x)
    x = K.Dropout(0.1)(K.Activation("relu")(K.BatchNormalization()(x)))
    y = x
    for i, dilation in enumerate(dilations):
        y = K.Conv1D(filters, 3, padding="same", use_bias=False, dilation_rate=dilation)(y)
        y = K.BatchNormalization()(y)
        if i < len(dilations) - 1:
            y = K.Dropout(0.1)(K.Activation("relu")(y))
    x = K.Activation("relu")(K.Add()([x, y]))
    x = K.Flatten()(K.Dropout(0.2)(K.AveragePooling1D(pool)(x)))
    x = K.Activation("relu")(K.BatchNormalization()(K.Dense(hidden, use_bias=False)(x)))
    return keras.Model(inputs, K.Dense(1)(K.Dropout(0.5)(x)))


def convpool(length, layers, hidden, outputs):
    x = inputs = keras.Input((length, 4))
    for filters, width, pool in layers:
        x = K.Conv1D(filters, width, padding="same")(x)
        x = K.MaxPooling1D(pool)(K.Activation("relu")(K.BatchNormalization()(x)))
    x = K.Flatten()(x)
    for units in hidden:
        x = K.Dropout(0.4)(K.Activation("relu")(K.BatchNormalization()(K.Dense(units)(x))))
    return keras.Model(inputs, K.Dense(outputs)(x))


def bpnet(length, filters=64, first=25, dilations=9, last=75):
    x = inputs = keras.Input((length, 4))
    x = K.Conv1D(filters, first, padding="same", activation="relu")(x)
    for i in range(1, dilations + 1):
        y = K.Conv1D(filters, 3, padding="same", dilation_rate=2**i, activation="relu")(x)
        x = K.Add()([x, y])
    profile = K.Conv1D(1, last, padding="same", name="profile")(x)
    return keras.Model(inputs, [profile, K.Dense(1, name="counts")(K.GlobalAveragePooling1D()(x))])


def spliceai(length, filters=32, widths=(11,) * 8, dilations=(1, 1, 1, 1, 4, 4, 4, 4)):
    inputs = keras.Input((length, 4))
    x = K.Conv1D(filters, 1)(inputs)
    skip = K.Conv1D(filters, 1)(x)
    for i, (width, dilation) in enumerate(zip(widths, dilations, strict=True)):
        y = x
        for _ in range(2):
            y = K.Activation("relu")(K.BatchNormalization()(y))
            y = K.Conv1D(filters, width, dilation_rate=dilation, padding="same")(y)
        x = K.Add()([x, y])
        if i % 4 == 3:
            skip = K.Add()([skip, K.Conv1D(filters, 1)(x)])
    return keras.Model(inputs, K.Conv1D(3, 1, name="logits")(skip))


def basenji(length, layers=((64, 15, 8), (72, 5, 4), (80, 5, 4)), dilated=5, narrow=32, tracks=4):
    x = inputs = keras.Input((length, 4))
    for filters, width, pool in layers:
        x = K.Conv1D(filters, width, padding="same")(x)
        x = K.MaxPooling1D(pool)(K.Activation("relu")(K.BatchNormalization()(x)))
    for i in range(dilated):
        y = K.Conv1D(narrow, 3, padding="same", dilation_rate=2**i)(x)
        y = K.Activation("relu")(K.BatchNormalization()(y))
        y = K.BatchNormalization()(K.Conv1D(layers[-1][0], 1)(y))
        x = K.Activation("relu")(K.Add()([x, y]))
    x = K.Activation("relu")(K.Conv1D(64, 1)(x))
    return keras.Model(inputs, K.Conv1D(tracks, 1, name="tracks")(x))


def exponential(length, filters=24, width=9):
    x = inputs = keras.Input((length, 4))
    x = K.Conv1D(filters, width, padding="same")(x)
    x = K.MaxPooling1D(4)(K.Activation("exponential")(K.BatchNormalization()(x)))
    x = K.MaxPooling1D(3)(K.Conv1D(2 * filters, 5, activation="relu")(x))
    return keras.Model(inputs, K.Dense(2)(K.Dense(31, activation="relu")(K.Flatten()(x))))


FULL = {
    "ResidualBind L=41": lambda: residualbind(41),
    "ResidualBind L=200": lambda: residualbind(200),
    "DeepSTARR L=249": lambda: convpool(
        249, [(256, 7, 2), (60, 3, 2), (60, 5, 2), (120, 3, 2)], (256, 256), 2
    ),
    "Basset L=600": lambda: convpool(
        600, [(300, 19, 3), (200, 11, 4), (200, 7, 4)], (1000, 164), 10
    ),
    "BPNet L=1000": lambda: bpnet(1000),
    "SpliceAI L=2000": lambda: spliceai(2000),
    "Basenji L=4096": lambda: basenji(4096),
}

SMALL = {
    "residualbind": lambda: residualbind(43, filters=12, width=5, dilations=(1, 2), hidden=17),
    "convpool": lambda: convpool(61, [(13, 7, 2), (9, 3, 3)], (19, 11), 2),
    "bpnet": lambda: bpnet(97, filters=10, first=7, dilations=3, last=15),
    "spliceai": lambda: spliceai(71, filters=9, widths=(5,) * 4, dilations=(1, 1, 2, 2)),
    "basenji": lambda: basenji(131, layers=((11, 5, 3), (13, 3, 2)), dilated=3, narrow=7),
    "exponential": lambda: exponential(83),
}


def randomise(model, seed=0):
    """Set seeded weights by shape alone, of the size that trained ones have."""
    rng = np.random.default_rng(seed)
    for layer in [one for one in model._flatten_layers() if one.weights and one is not model]:
        if isinstance(layer, keras.Model):
            continue
        for weight in layer.weights:
            shape = tuple(weight.shape)
            if weight.name == "moving_variance" or weight.name == "gamma":
                values = rng.uniform(0.5, 1.5, shape)
            elif len(shape) > 1:
                values = rng.normal(0, 0.8 * np.sqrt(2 / np.prod(shape[:-1])), shape)
            else:
                values = rng.normal(0, 0.1, shape)
            weight.assign(values.astype(np.float32))
    return model
