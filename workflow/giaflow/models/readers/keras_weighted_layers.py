"""Layers with weights, and activations, as ops of a plan. Imports Keras.

Each entry of `CONVERTERS` turns a use of one exact class into a chain of
(kind, settings, weights, shape), or a list of one for each input and then such a chain; a setting
that no op expresses raises `Unknown` with the reason.
"""

import keras
import numpy as np

K = keras.layers
A = keras.activations


class Unknown(Exception):
    """A layer has no op; the message is a clause that says why."""


def _array(variable):
    return np.ascontiguousarray(keras.ops.convert_to_tensor(variable).numpy(), np.float32)


def rank(call):
    """Axes of a call's first input in Keras, the sequences among them."""
    return len(call.keras_inputs[0].shape)


def need(condition, why):
    """Raise `Unknown` with the reason unless the condition holds."""
    if not condition:
        raise Unknown(why)


# Activations: the function in Keras -> its name and parameters here.
ACTIVATIONS = {
    A.relu: ("relu", {}),
    A.relu6: ("rectified", {"max_value": 6.0}),
    A.leaky_relu: ("rectified", {"negative_slope": 0.2}),
    A.exponential: ("exponential", {}),
    A.sigmoid: ("sigmoid", {}),
    A.log_sigmoid: ("log_sigmoid", {}),
    A.hard_sigmoid: ("hard_sigmoid", {}),
    A.hard_silu: ("hard_silu", {}),
    A.silu: ("silu", {}),
    A.tanh: ("tanh", {}),
    A.softplus: ("softplus", {}),
    A.softsign: ("softsign", {}),
    A.mish: ("mish", {}),
    A.gelu: ("gelu", {}),
    A.elu: ("elu", {}),
    A.selu: ("selu", {}),
    A.softmax: ("softmax", {}),
    A.log_softmax: ("log_softmax", {}),
}


def _activation(function, shape):
    """A chain of one activation, or none for a linear one."""
    if function is None or function is A.linear:
        return []
    need(
        function in ACTIVATIONS,
        f"its activation {getattr(function, '__name__', function)!r} has no op",
    )
    return [act(*ACTIVATIONS[function], shape)]


def act(name, parameters, shape, weights=None):
    """A chain's link for an activation."""
    return "activation", {"name": name, "parameters": parameters}, weights or {}, shape


def padded(mode, length, size, stride, dilation):
    """(zeros on the left, length of the output) of a convolution or pool."""
    reach = (size - 1) * dilation + 1
    if mode == "valid":
        return 0, (length - reach) // stride + 1
    out = -(-length // stride)
    if mode == "causal":
        return reach - 1, out
    return max((out - 1) * stride + reach - length, 0) // 2, out


def _convolution(kernel, bias, length, padding, stride=1, dilation=1, groups=1):
    left, out = padded(padding, length, kernel.shape[0], stride, dilation)
    settings = {"stride": stride, "dilation": dilation, "left": left, "groups": groups}
    bias = np.zeros(kernel.shape[2], np.float32) if bias is None else _array(bias)
    return "conv", settings, {"kernel": kernel, "bias": bias}, (out, kernel.shape[2])


def _conv1d(layer, call, shapes):
    need(layer.data_format == "channels_last", "its channels come first")
    stride, dilation = layer.strides[0], layer.dilation_rate[0]
    groups = int(layer.groups)
    bias = layer.bias if layer.use_bias else None
    op = _convolution(
        *(_array(layer.kernel), bias, shapes[0][0], layer.padding, stride, dilation, groups)
    )
    return [op, *_activation(layer.activation, op[3])]


def _spread_depthwise(kernel):
    """Keras's (k, C, M) as a convolution's (k, 1, C M) with one input channel per group."""
    return kernel.reshape(kernel.shape[0], 1, -1)


def _depthwise(layer, call, shapes):
    need(layer.data_format == "channels_last", "its channels come first")
    bias = layer.bias if layer.use_bias else None
    stride, dilation = layer.strides[0], layer.dilation_rate[0]
    kernel, (length, channels) = _spread_depthwise(_array(layer.kernel)), shapes[0]
    op = _convolution(kernel, bias, length, layer.padding, stride, dilation, channels)
    return [op, *_activation(layer.activation, op[3])]


def _separable(layer, call, shapes):
    need(layer.data_format == "channels_last", "its channels come first")
    bias = layer.bias if layer.use_bias else None
    stride, dilation = layer.strides[0], layer.dilation_rate[0]
    kernel, (length, channels) = _spread_depthwise(_array(layer.depthwise_kernel)), shapes[0]
    deep = _convolution(kernel, None, length, layer.padding, stride, dilation, channels)
    point = _convolution(_array(layer.pointwise_kernel), bias, deep[3][0], "valid")
    return [deep, point, *_activation(layer.activation, point[3])]


def _transposed(layer, call, shapes):
    """A convolution of the sequence with zeros between its positions, taps in falling order."""
    need(layer.data_format == "channels_last", "its channels come first")
    need(layer.output_padding is None, "its output is padded")
    stride, dilation = layer.strides[0], layer.dilation_rate[0]
    kernel, (length, channels) = _array(layer.kernel), shapes[0]
    if kernel.ndim == 4:
        need(kernel.shape[1] == 1 and call.shapes[0][1] == 1, "it works on two axes")
        kernel = kernel[:, 0]
    kernel = np.ascontiguousarray(kernel[::-1].transpose(0, 2, 1))
    reach = (len(kernel) - 1) * dilation
    more, same = max(reach + 1 - stride, 0), layer.padding == "same"
    # The zeros that a convolution of the output would have on its left.
    left, out = more // 2 if same else 0, length * stride + (0 if same else more)
    spread = np.full((length - 1) * stride + 1, -1, np.int32)
    spread[::stride] = np.arange(length)
    take = {"positions": spread, "channels": np.arange(channels, dtype=np.int32)}
    bias = np.zeros(kernel.shape[2], np.float32) if not layer.use_bias else _array(layer.bias)
    settings = {"stride": 1, "dilation": dilation, "left": reach - left, "groups": 1}
    shape = (out, kernel.shape[2])
    return [
        ("take", {}, take, (len(spread), channels)),
        ("conv", settings, {"kernel": kernel, "bias": bias}, shape),
        *_activation(layer.activation, shape),
    ]


def _dense(layer, call, shapes):
    op = _convolution(
        _array(layer.kernel)[None], layer.bias if layer.use_bias else None, shapes[0][0], "valid"
    )
    return [op, *_activation(layer.activation, op[3])]


def affine(scale, shift, shape):
    """A chain's link for scale times x plus shift, each a number or (C,)."""
    channels = shape[1]
    weights = {
        "scale": np.broadcast_to(np.asarray(scale, np.float32), (channels,)).copy(),
        "shift": np.broadcast_to(np.asarray(shift, np.float32), (channels,)).copy(),
    }
    return "affine", {}, weights, shape


def _batch_norm(layer, call, shapes):
    need(layer.axis in (-1, rank(call) - 1), "it normalises another axis than the channels")
    variance = _array(layer.moving_variance).astype(np.float64)
    gamma = _array(layer.gamma) if layer.scale else 1.0
    beta = _array(layer.beta) if layer.center else 0.0
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return [affine(scale, beta - _array(layer.moving_mean) * scale, shapes[0])]


def _layer_norm(layer, call, shapes):
    axis = layer.axis if isinstance(layer.axis, (list, tuple)) else [layer.axis]
    last = list(axis) in ([-1], [rank(call) - 1])
    need(last, "it normalises over positions")
    need(not getattr(layer, "rms_scaling", False), "its scale is by the root mean square")
    channels = shapes[0][1]
    gamma = _array(layer.gamma) if layer.scale else np.ones(channels, np.float32)
    beta = _array(layer.beta) if layer.center else np.zeros(channels, np.float32)
    settings = {"epsilon": float(layer.epsilon), "center": True}
    return [("norm", settings, {"scale": gamma, "shift": beta}, shapes[0])]


def _activation_layer(layer, call, shapes):
    return _activation(layer.activation, shapes[0])


def _relu(layer, call, shapes):
    limit = None if layer.max_value is None else float(layer.max_value)
    parameters = {
        "max_value": limit,
        "negative_slope": float(layer.negative_slope),
        "threshold": float(layer.threshold),
    }
    plain = limit is None and not layer.negative_slope and not layer.threshold
    return [act("relu", {}, shapes[0]) if plain else act("rectified", parameters, shapes[0])]


def _leaky(layer, call, shapes):
    return [act("rectified", {"negative_slope": float(layer.negative_slope)}, shapes[0])]


def _elu(layer, call, shapes):
    return [act("elu", {"alpha": float(layer.alpha)}, shapes[0])]


def _prelu(layer, call, shapes):
    slope = _array(layer.alpha)
    need(slope.size == slope.shape[-1], "its slopes differ between positions")
    return [act("prelu", {}, shapes[0], {"slope": slope.reshape(-1)})]


def run_length(call, shapes, axis):
    """How many neighbouring positions lie along an axis of a call's first input, None if none do.

    Axes (N, L / p, p, C) are (N, L, C) cut into runs of p positions.
    """
    last = rank(call) - 2
    if last < 1 or axis not in (-2, last):
        return None
    return shapes[0][0] if last == 1 else call.keras_inputs[0].shape[last]


def softmax(layer, call, shapes):
    """A softmax over channels, or over positions or runs of them."""
    if layer.axis in (-1, rank(call) - 1):
        return [act("softmax", {}, shapes[0])]
    size = run_length(call, shapes, layer.axis)
    need(size, "its softmax runs over neither the channels nor the positions")
    return [("share", {"size": size}, {}, shapes[0])]


CONVERTERS = {
    K.Conv1D: _conv1d,
    K.Conv2DTranspose: _transposed,
    K.DepthwiseConv1D: _depthwise,
    K.SeparableConv1D: _separable,
    K.Conv1DTranspose: _transposed,
    K.Dense: _dense,
    K.BatchNormalization: _batch_norm,
    K.LayerNormalization: _layer_norm,
    K.Activation: _activation_layer,
    K.ReLU: _relu,
    K.LeakyReLU: _leaky,
    K.ELU: _elu,
    K.PReLU: _prelu,
    K.Softmax: softmax,
}
