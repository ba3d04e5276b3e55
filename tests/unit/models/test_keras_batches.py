"""Plain batches: one trace, filled batches, several inputs and outputs."""

import keras
import numpy as np
import pytest

from giaflow.models.readers.keras_batches import PlainPredictor


@pytest.fixture(scope="module")
def model():
    inputs = keras.Input((11, 4))
    x = keras.layers.Conv1D(5, 3)(inputs)
    return keras.Model(inputs, [x, keras.layers.GlobalAveragePooling1D()(x)])


def test_one_trace_whatever_the_number(model, rng):
    traces = []

    def function(x):
        traces.append(x.shape)
        return model(x, training=False)

    plain = PlainPredictor(function, 6)
    x = rng.normal(size=(13, 11, 4)).astype(np.float32)
    wanted = [y.numpy() for y in model(x)]
    for n in (1, 6, 7, 13):
        got = plain(x[:n])
        assert [y.shape for y in got] == [(n, 9, 5), (n, 5)]
        for y, z in zip(got, wanted, strict=True):
            np.testing.assert_allclose(y, z[:n], atol=1e-6)
    assert traces == [(6, 11, 4)]


def test_a_sequence_does_not_depend_on_its_company(model, rng):
    plain = PlainPredictor(model, 4)
    x = rng.normal(size=(7, 11, 4)).astype(np.float32)
    together = plain(x)
    for n in range(7):
        for y, z in zip(plain(x[n : n + 1]), together, strict=True):
            np.testing.assert_array_equal(y[0], z[n])


def test_xla_and_several_inputs(rng):
    plain = PlainPredictor(lambda inputs: [inputs[0] + inputs[1], inputs[1] * 2], 3, xla=True)
    a, b = rng.normal(size=(2, 5, 7)).astype(np.float32)
    total, double = plain([a, b])
    np.testing.assert_array_equal(total, a + b)
    np.testing.assert_array_equal(double, 2 * b)
