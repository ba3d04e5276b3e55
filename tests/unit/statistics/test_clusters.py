"""Backgrounds of one place: loci by hand, CR1 in closed form, and coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giaflow import nulls
from giaflow.nulls import per_row
from giaflow.sequences.places import Places
from giaflow.statistics import stopping_rule
from giaflow.statistics.clusters import by_cluster, joined, loci
from giaflow.statistics.contrasts import effect
from giaflow.statistics.estimates import paired

SESOI = np.full(2, 0.1)


def at(chrom, start, end):
    return Places.of({"chrom": chrom, "start": start, "end": end, "strand": ["."] * len(chrom)})


def test_overlapping_intervals_are_one_place():
    chrom = ["1", "1", "2", "1", "", "", "1"]
    start = [100, 130, 100, 180, -1, -1, 20]
    end = [150, 190, 150, 230, -1, -1, 100]
    # 100-150, 130-190 and 180-230 form a chain; 20-100 only touches it.
    assert loci(at(chrom, start, end)).tolist() == [0, 0, 1, 0, 2, 3, 4]


def test_an_interval_inside_another_does_not_end_it():
    assert loci(at(["1"] * 3, [0, 10, 50], [100, 20, 60])).tolist() == [0, 0, 0]


def test_sharing_of_either_kind_joins():
    places, donors = [5, 5, 2, 3, 9, 8, 1], [0, 1, 2, 3, 0, 1, 6]
    assert joined(np.array(places), np.array(donors)).tolist() == [0, 0, 1, 2, 0, 0, 3]
    assert joined(np.array(places), np.arange(7)).tolist() == [0, 0, 1, 2, 3, 4, 5]
    assert joined(np.arange(0), np.arange(0)).tolist() == []


def test_values_of_distinct_backgrounds_are_left_alone(rng):
    values = rng.normal(size=(7, 2))
    assert by_cluster(values, None) is values
    assert by_cluster(values, np.array([4, 0, 9, 2, 7, 1, 5])) is values
    assert by_cluster(values[:0], np.array([], int)).shape == (0, 2)


@given(st.lists(st.integers(0, 5), min_size=3, max_size=31).filter(lambda c: len(set(c)) > 1))
def test_the_error_is_cr1(labels):
    """The sandwich of Liang & Zeger with the factor G / (G - 1), written as it is defined."""
    rng = np.random.default_rng(len(labels))
    values, labels = rng.normal(1, 2, (len(labels), 2)), np.array(labels)
    found = paired(by_cluster(values, labels), SESOI)
    kinds = np.unique(labels)
    scores = np.array([(values - values.mean(axis=0))[labels == k].sum(axis=0) for k in kinds])
    variance = len(kinds) / (len(kinds) - 1) * (scores**2).sum(axis=0) / len(values) ** 2
    np.testing.assert_allclose(found.estimate, values.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.se, np.sqrt(variance), atol=1e-12)
    assert found.n == len(kinds)


def test_clusters_of_equal_size_are_their_means(rng):
    values = rng.normal(size=(30, 2))
    labels = np.tile(np.arange(6), 5)
    means = np.array([values[labels == k].mean(axis=0) for k in range(6)])
    np.testing.assert_allclose(by_cluster(values, labels), means)


def test_intervals_of_clustered_backgrounds_cover():
    """Five shuffles of each of 40 sequences: without clusters a quarter of intervals would miss."""
    rng = np.random.default_rng(0)
    many, labels = 2000, np.repeat(np.arange(40), 5)
    effects = np.repeat(rng.normal(size=(40, many)), 5, axis=0) + rng.normal(size=(200, many))
    sesoi = np.ones(many)

    def held(values):
        found = paired(values, sesoi)
        return ((found.ci_low <= 0) & (found.ci_high >= 0)).mean()

    assert held(by_cluster(effects, labels)) == pytest.approx(0.95, abs=0.015)
    assert held(effects) < 0.8


def test_only_what_is_made_of_one_row_depends_on_it():
    dependent = {name for name in nulls.REGISTRY.names if per_row(name, object())}
    assert {"mononucleotide", "dinucleotide", "klet", "genomic", "quantile"} <= dependent
    assert not {"profile", "uniform", "markov"} & dependent
    hairpin = nulls.REGISTRY.load("hairpin")
    assert per_row("hairpin", hairpin.Settings(base="dinucleotide"))
    assert not per_row("hairpin", hairpin.Settings(base="profile"))


def test_a_run_stops_on_clusters_not_on_backgrounds(rng):
    """400 backgrounds of 100 places are too few to stop on, though their t interval is narrow."""
    predictions = np.full((1, 400, 1), 1.0) + rng.normal(0, 1e-3, (1, 400, 1))
    baseline = np.zeros((400, 1))
    asked = [effect(0, {})], predictions, baseline, 0.1
    assert stopping_rule.reached(*asked)
    assert not stopping_rule.reached(*asked, clusters=np.arange(400) // 4)
    assert stopping_rule.reached(*asked, clusters=np.arange(400) // 2)
