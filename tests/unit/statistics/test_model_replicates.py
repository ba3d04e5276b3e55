"""The second level: estimates of several models of one network."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from giaflow.statistics.model_replicates import COLUMNS, compare_models


def rows(models, conditions, estimates, **more):
    """A table with an estimate (M, K) for each model and condition."""
    shared = {"study": "s", "target": "t", "unit": "u", "null": "n", "experiment": "e"}
    shared |= {"estimand": "global_importance", "causal": "ACE", "se": 0.3, "sesoi": 0.1}
    shared |= {"verdict": "effect", **more}
    return pd.DataFrame(
        [
            {**shared, "model": model, "condition": condition, "estimate": estimates[m][k]}
            for m, model in enumerate(models)
            for k, condition in enumerate(conditions)
        ]
    )


def test_the_interval_over_models_is_student_s(rng):
    values = rng.normal(2, 0.5, (5, 3))
    table = rows("abcde", ["x", "y", "z"], values)
    # The order of rows must not matter.
    found = compare_models(table.sample(frac=1, random_state=1), {"g": list("abcde")})
    found = found.set_index("condition")
    for k, name in enumerate(["x", "y", "z"]):
        test = scipy_stats.ttest_1samp(values[:, k], 0)
        low, high = test.confidence_interval(0.95)
        row = found.loc[name]
        assert row["estimate"] == pytest.approx(values[:, k].mean())
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))
        assert row["sd_models"] == pytest.approx(values[:, k].std(ddof=1))
        assert row["p"] == pytest.approx(test.pvalue)
        half = scipy_stats.norm.ppf(0.975) * 0.3
        assert row["monte_carlo_high"] - row["estimate"] == pytest.approx(half)
        assert row["models"] == 5 and row["same_sign"] == 1


def test_conditions_of_one_model_alone_are_left_out():
    table = pd.concat([
        rows("ab", ["x"], [[1.0], [2.0]]),
        rows("a", ["y"], [[3.0]]),
        rows("abc", ["z"], [[1.0], [-1.0], [3.0]]),
        rows("d", ["x"], [[9.0]]),
        rows("ab", ["slope"], [[1.0], [2.0]], verdict="derived"),
    ])  # fmt: skip
    found = compare_models(table, {"g": ["a", "b", "c"], "alone": ["d"]}).set_index("condition")
    assert found["models"].to_dict() == {"x": 2, "z": 3}
    assert found["estimate"].to_dict() == {"x": 1.5, "z": 1.0}
    assert found.loc["z", "same_sign"] == pytest.approx(2 / 3)


def test_no_group_is_an_empty_table():
    found = compare_models(rows("ab", ["x"], [[1.0], [2.0]]), {})
    assert found.empty and tuple(found.columns) == COLUMNS


def test_intervals_over_models_cover_what_backgrounds_alone_do_not():
    """Three models that differ by 1 around the truth, each known to 0.1."""
    rng = np.random.default_rng(0)
    values = rng.normal(0.7, 1, (3, 500)) + rng.normal(0, 0.1, (3, 500))
    found = compare_models(rows("abc", range(500), values, se=0.1), {"g": list("abc")})
    held = (found["ci_low"] <= 0.7) & (found["ci_high"] >= 0.7)
    narrow = (found["monte_carlo_low"] <= 0.7) & (found["monte_carlo_high"] >= 0.7)
    assert held.mean() == pytest.approx(0.95, abs=0.03)
    assert narrow.mean() < 0.4
