"""ResidualBind: a dilated residual network for the probes of an RNAcompete array.

Koo, Majdandzic, Ploenzke, Anand & Paul 2021 (PLOS Comput Biol 17:e1008925). They train it with
Adam at 0.001 in batches of 100 for at most 300 epochs, keep the epoch with the highest Pearson r on
a tenth of set A, multiply the rate by 0.3 after 7 epochs without a higher one, and stop after 20.
The defaults have 216,321 weights at 41 letters and one target.
"""

from pydantic import Field

from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base


class Settings(Base):
    """Sizes of the network."""

    filters: int = Field(96, ge=1)
    """Filters of every convolution."""
    width: int = Field(11, ge=1)
    """Letters a first-layer filter spans."""
    dilations: list[int] = Field(default_factory=lambda: [1, 2, 4, 8], min_length=1)
    """Dilation of each convolution, three positions wide, of the residual block."""
    pool: int = Field(10, ge=1)
    """Positions averaged after the residual block; a rest at the 3' end is left out."""
    hidden: int = Field(256, ge=1)
    """Units of the dense layer."""
    dropout: list[float] = Field(
        default_factory=lambda: [0.1, 0.2, 0.5], min_length=3, max_length=3
    )
    """Shares of activations dropped while training: after convolutions, after pooling, and before
    the output."""


def build(keras, length, targets, settings):
    """The network as an uncompiled model: one-hot (N, L, 4) -> linear outputs (N, T)."""
    layers, s = keras.layers, settings
    if length < s.pool:
        raise InputError(f"residualbind pools {s.pool} positions, but sequences have {length}")
    after_convolution, after_pool, before_output = s.dropout

    def convolution(x, name, width, dilation=1):
        x = layers.Conv1D(
            s.filters, width, padding="same", use_bias=False, dilation_rate=dilation, name=name
        )(x)
        return layers.BatchNormalization(name=f"{name}_scale")(x)

    def activated(x, name):
        x = layers.Activation("relu", name=f"{name}_relu")(x)
        return layers.Dropout(after_convolution, name=f"{name}_dropout")(x)

    sequence = keras.Input((length, 4), name="sequence")
    x = activated(convolution(sequence, "motifs", s.width), "motifs")
    block = x
    for i, dilation in enumerate(s.dilations):
        if i:
            block = activated(block, f"block_{i}")
        block = convolution(block, f"block_{i + 1}", 3, dilation)
    x = layers.Add(name="residual")([x, block])
    x = layers.Activation("relu", name="residual_relu")(x)
    x = layers.AveragePooling1D(s.pool, name="pool")(x)
    x = layers.Dropout(after_pool, name="pool_dropout")(x)
    x = layers.Flatten(name="positions")(x)
    x = layers.Dense(s.hidden, use_bias=False, name="readout")(x)
    x = layers.BatchNormalization(name="readout_scale")(x)
    x = layers.Activation("relu", name="readout_relu")(x)
    x = layers.Dropout(before_output, name="readout_dropout")(x)
    outputs = layers.Dense(len(targets), name="outputs")(x)
    return keras.Model(sequence, outputs, name="residualbind")
