"""A small convolutional network whose first layer has an exponential activation.

The exponential makes first-layer filters learn whole motifs and keeps attributions clean
(Koo & Ploenzke 2021, Nat Mach Intell 3:258). Trains in about a minute on two processor cores.
"""

from typing import Literal

from pydantic import Field

from giaflow.base.settings import Settings as Base


class Settings(Base):
    """Sizes of the network."""

    filters: int = Field(32, ge=1)
    """First-layer filters."""
    width: int = Field(15, ge=1)
    """Letters a first-layer filter spans."""
    pool: int = Field(4, ge=1)
    """Positions pooled after the first layer."""
    hidden: int = Field(32, ge=1)
    """Channels of the second convolution and of the dense layer."""
    readout: Literal["average", "positions"] = "average"
    """What the dense layer reads: the average over positions, or every position by itself, for
    short sequences in which a place has a meaning of its own."""
    dropout: float = Field(0.2, ge=0, lt=1)
    """Share of activations dropped while training."""


def build(keras, length, targets, settings):
    """The network as an uncompiled model: one-hot (N, L, 4) -> linear outputs (N, T)."""
    layers, s = keras.layers, settings
    sequence = keras.Input((length, 4), name="sequence")
    x = layers.Conv1D(s.filters, s.width, padding="same", use_bias=False, name="motifs")(sequence)
    x = layers.BatchNormalization(name="motifs_scale")(x)
    x = layers.Activation("exponential", name="motifs_exponential")(x)
    x = layers.MaxPooling1D(s.pool, name="motifs_pool")(x)
    x = layers.Dropout(s.dropout, name="motifs_dropout")(x)
    x = layers.Conv1D(s.hidden, 7, padding="same", use_bias=False, name="syntax")(x)
    x = layers.BatchNormalization(name="syntax_scale")(x)
    x = layers.Activation("relu", name="syntax_relu")(x)
    if s.readout == "average":
        x = layers.GlobalAveragePooling1D(name="average")(x)
    else:
        x = layers.Flatten(name="positions")(x)
    x = layers.Dropout(s.dropout, name=f"{s.readout}_dropout")(x)
    x = layers.Dense(s.hidden, activation="relu", name="readout")(x)
    logits = layers.Dense(len(targets), name="logits")(x)
    return keras.Model(sequence, logits, name="exponential_cnn")
