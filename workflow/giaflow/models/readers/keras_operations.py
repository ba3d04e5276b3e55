"""Layers and operations without weights as ops of a plan: pools, joins, slices. Imports Keras."""

import keras
import numpy as np
from keras.src.ops import nn
from keras.src.ops import numpy as on_arrays

from giaflow.models.readers.keras_weighted_layers import (
    act,
    affine,
    need,
    padded,
    rank,
    run_length,
    softmax,
)

K = keras.layers


def _pool(mode):
    def convert(layer, call, shapes):
        need(layer.data_format == "channels_last", "its channels come first")
        size, stride = layer.pool_size[0], layer.strides[0]
        left, out = padded(layer.padding, shapes[0][0], size, stride, 1)
        settings = {"mode": mode, "size": size, "stride": stride, "left": left}
        return [("pool", settings, {}, (out, shapes[0][1]))]

    return convert


def _pooled(mode, shape):
    settings = {"mode": mode, "size": shape[0], "stride": shape[0], "left": 0}
    return [("pool", settings, {}, (1, shape[1]))]


def _global(mode):
    def convert(layer, call, shapes):
        need(layer.data_format == "channels_last", "its channels come first")
        return _pooled(mode, shapes[0])

    return convert


def _reduction(mode):
    def convert(operation, call, shapes):
        axis = operation.axis
        axis = list(axis) if isinstance(axis, (list, tuple)) else [axis]
        size = run_length(call, shapes, axis[0]) if len(axis) == 1 else None
        need(size, "it reduces another axis than the positions")
        settings = {"mode": mode, "size": size, "stride": size, "left": 0}
        return [("pool", settings, {}, (shapes[0][0] // size, shapes[0][1]))]

    return convert


def _joining(kind):
    def convert(operation, call, shapes):
        need(len(shapes) > 1, "it joins a tensor with a constant")
        full = max(shapes)
        same = all(shape == full for shape in shapes)
        gates = ((1, full[1]), (full[0], 1)) if kind == "multiply" and len(shapes) == 2 else ()
        # (N, C) times (N, L, C) would pair sequences with positions, other runs positions with
        # each other.
        axes = {t.shape[1:-1] for t in call.keras_inputs}
        alike = len({len(t.shape) for t in call.keras_inputs}) == 1
        alike = alike and (rank(call) < 4 or len(axes) == 1)
        need((same or min(shapes) in gates) and alike, "its inputs have different shapes")
        return [(kind, {}, {}, full)]

    return convert


def _average(layer, call, shapes):
    joined = _joining("add")(layer, call, shapes)
    return [*joined, affine(1 / len(shapes), 0, shapes[0])]


def _arithmetic(kind, constant):
    """Add, multiply or divide: of tensors, or of one tensor and a number."""

    def convert(operation, call, shapes):
        if len(shapes) > 1:
            need(kind is not None, "it divides or subtracts tensors")
            return _joining(kind)(operation, call, shapes)
        number = [a for a in call.arguments.args if isinstance(a, (int, float, np.number))]
        turned = call.arguments.args[0] is not call.keras_inputs[0]
        need(len(number) == 1, "it joins a tensor with an array")
        need(kind is not None or not turned, "it divides, or subtracts from, a number")
        return [affine(*constant(float(number[0])), shapes[0])]

    return convert


def _concatenate(layer, call, shapes):
    axis = layer.axis % rank(call)
    if axis == 1 and rank(call) == 3:
        return _appended(shapes)
    need(axis == rank(call) - 1, "it joins along another axis than positions or channels")
    length = shapes[0][0]
    need(all(shape[0] == length for shape in shapes), "its inputs have different lengths")
    return [("concat", {}, {}, (length, sum(shape[1] for shape in shapes)))]


def _appended(shapes):
    """Inputs one after another along positions: each with zeros where the others stand, summed."""
    lengths = [shape[0] for shape in shapes]
    places = np.arange(sum(lengths))
    starts = np.cumsum(lengths) - lengths
    taken = []
    for start, shape in zip(starts, shapes, strict=True):
        own = (places >= start) & (places < start + shape[0])
        taken += _taken(np.where(own, places - start, -1), shape)
    return [taken, ("add", {}, {}, taken[0][3])]


def _taken(positions, shape, channels=None):
    channels = np.arange(shape[1]) if channels is None else channels
    weights = {"positions": positions.astype(np.int32), "channels": channels.astype(np.int32)}
    return [("take", {}, weights, (len(positions), len(channels)))]


def _cropping(layer, call, shapes):
    left, right = layer.cropping
    return _taken(np.arange(left, shapes[0][0] - right), shapes[0])


def _zero_padding(layer, call, shapes):
    left, right = layer.padding
    need(layer.data_format == "channels_last", "its channels come first")
    return _taken(np.pad(np.arange(shapes[0][0]), (left, right), constant_values=-1), shapes[0])


def _upsampling(layer, call, shapes):
    return _taken(np.repeat(np.arange(shapes[0][0]), layer.size), shapes[0])


def _get_item(operation, call, shapes):
    key = call.arguments.args[1] if len(call.arguments.args) > 1 else call.arguments.kwargs["key"]
    key = list(key) if isinstance(key, (list, tuple)) else [key]
    need(rank(call) < 4, "it slices runs of positions")
    need(all(isinstance(part, slice) for part in key), "it picks single positions or new axes")
    need(key[0] == slice(None), "it slices the sequences")
    need(rank(call) in (2, 3), "it slices more axes than positions and channels")
    axes = [np.arange(size) for size in (shapes[0] if rank(call) == 3 else shapes[0][1:])]
    axes = [
        axis[part] for axis, part in zip(axes, [*key[1:], slice(None), slice(None)], strict=False)
    ]
    positions = axes[0] if rank(call) == 3 else np.zeros(1)
    return _taken(positions, shapes[0], axes[-1])


def _flip(operation, call, shapes):
    axis = operation.axis if isinstance(operation.axis, (list, tuple)) else [operation.axis]
    need(None not in axis and rank(call) == 3, "it reverses the sequences")
    axis = {a % 3 for a in axis}
    need(0 not in axis, "it reverses the sequences")
    positions, channels = (np.arange(size) for size in shapes[0])
    return _taken(
        positions[::-1] if 1 in axis else positions,
        shapes[0],
        channels[::-1] if 2 in axis else channels,
    )


def _reshape(layer, call, shapes):
    target = tuple(call.shapes[0])
    length, channels = shapes[0]
    # A plan has no axis of length one between positions and channels.
    target = (length, channels) if target == (length, 1, channels) else target
    if target in ((length, channels), (channels,)) and (length == 1 or len(target) == 2):
        return []
    if target == (1, channels) and length == 1:
        return []
    if len(target) == 3 and target[2] == channels:
        # Runs of positions: the numbers stay in their order.
        return []
    need(target in ((length * channels,), (1, length * channels)), f"it gives axes {target}")
    return [("flatten", {}, {}, (1, length * channels))]


def _nothing(layer, call, shapes):
    return []


def _function(name, parameters=None):
    return lambda operation, call, shapes: [act(name, parameters or {}, shapes[0])]


def _leaky(operation, call, shapes):
    return [act("rectified", {"negative_slope": float(operation.negative_slope)}, shapes[0])]


def _elu(operation, call, shapes):
    return [act("elu", {"alpha": float(operation.alpha)}, shapes[0])]


def _gelu(operation, call, shapes):
    return [act("gelu_tanh" if operation.approximate else "gelu", {}, shapes[0])]


CONVERTERS = {
    **dict.fromkeys((K.Dropout, K.SpatialDropout1D, K.GaussianNoise, K.GaussianDropout), _nothing),
    **dict.fromkeys((K.AlphaDropout, K.ActivityRegularization, K.Identity), _nothing),
    K.MaxPooling1D: _pool("max"),
    K.AveragePooling1D: _pool("average"),
    K.GlobalMaxPooling1D: _global("max"),
    K.GlobalAveragePooling1D: _global("average"),
    on_arrays.Max: _reduction("max"),
    on_arrays.Mean: _reduction("average"),
    on_arrays.Sum: _reduction("sum"),
    K.Add: _joining("add"),
    K.Multiply: _joining("multiply"),
    K.Maximum: _joining("maximum"),
    K.Minimum: _joining("minimum"),
    K.Average: _average,
    on_arrays.Add: _arithmetic("add", lambda number: (1.0, number)),
    on_arrays.Subtract: _arithmetic(None, lambda number: (1.0, -number)),
    on_arrays.Multiply: _arithmetic("multiply", lambda number: (number, 0.0)),
    on_arrays.Divide: _arithmetic(None, lambda number: (1 / number, 0.0)),
    on_arrays.TrueDivide: _arithmetic(None, lambda number: (1 / number, 0.0)),
    on_arrays.Maximum: _joining("maximum"),
    on_arrays.Minimum: _joining("minimum"),
    K.Concatenate: _concatenate,
    on_arrays.Concatenate: _concatenate,
    K.Cropping1D: _cropping,
    K.ZeroPadding1D: _zero_padding,
    K.UpSampling1D: _upsampling,
    on_arrays.GetItem: _get_item,
    on_arrays.Flip: _flip,
    K.Flatten: _reshape,
    K.Reshape: _reshape,
    K.Rescaling: lambda layer, call, shapes: [affine(layer.scale, layer.offset, shapes[0])],
    nn.Relu: _function("relu"),
    nn.Sigmoid: _function("sigmoid"),
    nn.Softplus: _function("softplus"),
    nn.Silu: _function("silu"),
    nn.Gelu: _gelu,
    nn.LeakyRelu: _leaky,
    nn.Elu: _elu,
    nn.Selu: _function("selu"),
    nn.LogSigmoid: _function("log_sigmoid"),
    nn.HardSigmoid: _function("hard_sigmoid"),
    nn.Softmax: softmax,
    on_arrays.Exp: _function("exponential"),
    on_arrays.Tanh: _function("tanh"),
    on_arrays.Log: _function("log"),
    on_arrays.Log1p: _function("log1p"),
    on_arrays.Square: _function("square"),
}
