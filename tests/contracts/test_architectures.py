"""What every registered architecture must do."""

import numpy as np
import pytest

from giaflow.architectures import REGISTRY

keras = pytest.importorskip("keras")


@pytest.mark.parametrize("name", REGISTRY.names)
def test_it_maps_one_hot_to_one_unbounded_number_a_target(name, rng):
    module = REGISTRY.load(name)
    assert all(field.description for field in module.Settings.model_fields.values())
    keras.utils.set_random_seed(0)
    network = module.build(keras, 53, ("a", "b", "c"), module.Settings())
    assert network.input_shape == (None, 53, 4) and network.output_shape == (None, 3)
    onehot = np.eye(4, dtype=np.float32)[rng.integers(0, 4, (7, 53))]
    found = network.predict(onehot * 30, verbose=0)
    assert np.isfinite(network.predict(onehot, verbose=0)).all()
    # A logit, not a probability: scaled inputs leave the unit interval.
    assert found.min() < 0 or found.max() > 1


def test_every_position_has_weights_of_its_own_where_positions_are_read():
    module = REGISTRY.load("exponential_cnn")
    keras.utils.set_random_seed(0)
    sizes = {
        readout: module.build(keras, 53, ("a",), module.Settings(readout=readout)).count_params()
        for readout in ("average", "positions")
    }
    # 13 pooled positions of 32 channels instead of one average.
    assert sizes["positions"] - sizes["average"] == 12 * 32 * 32
