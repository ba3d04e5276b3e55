"""What every registered architecture must do."""

import numpy as np
import pytest

from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError
from giaflow.models.planned_model import PlannedModel, make_plan
from giaflow.models.training.architectures import REGISTRY

keras = pytest.importorskip("keras")

from giaflow.models.readers.keras_network import KerasModel  # noqa: E402


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


def test_residualbind_has_the_published_number_of_weights_at_41_letters():
    module = REGISTRY.load("residualbind")
    assert module.build(keras, 41, ("r",), module.Settings()).count_params() == 216_321
    with pytest.raises(InputError, match="pools 10 positions, but sequences have 7"):
        module.build(keras, 7, ("r",), module.Settings())


def test_residualbind_reads_padding_as_nothing(rng):
    """The plan, which predicts edits, and Keras agree on sequences with unknown letters."""
    module = REGISTRY.load("residualbind")
    keras.utils.set_random_seed(0)
    small = module.Settings(filters=5, width=3, hidden=7)
    network = module.build(keras, 41, ("r",), small)
    for layer in network.layers:
        weights = layer.get_weights()
        layer.set_weights([w + 0.3 * rng.random(w.shape).astype(np.float32) for w in weights])
    model = KerasModel(network, 41, {"r": 0}, batch=8)
    plan = PlannedModel(make_plan(model), lambda: model, 1)
    codes = rng.integers(0, 4, (13, 41), dtype=np.uint8)
    codes[:6, :5], codes[:6, 36:] = 4, 4
    edited = codes.copy()
    edited[:, 3:9] = [3, 2, 1, 0, 3, 2]
    expected = network.predict(one_hot(edited), verbose=0)
    assert model.predict(edited) == pytest.approx(expected, abs=1e-5)
    assert plan.predict_edits(codes, [edited[None]])[0] == pytest.approx(expected, abs=1e-4)
    assert not one_hot(codes)[:6, :5].any()
