"""Maximum mean discrepancy and the classifier two-sample test."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from giaflow.base.checks import InputError
from giaflow.nulls.diagnostics import Settings
from giaflow.nulls.diagnostics.twosample import (
    area_under_curve,
    classifier_auc,
    classifier_rows,
    embedding_rows,
    mmd,
    standard_components,
)

FAST = Settings(auc_permutations=0, mmd_permutations=199)


def test_the_discrepancy_is_that_of_three_loops(rng):
    points = rng.normal(size=(11, 3))
    kernel = np.exp(-((points[:, None] - points) ** 2).sum(axis=2))
    np.fill_diagonal(kernel, 0)
    members = np.array([[1] * 4 + [0] * 7, [0, 1] * 5 + [0]]).T
    for column, found in zip(members.T, mmd(kernel, members), strict=True):
        inside, outside = np.flatnonzero(column), np.flatnonzero(1 - column)
        a = np.mean([kernel[i, j] for i in inside for j in inside if i != j])
        b = np.mean([kernel[i, j] for i in outside for j in outside if i != j])
        c = np.mean([kernel[i, j] for i in inside for j in outside])
        assert found == pytest.approx(a + b - 2 * c)


def embeddings(rng, shift=0.0, spread=1.0):
    return rng.normal(size=(149, 6)) * spread + shift, rng.normal(size=(211, 6))


def verdicts(rows, diagnostic):
    return [row["verdict"] for row in rows if row["diagnostic"] == diagnostic]


def test_embeddings_of_one_source_are_ok_and_shifted_ones_warn(rng):
    same = embedding_rows(*embeddings(rng), rng, rng, FAST)
    assert verdicts(same, "embedding_mmd") == ["ok"] * 3
    assert verdicts(same, "classifier_auc") == ["ok"]
    shifted = embedding_rows(*embeddings(rng, shift=0.7), rng, rng, FAST)
    assert verdicts(shifted, "embedding_mmd") == ["warn"] * 3
    assert verdicts(shifted, "classifier_auc") == ["fail"]


def test_the_discrepancy_sees_a_change_of_spread_that_a_linear_classifier_cannot(rng):
    rows = embedding_rows(*embeddings(rng, spread=1.6), rng, rng, FAST)
    assert verdicts(rows, "embedding_mmd") == ["warn"] * 3
    assert verdicts(rows, "classifier_auc") == ["ok"]


def test_a_discrepancy_that_chance_explains_does_not_warn(rng):
    settings = FAST.model_copy(update={"mmd_p": 0.004})  # the least p-value is 1 / 200
    rows = embedding_rows(*embeddings(rng, shift=0.7), rng, rng, settings)
    assert verdicts(rows, "embedding_mmd") == ["ok"] * 3
    assert all(row["value"] > 3 for row in rows if row["diagnostic"] == "embedding_mmd")


def test_the_unit_of_the_discrepancy_is_its_noise_whatever_the_sizes(rng):
    settings = Settings(auc_permutations=0, mmd_permutations=100)
    ratios = [
        row["value"]
        for _ in range(40)
        for row in embedding_rows(
            rng.normal(size=(12, 3)), rng.normal(size=(160, 3)), rng, rng, settings
        )
        if row["diagnostic"] == "embedding_mmd" and "1 x" in row["detail"]
    ]
    assert 0.5 < np.sqrt(np.mean(np.square(ratios))) < 2


def test_the_p_value_of_equal_samples_is_uniform(rng):
    settings = Settings(auc_permutations=0, mmd_permutations=100, splits=2)
    p = [
        row["value"]
        for _ in range(60)
        for row in embedding_rows(
            rng.normal(size=(17, 2)), rng.normal(size=(23, 2)), rng, rng, settings
        )
        if row["diagnostic"] == "embedding_mmd_p" and "1 x" in row["detail"]
    ]
    assert len(p) == 60
    assert 0.3 < np.mean(p) < 0.7 and min(p) < 0.15 and max(p) > 0.85


def test_the_area_under_the_curve_counts_ties_half(rng):
    labels, scores = rng.integers(0, 2, 97), rng.integers(0, 9, 97)
    assert area_under_curve(labels, scores) == pytest.approx(roc_auc_score(labels, scores))


def test_the_classifier_reaches_the_area_of_the_best_rule_and_a_p_value(rng):
    """Normal samples a distance d apart: the best area is Phi(d / sqrt 2), 0.76 for d = 1."""
    one, other = rng.normal(size=(301, 1)), rng.normal(size=(401, 1)) + 1
    auc, p = classifier_auc(one, other, rng, permutations=39)
    assert auc == pytest.approx(0.76, abs=0.05)
    assert p == 1 / 40
    _, p = classifier_auc(one[::2], one[1::2], rng, permutations=39)
    assert p > 1 / 40


def test_words_of_three_letters_are_told_apart(rng):
    null = rng.choice(4, (83, 101), p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)
    data = rng.choice(4, (127, 101)).astype(np.uint8)
    assert verdicts(classifier_rows(null, data, rng, FAST), "classifier_auc") == ["fail"]
    assert verdicts(classifier_rows(data[::2], data[1::2], rng, FAST), "classifier_auc") == ["ok"]


def test_constant_features_are_no_difference(rng):
    flat = np.ones((13, 4))
    assert standard_components(flat) == pytest.approx(np.zeros((13, 4)))
    rows = embedding_rows(flat, flat[:12], rng, rng, FAST)
    assert verdicts(rows, "embedding_mmd") == ["ok"] * 3


def test_too_few_sequences_are_said_and_not_judged(rng):
    rows = embedding_rows(rng.normal(size=(9, 4)), rng.normal(size=(31, 4)), rng, rng, FAST)
    assert {row["verdict"] for row in rows} == {"info"}
    assert all("too few" in row["detail"] for row in rows)


def test_embeddings_that_are_not_finite_are_refused(rng):
    broken = np.full((11, 4), np.nan)
    with pytest.raises(InputError, match="embeddings of the backgrounds are not finite for 11"):
        embedding_rows(broken, rng.normal(size=(12, 4)), rng, rng, FAST)
