"""Activations on arrays: the function, and its change under a small difference."""

import numpy as np

F = np.float32


def _sigmoid(x):
    # exp of a negative number only: no overflow at either end.
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, F(1), e) / (F(1) + e)


def _softplus(x):
    return np.maximum(x, F(0)) + np.log1p(np.exp(-np.abs(x)))


def _softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _log_softmax(x):
    y = x - x.max(axis=-1, keepdims=True)
    return y - np.log(np.exp(y).sum(axis=-1, keepdims=True))


def _gelu(x):
    from scipy.special import erf

    return F(0.5) * x * (F(1) + erf(x * F(np.sqrt(0.5))))


def _gelu_tanh(x):
    return F(0.5) * x * (F(1) + np.tanh(F(np.sqrt(2 / np.pi)) * (x + F(0.044715) * x * x * x)))


def _elu(x, alpha=1.0):
    return np.where(x > 0, x, F(alpha) * np.expm1(np.minimum(x, F(0))))


def _selu(x):
    return F(1.0507009873554805) * _elu(x, 1.6732632423543772)


def _rectified(x, max_value=None, negative_slope=0.0, threshold=0.0):
    y = np.where(x >= F(threshold), x, F(negative_slope) * (x - F(threshold)))
    if threshold == 0 and negative_slope == 0:
        y = np.maximum(x, F(0))
    return y if max_value is None else np.minimum(y, F(max_value))


def _hard_sigmoid(x):
    return np.clip(x / F(6) + F(0.5), F(0), F(1))


FUNCTIONS = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, F(0)),
    "rectified": _rectified,
    "prelu": lambda x, slope: np.where(x > 0, x, slope * x),
    "exponential": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "square": np.square,
    "sigmoid": _sigmoid,
    "log_sigmoid": lambda x: -_softplus(-x),
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": lambda x: x * _hard_sigmoid(x),
    "silu": lambda x: x * _sigmoid(x),
    "tanh": np.tanh,
    "softplus": _softplus,
    "softsign": lambda x: x / (F(1) + np.abs(x)),
    "mish": lambda x: x * np.tanh(_softplus(x)),
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "elu": _elu,
    "selu": _selu,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}


def apply(name, x, parameters):
    """Apply an activation to float32 values (..., C); softmax runs over C."""
    return FUNCTIONS[name](x, **parameters).astype(F, copy=False)


def change(name, x, d, parameters):
    """What an activation adds when `x` grows by `d`: f(x + d) - f(x), both (..., C) float32."""
    if name == "exponential":
        # exp(x) (exp(d) - 1) keeps the digits that a difference of two exponentials would lose.
        return np.exp(x) * np.expm1(d)
    return apply(name, x + d, parameters) - apply(name, x, parameters)


def shares(x, size):
    """Softmax over runs of `size` positions of float32 values (..., P, C), channel by channel."""
    runs = x.reshape(-1, size, x.shape[-1])
    e = np.exp(runs - runs.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).reshape(x.shape)


def normalise(x, epsilon, center, scale, shift):
    """Layer normalisation over the channels of float32 values (..., C)."""
    if center:
        x = x - x.mean(axis=-1, keepdims=True)
    return x / np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + F(epsilon)) * scale + shift
