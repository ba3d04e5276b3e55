"""The profile null, and closed forms that hold because its positions are independent."""

from itertools import product

import numpy as np
import pytest

from giaflow.base.alphabet import UNKNOWN, decode, one_hot
from giaflow.edits.embed import Condition, Embed
from giaflow.nulls import profile, uniform


def sample(module, reference, n, rng, settings):
    return module.sample(reference, n, rng, settings, fitted=module.fit(reference, settings))


def test_the_profile_counts_letters_with_a_pseudocount():
    reference = np.array([[0, 1, 4], [0, 2, 4], [0, 4, 4]], np.uint8)
    found = profile.matrix(reference, profile.Settings(pseudocount=0.5))
    expected = [[3.5, 0.5, 0.5, 0.5], [0.5, 1.5, 1.5, 0.5], [0, 0, 0, 0]]
    assert found == pytest.approx(np.array(expected) / [[5], [4], [1]])


def test_without_pseudocount_letters_never_seen_are_never_drawn(rng):
    reference = np.array([[3, 0, 4], [3, 1, 4]], np.uint8)
    codes = sample(profile, reference, 1_009, rng, profile.Settings(pseudocount=0.0))
    assert (codes[:, 0] == 3).all()
    assert set(codes[:, 1].tolist()) == {0, 1}
    assert (codes[:, 2] == UNKNOWN).all()


def test_unknown_letters_can_follow_the_reference_rows(rng):
    reference = rng.integers(0, 5, (13, 29), dtype=np.uint8)
    codes = sample(profile, reference, 31, rng, profile.Settings(unknown="keep"))
    assert ((codes == UNKNOWN) == (np.resize(reference, (31, 29)) == UNKNOWN)).all()


def multilinear(onehot):
    """A model that is linear in each position: sums of products over distinct positions."""
    rng = np.random.default_rng(7)
    length = onehot.shape[1]
    weights = rng.normal(size=(length, 4))
    pair, triple = rng.normal(size=(4, 4)), rng.normal(size=(4, 4, 4))
    value = np.einsum("nla,la->n", onehot, weights)
    value += np.einsum("nla,ab,nlb->n", onehot[:, :-2], pair, onehot[:, 2:])
    return value + np.einsum("na,nb,nc,abc->n", *(onehot[:, at] for at in (0, 3, 5)), triple)


def test_global_importance_summed_over_all_kmers_is_zero_under_the_profile(rng):
    """Embedding draws no new letters on average: sum over k-mers of q(kmer) I(kmer) is 0."""
    reference = rng.integers(0, 4, (23, 9), dtype=np.uint8)
    p = profile.matrix(reference, profile.Settings())
    start, k = 2, 3
    total, scale = 0.0, 0.0
    for kmer in product(range(4), repeat=k):
        embedded = p.copy()
        embedded[start : start + k] = np.eye(4)[list(kmer)]
        q = np.prod(p[range(start, start + k), kmer])
        importance = multilinear(embedded[None])[0] - multilinear(p[None])[0]
        total += q * importance
        scale += q * abs(importance)
    assert scale > 0.1
    assert abs(total) < 1e-12 * scale


def test_the_sum_over_all_kmers_is_zero_for_any_model_and_a_shuffle_has_no_such_sum(rng):
    """Over every background of five letters, weighted by its chance, embedded by the experiments'
    own edits into a model that is a table of random numbers."""
    reference = rng.integers(0, 4, (23, 5), dtype=np.uint8)
    p = profile.matrix(reference, profile.Settings())
    every = np.array(list(product(range(4), repeat=5)), np.uint8)
    table = rng.normal(size=4**5)
    place = 4 ** np.arange(4, -1, -1)
    start, k = 1, 3

    def weighted_sum(chance):
        """Sum over k-mers of q(k-mer) I(k-mer), and the same of absolute values."""
        found = []
        for kmer in product(range(4), repeat=k):
            condition = Condition({}, (Embed(decode(np.array(kmer)), start),))
            effect = table[condition.apply(every) @ place] - table[every @ place]
            holds = (every[:, start : start + k] == kmer).all(axis=1)
            found.append((chance * holds).sum() * (chance * effect).sum())
        return sum(found), np.abs(found).sum()

    independent = np.prod(p[np.arange(5), every], axis=1)
    assert independent.sum() == pytest.approx(1)
    total, scale = weighted_sum(independent)
    assert scale > 0.1 and abs(total) < 1e-12 * scale
    # Where neighbours depend on each other, overwriting letters changes what they stand beside.
    dependent = independent * (1 + 3 * (every[:, 0] == every[:, 1]))
    total, scale = weighted_sum(dependent / dependent.sum())
    assert abs(total) > 1e-3 * scale


def test_the_mean_over_backgrounds_is_the_value_at_the_profile(rng):
    reference = rng.integers(0, 4, (17, 11), dtype=np.uint8)
    settings = profile.Settings()
    values = multilinear(one_hot(sample(profile, reference, 40_009, rng, settings)).astype(float))
    exact = multilinear(profile.matrix(reference, settings)[None])[0]
    error = values.std() / len(values) ** 0.5
    assert values.mean() == pytest.approx(exact, abs=4 * error)


def test_uniform_says_that_its_gc_content_is_not_that_of_a_genome(rng, caplog):
    from giaflow.nulls import backgrounds

    reference = np.zeros((3, 7), np.uint8)
    backgrounds("uniform", ("u", "s"), reference, 5, 0, uniform.Settings())
    assert "GC content of 50 %" in caplog.text
