"""The Markov null: its fit, its limit and its lengths."""

import numpy as np
import pytest

from giaflow.base.alphabet import encode
from giaflow.base.checks import InputError
from giaflow.nulls import markov


def sample(module, reference, n, rng, settings):
    return module.sample(reference, n, rng, settings, fitted=module.fit(reference, settings))


def test_transitions_are_counts_with_a_spread_pseudocount():
    reference = np.stack([encode("ACACACNACACAC")] * 40)
    start, step = markov.fit(reference, markov.Settings(order=1, pseudocount=0.4))
    ac, ca = 40 * (3 + 3), 40 * (2 + 2)  # none across N
    assert step[0] == pytest.approx(np.array([0.1, ac + 0.1, 0.1, 0.1]) / (ac + 0.4))
    assert step[1] == pytest.approx(np.array([ca + 0.1, 0.1, 0.1, 0.1]) / (ca + 0.4))
    assert step[2:] == pytest.approx(np.full((2, 4), 0.25))
    assert start == pytest.approx(np.array([ac + 0.4, ca + 0.4, 0.4, 0.4]) / (ac + ca + 1.6))


@pytest.mark.parametrize("length", [1, 2, 97])
def test_any_length_and_number_can_be_drawn(length, rng):
    reference = rng.integers(0, 4, (5, 9_001), dtype=np.uint8)
    codes = sample(markov, reference, 13, rng, markov.Settings(order=3, length=length))
    assert codes.shape == (13, length)


def test_the_first_letters_and_the_later_ones_follow_the_same_chain(rng):
    """Words of three letters are as frequent at the start as at the end: the chain is at rest."""
    reference = np.cumsum(rng.choice([0, 1, 3], (7, 4_099), p=[0.2, 0.5, 0.3]), axis=1)
    reference = (reference % 4).astype(np.uint8)
    codes = sample(markov, reference, 20_011, rng, markov.Settings(order=2, length=31))
    words = np.apply_along_axis(np.bincount, 0, codes[:, :-1] * 4 + codes[:, 1:], minlength=16)
    share = words / len(codes)
    assert share[:, 0] == pytest.approx(share[:, -1], abs=0.02)
    assert share.max() > 0.1


def test_an_order_too_high_for_the_reference_is_refused():
    reference = np.zeros((4, 4_096), np.uint8)  # 4^7 letters
    assert markov.fit(reference, markov.Settings(order=4))
    with pytest.raises(InputError, match=r"order=5 is too high for .* 16384 letters; .* 0\.\.4"):
        markov.fit(reference, markov.Settings(order=5))
    with pytest.raises(InputError, match="of 63 letters is too small for a Markov chain"):
        markov.fit(reference[:1, :63], markov.Settings(order=0))
