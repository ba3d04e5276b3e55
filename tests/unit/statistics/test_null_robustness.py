"""Estimates side by side by null model."""

import json

import numpy as np
import pandas as pd
import pytest

from giaflow.base.checks import InputError
from giaflow.statistics.null_robustness import compare_nulls, flag_rows, rank_correlations


def importance(**by_null):
    """A tidy table: estimates of conditions 0, 1, 2, ... under each null."""
    rows = [
        {
            "null": null,
            "target": "y",
            "experiment": "position",
            "condition": json.dumps({"start": at}),
            "estimand": "global importance",
            "estimate": value,
        }
        for null, values in by_null.items()
        for at, value in enumerate(values)
        if value is not None
    ]
    return pd.DataFrame(rows)


def test_sign_flips_and_more_than_two_fold_changes_are_flagged():
    table = importance(
        profile=[1.0, 1.0, 1.0, -2.0, 0.0, 0.0],
        dinucleotide=[2.0, 2.1, -0.1, -1.5, 0.5, 0.0],
        markov=[1.5, 1.5, 1.5, -1.0, 0.2, 0.0],
    )
    found = compare_nulls(table)
    assert (found["flag"] == "null-dependent").tolist() == [False, True, True, False, True, False]
    assert set(found["flag"]) == {"", "null-dependent"}
    assert found["range"].tolist() == pytest.approx([1.0, 1.1, 1.6, 1.0, 0.5, 0.0])
    assert found["fold"].tolist() == pytest.approx([2.0, 2.1, 15.0, 2.0, np.inf, 1.0])
    assert found["sign_flip"].tolist() == [False, False, True, False, False, False]
    assert found["estimate_dinucleotide"].tolist() == [2.0, 2.1, -0.1, -1.5, 0.5, 0.0]
    assert list(found.columns[:6]) == [
        *("target", "experiment", "estimand", "condition", "nulls", "estimate_profile")
    ]
    assert (compare_nulls(table, fold=20.0)["flag"] != "").tolist() == [0, 0, 1, 0, 1, 0]


def test_conditions_that_are_nothing_everywhere_are_not_flagged():
    table = importance(a=[0.01, -0.01, 3.0], b=[-0.01, 0.01, 9.0])
    table["verdict"] = ["negligible", "negligible", "effect", "inert", "effect", "effect"]
    assert (compare_nulls(table)["flag"] != "").tolist() == [False, True, True]


def test_rank_correlations_are_those_of_each_pair_and_the_lowest_is_reported():
    table = importance(
        a=[1.0, 2.0, 3.0, 4.0], b=[10.0, 20.0, 40.0, 30.0], c=[-1.0, -2.0, -3.0, None]
    )
    pairs = rank_correlations(table).set_index(["null_a", "null_b"])
    # Spearman of 1 2 3 4 with 1 2 4 3: 1 - 6 * 2 / (4 * 15) = 0.8.
    assert pairs["spearman"].tolist() == pytest.approx([0.8, -1.0, -1.0])
    assert pairs["conditions"].tolist() == [4, 3, 3]
    assert compare_nulls(table)["rank_correlation"].tolist() == pytest.approx([-1.0] * 4)


def test_families_are_compared_apart(rng):
    one = importance(a=[1.0, 2.0, 3.0], b=[1.0, 2.0, 3.0])
    two = importance(a=[1.0, 2.0, 3.0], b=[3.0, 2.0, 1.0]).assign(target="z")
    both = pd.concat([one, two]).assign(model="m", unit="logit", study="s")
    found = compare_nulls(both.sample(frac=1, random_state=3))
    by_target = found.groupby("target")["rank_correlation"].unique()
    assert by_target["y"] == pytest.approx([1.0])
    assert by_target["z"] == pytest.approx([-1.0])
    assert len(found) == 6


@pytest.mark.parametrize("values", [[1.0, 2.0], [5.0, 5.0, 5.0]])
def test_too_few_or_equal_estimates_have_no_rank_correlation(values):
    table = importance(a=values, b=range(len(values)))
    assert rank_correlations(table)["spearman"].isna().all()


def test_what_is_no_mean_effect_is_not_compared():
    """A period of 10 and of -3 letters is no effect that changes its sign."""
    table = importance(a=[1.0, 10.0, None, 3.0], b=[1.5, -3.0, 2.0, 9.0])
    verdicts = ["effect", "derived", "inconclusive", "effect", "derived", "masked", "effect"]
    found = compare_nulls(table.assign(verdict=verdicts))
    assert [json.loads(text)["start"] for text in found["condition"]] == [0, 3]
    assert found["flag"].tolist() == ["", "null-dependent"]


def test_the_flag_joins_the_others_of_its_rows():
    table = importance(a=[1.0, 1.0], b=[1.1, 5.0], c=[1.2, None]).assign(model="m", flags="")
    table.loc[[0, 1], "flags"] = "extrapolates"
    shuffled = table.sample(frac=1, random_state=1)
    found = flag_rows(shuffled, compare_nulls(table)).sort_index()
    assert found["flags"].tolist() == [
        *("extrapolates", "extrapolates, null-dependent", "", "null-dependent", ""),
    ]
    none = compare_nulls(table)[lambda t: t["nulls"] > 9]
    assert flag_rows(table, none)["flags"].equals(table["flags"])


def test_one_null_model_leaves_nothing_to_compare():
    found = compare_nulls(importance(a=[1.0, -2.0, 3.0]))
    assert found[["range", "fold", "rank_correlation"]].isna().all(axis=None)
    assert (found["flag"] == "").all() and (found["nulls"] == 1).all()


def test_a_condition_missing_under_one_null_is_compared_under_the_others():
    found = compare_nulls(importance(a=[1.0, 4.0], b=[1.1, None], c=[0.9, -4.0]))
    assert found["nulls"].tolist() == [3, 2]
    assert found["flag"].tolist() == ["", "null-dependent"]
    assert np.isnan(found["estimate_b"][1])


def test_no_estimates_give_no_rows():
    table = importance(a=[1.0, 2.0])
    found = compare_nulls(table[:0])
    assert found.empty
    assert list(found.columns) == [
        name for name in compare_nulls(table).columns if name != "estimate_a"
    ]


def test_tables_that_cannot_be_compared_are_refused():
    table = importance(a=[1.0, 2.0])
    with pytest.raises(InputError, match="has no column null, estimand"):
        compare_nulls(table.drop(columns=["null", "estimand"]))
    twice = pd.concat([table, table])
    with pytest.raises(InputError, match=r"null model 'a' has several estimates of .*\"start\": 0"):
        compare_nulls(twice)
