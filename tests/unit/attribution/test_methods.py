import numpy as np
import pytest
from models import constant, counting, linear

from giaflow import attribution
from giaflow.attribution.shown_example import strongest_window
from giaflow.base.alphabet import one_hot

LENGTH = 11


def attribute(name, model, codes, rng):
    method = attribution.REGISTRY.load(name)
    return method.attribute(model, codes, rng, method.Settings())


@pytest.fixture
def codes(rng):
    return rng.integers(0, 4, (3, LENGTH), dtype=np.uint8)


@pytest.mark.parametrize("name", attribution.REGISTRY.names)
class TestEveryMethod:
    def test_shape_dtype_and_finiteness(self, name, codes, rng):
        model = linear(rng.normal(size=(LENGTH, 4, 2)))
        scores = attribute(name, model, codes, rng)
        assert scores.shape == (3, LENGTH, 4, 2) and scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_a_linear_model_s_scores_are_its_centred_weights(self, name, codes, rng):
        weights = rng.normal(size=(LENGTH, 4, 2))
        centred = weights - weights.mean(axis=1, keepdims=True)
        scores = attribute(name, linear(weights), codes, rng)
        assert scores == pytest.approx(np.broadcast_to(centred, scores.shape), abs=1e-5)

    def test_a_constant_model_has_none(self, name, codes, rng):
        assert not attribute(name, constant(LENGTH), codes, rng).any()

    def test_a_sequence_s_scores_do_not_depend_on_its_neighbours(self, name, codes, rng):
        model = linear(rng.normal(size=(LENGTH, 4, 2)))
        whole = attribute(name, model, codes, rng)
        assert np.array_equal(whole[1:2], attribute(name, model, codes[1:2], rng))


def test_ism_equals_a_naive_loop(codes, rng):
    model = counting(LENGTH, ["GA", "ACT"])
    scores = attribute("ism", model, codes, rng)
    for n, row in enumerate(codes):
        for position in range(LENGTH):
            values = []
            for letter in range(4):
                edited = row.copy()
                edited[position] = letter
                values.append(model.predict(edited[None])[0])
            expected = np.array(values) - np.mean(values, axis=0)
            assert scores[n, position] == pytest.approx(expected)


def test_ism_of_an_unknown_letter_scores_the_four_known_ones(codes, rng):
    codes[1, 4] = 4
    weights = rng.normal(size=(LENGTH, 4, 2))
    centred = weights - weights.mean(axis=1, keepdims=True)
    scores = attribute("ism", linear(weights), codes, rng)
    assert scores[1, 4] == pytest.approx(centred[4], abs=1e-5)


def test_uncorrected_saliency_is_the_gradient(codes, rng):
    weights = rng.normal(size=(LENGTH, 4, 2))
    method = attribution.REGISTRY.load("saliency")
    scores = method.attribute(linear(weights), codes, rng, method.Settings(correct=False))
    assert scores == pytest.approx(np.broadcast_to(weights, scores.shape), abs=1e-6)


def test_the_example_shown_is_the_strongest_allowed_one(codes):
    contributions = one_hot(codes) * 0
    contributions[0, 5] = 9
    contributions[2, 8] = 3
    everything = np.ones(3, bool)
    sequence, start, stop = strongest_window(contributions, everything, 7)
    assert sequence == 0 and start <= 5 < stop and stop - start == 7
    not_first = np.array([False, True, True])
    assert strongest_window(contributions, not_first, 100) == (2, 0, LENGTH)
