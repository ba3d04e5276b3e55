"""Trainable networks, one file each.

An architecture is one file here plus its name in `REGISTRY`. The file holds

    Settings                                     a pydantic model of its options
    build(keras, length, targets, settings)      an uncompiled keras.Model: one-hot (N, L, 4) ->
                                                 one linear output (N, T), logits for labels

`keras` is handed in as an argument, so that only giaflow.models imports it.
"""

from giaflow.base.registry import Registry

REGISTRY = Registry(
    "architecture", "giaflow.models.training.architectures", ("exponential_cnn", "residualbind")
)
