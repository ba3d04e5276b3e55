"""A plan interpreted naively in float64: the truth that the fast code is held to."""

import numpy as np

from giaflow.models.plan.plan import INPUT


def one_hot64(codes):
    return np.eye(5, 4)[codes]


def predict64(plan, codes):
    """Targets (N, T) float64."""
    values = {INPUT: one_hot64(codes)}
    for op in plan.ops:
        weights = {name: w.astype(np.float64) for name, w in op.weights.items()}
        inputs = [values[t] for t in op.inputs]
        made = OPS[op.kind](*inputs, **op.settings, **weights)
        length, channels = plan.shapes[op.output]
        values[op.output] = made[:, :length]
        assert made.dtype == np.float64
        assert values[op.output].shape == (len(codes), length, channels)
    return values[plan.result][:, 0]


def conv(x, stride, dilation, left, groups, kernel, bias):
    n, length, _ = x.shape
    taps, inner, outer = kernel.shape
    reach = (taps - 1) * dilation + 1
    # Enough zeros on the right for any padding; the caller keeps as many outputs as there are.
    x = np.pad(x, ((0, 0), (left, reach), (0, 0)))
    out = []
    for o in range(0, length + left + 1, stride):
        y = bias.copy()[None].repeat(n, 0)
        for j in range(taps):
            for g in range(groups):
                column = slice(g * outer // groups, (g + 1) * outer // groups)
                part = x[:, o + j * dilation, g * inner : (g + 1) * inner]
                y[:, column] += part @ kernel[j][:, column]
        out.append(y)
    return np.stack(out, 1)


def pool(x, mode, size, stride, left):
    out = []
    length = x.shape[1]
    for o in range(-left, length, stride):
        part = x[:, max(o, 0) : o + size]
        out.append({"max": np.max, "average": np.mean, "sum": np.sum}[mode](part, axis=1))
    return np.stack(out, 1)


def take(x, positions, channels):
    padded = np.pad(x, ((0, 0), (0, 1), (0, 1)))
    return padded[:, positions.astype(int)][:, :, channels.astype(int)]


def norm(x, epsilon, center, scale, shift):
    y = x - x.mean(-1, keepdims=True) if center else x
    return y / np.sqrt((y**2).mean(-1, keepdims=True) + epsilon) * scale + shift


def share(x, size):
    from scipy import special

    return special.softmax(x.reshape(len(x), -1, size, x.shape[2]), 2).reshape(x.shape)


def activation(x, name, parameters, slope=None):
    from scipy import special

    functions = {
        "relu": lambda x: np.maximum(x, 0),
        "exponential": np.exp,
        "sigmoid": special.expit,
        "tanh": np.tanh,
        "softplus": lambda x: np.logaddexp(x, 0),
        "gelu": lambda x: x * special.ndtr(x),
        "silu": lambda x: x * special.expit(x),
        "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        "log": np.log,
        "softmax": lambda x: special.softmax(x, -1),
    }
    assert not parameters
    return functions[name](x)


def fold(function):
    def run(*inputs):
        out = inputs[0]
        for other in inputs[1:]:
            out = function(out, other)
        return out

    return run


OPS = {
    "conv": conv,
    "pool": pool,
    "take": take,
    "norm": norm,
    "share": share,
    "activation": activation,
    "affine": lambda x, scale, shift: x * scale + shift,
    "flatten": lambda x: x.reshape(len(x), 1, -1),
    "add": fold(np.add),
    "multiply": fold(np.multiply),
    "maximum": fold(np.maximum),
    "minimum": fold(np.minimum),
    "concat": lambda *inputs: np.concatenate(inputs, -1),
}
