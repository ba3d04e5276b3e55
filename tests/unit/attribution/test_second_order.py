"""Second-order ISM against closed forms: additive models have none, products have the known one."""

import numpy as np
import pandas as pd
import pytest
from models import linear

from giaflow.attribution.second_order import interaction_maps, shuffled_maps
from giaflow.attribution.second_order_pairs import pair_table
from giaflow.base.alphabet import encode
from giaflow.models.formula_model import FormulaModel

LENGTH = 9


@pytest.fixture
def codes(rng):
    return rng.integers(0, 4, (3, LENGTH), dtype=np.uint8)


def product(first, second, weights):
    """f(x) = weights[x at first, x at second, t]; weights (4, 4, T)."""
    return FormulaModel(
        lambda x: np.einsum("na,nb,abt->nt", x[:, first], x[:, second], weights),
        LENGTH,
        [f"t{i}" for i in range(weights.shape[2])],
    )


def test_positions_that_add_do_not_interact(codes, rng):
    strength, pairing = interaction_maps(linear(rng.normal(size=(LENGTH, 4, 2))), codes, 2, 7)
    assert strength.shape == pairing.shape == (3, 5, 5, 2)
    assert np.abs(strength).max() < 1e-6 and np.abs(pairing).max() < 1e-6


def test_a_pair_has_the_norm_of_its_centred_block_whatever_the_letters(codes, rng):
    weights = rng.normal(size=(4, 4, 2))
    centred = weights - weights.mean(axis=0) - weights.mean(axis=1, keepdims=True)
    centred = centred + weights.mean(axis=(0, 1))
    strength, _ = interaction_maps(product(3, 6, weights), codes, 2, 8)
    expected = np.zeros((6, 6, 2))
    expected[1, 4] = expected[4, 1] = np.sqrt((centred**2).sum(axis=(0, 1)))
    assert strength == pytest.approx(np.broadcast_to(expected, strength.shape), abs=1e-5)


def test_letters_that_pair_in_a_helix_have_a_positive_score(codes):
    helix = np.zeros((4, 4, 1))
    for a, b in ("AT", "TA", "CG", "GC", "GT", "TG"):
        helix["ACGT".index(a), "ACGT".index(b)] = 1
    _, pairing = interaction_maps(product(1, 5, helix), codes, 0, LENGTH)
    # Centred, the block is 1 minus the means 1/4 or 1/2 of row and column plus 3/8.
    means = helix[..., 0].mean(axis=0)
    centred = helix[..., 0] - means[:, None] - means[None] + helix.mean()
    expected = centred[helix[..., 0] == 1].mean() - centred[helix[..., 0] == 0].mean()
    assert pairing[:, 1, 5, 0] == pytest.approx(expected, abs=1e-6) and expected > 0.5
    assert np.abs(np.delete(pairing[:, 1, :, 0], 5, axis=1)).max() < 1e-6


def test_an_unknown_letter_has_no_interaction_and_harms_no_other(rng):
    codes = encode("ACNTGACTA")[None]
    weights = rng.normal(size=(4, 4, 2))
    strength, _ = interaction_maps(product(0, 1, weights), codes, 0, LENGTH)
    assert np.isnan(strength[0, 2, 3:]).all() and np.isnan(strength[0, :2, 2]).all()
    assert (strength[0, 0, 1] > 0).all() and not np.isnan(strength[0, 3:, 3:]).any()


def test_the_table_ranks_pairs_and_holds_them_against_shuffles(codes, rng):
    weights = rng.normal(size=(4, 4, 2))
    model = product(3, 6, weights)
    strength, pairing = interaction_maps(model, codes, 2, 8)
    sequences = pd.DataFrame({"set": "s", "name": list("abc"), "letters": ["ACGTACGTA"] * 3})
    null = np.zeros((10, 6, 6, 2), np.float32)
    table = pair_table(strength, pairing, null, sequences, ["x", "y"], 2, 4)
    assert len(table) == 3 * 2 * 4
    best = table.groupby(["name", "target"]).head(1)
    assert (best["position"] == 3).all() and (best["partner"] == 6).all()
    assert (best["distance"] == 3).all() and (best["letters"] == "TG").all()
    # Three pairs at this distance in each of 10 shuffles, all of them weaker.
    assert best["p"].to_numpy() == pytest.approx(1 / 31)
    assert best["p_map"].to_numpy() == pytest.approx(1 / 11)
    rest = table.drop(best.index)
    assert (rest["p"] == 1).all() and (rest["strength"].abs() < 1e-6).all()
    none = pair_table(strength, pairing, null[:0], sequences, ["x", "y"], 2, 4)
    assert none[["p", "q", "p_map"]].isna().all(axis=None)


def test_shuffles_of_a_sequence_where_places_do_not_matter_are_as_strong(codes, rng):
    weights = rng.normal(size=(4, 4, 2))
    found = shuffled_maps(product(3, 6, weights), codes, 2, 8, 5, rng)
    strength, _ = interaction_maps(product(3, 6, weights), codes, 2, 8)
    assert found.shape == (15, 6, 6, 2)
    assert found[:, 1, 4] == pytest.approx(np.broadcast_to(strength[0, 1, 4], (15, 2)), abs=1e-5)
