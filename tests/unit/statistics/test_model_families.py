"""One effect in many models, side by side."""

import json

import numpy as np
import pandas as pd
import pytest

from giaflow.plot.families import draw_families
from giaflow.plot.held_out import draw_held_out
from giaflow.statistics.effect_tables import CORE
from giaflow.statistics.model_families import COMPARED, compare_families, spread

plt = pytest.importorskip("matplotlib.pyplot")
ESTIMATES = {"a": -2.0, "b": 0.5, "c": -1.0, "d": np.nan, "alone": 9.0}


@pytest.fixture(autouse=True)
def no_figure_is_kept():
    """A job of many runs draws hundreds: none may stay behind in pyplot."""
    yield
    kept = plt.get_fignums()
    plt.close("all")
    assert not kept


@pytest.fixture
def table():
    rows = []
    for model, value in ESTIMATES.items():
        for estimand, labels in (
            ("fill_bias", {"arm": "3' GC repeat", "region": "3'"}),
            ("additivity_share", {"copies": 2, "letters": f"word of {model}"}),
            ("global_importance", {"arm": "pattern"}),
        ):
            row = dict.fromkeys(CORE, "x") | {
                "study": "s", "model": model, "target": "t", "null": "n", "estimand": estimand,
                "experiment": "e", "condition": json.dumps(labels), "estimate": value,
                "ci_low": value - 0.7, "ci_high": value + 0.7,
            }  # fmt: skip
            rows.append(row)
    return pd.DataFrame(rows)


@pytest.fixture
def performance():
    columns = {"auc": [np.nan, 0.9, np.nan], "r": [0.8, np.nan, 0.6]}
    return pd.DataFrame({"model": ["a", "b", "alone"], "target": "t", **columns})


def test_models_of_a_family_are_rows_and_their_own_letters_no_condition(table, performance):
    found = compare_families(table, {"f": ["a", "b", "c", "d"]}, performance)
    assert set(found["estimand"]) == {"fill_bias", "additivity_share"} and len(found) == 8
    assert not found["model"].eq("alone").any()
    copies = found[found["estimand"] == "additivity_share"]
    assert copies["condition"].unique().tolist() == ['{"copies": 2}']
    learned = found.drop_duplicates("model").set_index("model")["performance"]
    assert learned[["a", "b"]].tolist() == [0.8, 0.9] and learned[["c", "d"]].isna().all()


def test_the_spread_counts_models_on_either_side_of_zero(table, performance):
    found = spread(compare_families(table, {"f": ["a", "b", "c", "d"]}, performance))
    row = found[found["estimand"] == "fill_bias"].iloc[0]
    assert (row["models"], row["masked"], row["above"], row["below"]) == (4, 1, 0, 2)
    assert row[["lower_quartile", "median", "upper_quartile"]].tolist() == [-1.5, -1, -0.25]


def test_without_a_family_the_tables_are_empty_and_the_figure_says_so(table, performance):
    found = compare_families(table, {}, performance)
    assert found.empty and spread(found).empty and list(found)[1] == "family"
    assert "no family of models" in draw_families(found, COMPARED).axes[0].texts[0].get_text()


def test_every_model_is_a_dot_and_a_masked_one_a_cross(table, performance):
    found = compare_families(table, {"f": ["a", "b", "c", "d"]}, performance)
    figure = draw_families(found, COMPARED)
    shown = [axis for axis in figure.axes if axis.axison]
    assert len(shown) == 2
    labels = [text.get_text() for text in shown[0].get_yticklabels()]
    assert labels == ["d", "c", "b", "a"]
    dots, crosses = (
        next(line for line in shown[0].lines if line.get_marker() == marker) for marker in "ox"
    )
    by_name = dict(zip(labels, dots.get_xdata(), strict=True))
    assert by_name["a"] == -2 and np.isnan(by_name["d"]) and crosses.get_ydata().tolist() == [0]
    low, high = shown[0].get_xlim()
    assert low < -2 and high > 0.5


def test_an_arm_of_one_model_is_drawn_only_where_it_is_the_family(table, performance):
    own = (table["model"] != "a") & (table["estimand"] == "fill_bias")
    for members, panels in ((["a", "b", "c"], 1), (["a"], 2)):
        found = compare_families(table[~own], {"f": members}, performance)
        figure = draw_families(found, COMPARED)
        assert len([axis for axis in figure.axes if axis.axison]) == panels


def test_held_out_values_are_drawn_where_they_were_measured(rng):
    measured = rng.normal(size=(307, 2))
    measured[:100, 1] = np.nan
    rows = {"model": "m", "target": ["one", "two"], "r": 0.5, "ci_low": 0.4, "ci_high": 0.6}
    table = pd.DataFrame({**rows, "sequences": [307, 207]})
    figure = draw_held_out(measured * 2, measured, table, "SD")
    counts = [axis.collections[0].get_array().sum() for axis in figure.axes[:2]]
    assert counts == [307, 207]
    assert figure.axes[0].get_ylabel() == "predicted (SD)" and "r = 0.500" in (
        figure.axes[1].get_title()
    )


def test_many_held_out_targets_take_several_rows(rng):
    measured = rng.normal(size=(31, 6))
    names = [f"y{i}" for i in range(6)]
    rows = {"model": "m", "target": names, "r": 0.5, "ci_low": 0.4, "ci_high": 0.6}
    figure = draw_held_out(measured, measured, pd.DataFrame({**rows, "sequences": 31}), "SD")
    shown = [axis for axis in figure.axes if axis.get_title()]
    assert [axis.get_title().split(":")[0] for axis in shown] == [f"m, {name}" for name in names]
    assert {axis.get_subplotspec().get_gridspec().get_geometry() for axis in shown} == {(2, 4)}
