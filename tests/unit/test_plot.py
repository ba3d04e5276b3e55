"""Figures show what the tables say; pages escape what users write."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from giaflow.design import Figure
from giaflow.plot import effects, maps, motifs, pages

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def rows(labels, estimates, **columns):
    """An importance table of two targets with given labels and estimates."""
    table = []
    for target in ("Oct4", "MafK"):
        for label, estimate in zip(labels, estimates, strict=True):
            table.append(
                {
                    "model": "m", "null": "n", "target": target, "unit": "logit", "experiment": "e",
                    "estimand": "global_importance", "condition": json.dumps(label), **label,
                    "estimate": estimate, "ci_low": estimate - 0.25, "ci_high": estimate + 0.5,
                    "band_low": np.nan, "band_high": np.nan,
                    "q": 0.01, "sesoi": 0.1, "verdict": "effect", **columns,
                }
            )  # fmt: skip
    return pd.DataFrame(table)


FOREST = asdict(Figure("forest", x="pattern", x_label="global importance", hue="role"))
PROFILE = asdict(Figure("profile", x="gap", x_label="gap (letters)", hue="arm"))


def test_a_forest_has_a_panel_a_target_and_the_largest_on_top():
    labels = [{"pattern": p, "role": "pattern"} for p in ("low", "high", "mid")]
    figure = effects.draw(rows(labels, [1.0, 3.0, 2.0]), rows([], []), FOREST)
    axes = figure.axes
    assert [axis.get_title() for axis in axes] == ["Oct4", "MafK"]
    assert axes[0].get_xlabel() == "global importance (logit)"
    assert [text.get_text() for text in axes[0].get_yticklabels()] == ["low", "mid", "high"]
    points = axes[0].containers[0].lines[0]
    order = dict(zip(("low", "high", "mid"), points.get_xdata(), strict=True))
    assert order == {"low": 1.0, "high": 3.0, "mid": 2.0}
    bars = axes[0].containers[0].lines[2][0].get_segments()
    assert bars[1][:, 0].tolist() == pytest.approx([2.75, 3.5])


def test_a_profile_draws_effect_and_interaction():
    labels = [{"arm": "pair", "gap": g} for g in (0, 1, 2)]
    labels.append({"arm": "first alone", "gap": None})
    importance = rows(labels, [1.0, 5.0, 2.0, 0.5])
    contrasts = rows(labels[:3], [0.0, 4.0, 1.0], estimand="interaction")
    figure = effects.draw(importance, contrasts, PROFILE)
    assert len(figure.axes) == 4
    assert [axis.get_ylabel() for axis in figure.axes[::2]] == [
        "effect (logit)",
        "interaction (logit)",
    ]
    assert figure.axes[2].get_xlabel() == "gap (letters)"
    line = figure.axes[0].containers[0].lines[0]
    assert line.get_xdata().tolist() == [0, 1, 2] and line.get_ydata().tolist() == [1, 5, 2]


def test_a_band_is_drawn_where_there_is_one():
    labels = [{"arm": "pair", "gap": g} for g in (0, 1, 2)]
    table = rows(labels, [1.0, 5.0, 2.0]).assign(band_low=0.5, band_high=6.0)
    axes = effects.draw(table, rows([], []), PROFILE).axes
    assert len(axes) == 2
    assert axes[0].collections[0].get_paths()[0].get_extents().bounds == (0, 0.5, 2, 5.5)


def test_a_matrix_has_a_cell_for_each_position_and_letter():
    design = asdict(Figure("matrix", "position", "position", "letter", estimand="mutation"))
    labels = [{"position": p, "letter": a} for p, a in ((0, "C"), (2, "T"))]
    table = rows(labels, [1.0, -3.0], estimand="mutation")
    axes = effects.draw(rows([], []), table, design).axes
    cells = axes[0].images[0].get_array()
    assert cells.shape == (4, 3)
    assert (cells[1, 0], cells[3, 2]) == (1.0, -3.0)
    assert axes[0].images[0].get_clim() == (-3.0, 3.0)


def test_only_the_largest_are_drawn_of_many():
    labels = [{"pattern": f"p{i}", "role": "word"} for i in range(31)]
    table = rows(labels, list(range(31)))
    axes = effects.draw(table, rows([], []), {**FOREST, "top": 3}).axes
    assert [t.get_text() for t in axes[0].get_yticklabels()] == ["p28", "p29", "p30"]


def test_nothing_to_draw_says_so():
    figure = effects.draw(rows([], []), rows([], []), FOREST)
    assert "nothing was asked for or discovered" in figure.axes[0].texts[0].get_text()
    figure = motifs.draw_catalogue(pd.DataFrame(), {}, "ACGT")
    assert "found no pattern" in figure.axes[0].texts[0].get_text()


def test_a_catalogue_has_a_titled_logo_a_pattern():
    table = pd.DataFrame({"pattern": list("abcde"), "n_seqlets": [5, 4, 3, 2, 1]})
    cwms = {name: np.eye(4)[:3] + 0.1 for name in "abcde"}
    figure = motifs.draw_catalogue(table, cwms, "ACGU")
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == [
        f"{name}: {n} seqlets" for name, n in zip("abcde", (5, 4, 3, 2, 1), strict=True)
    ]


def test_maps_are_numbered_by_position():
    shown = {"title": "t", "start": 40, "contributions": {"ism": np.eye(4).repeat(4, axis=0)}}
    figure = maps.draw_maps([shown], "ACGT", "logit")
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["40", "50"]
    assert figure.axes[0].get_ylabel() == "logit"


def test_pages_hold_every_row_and_escape_names():
    labels = [{"pattern": "<b>bold</b>", "role": "pattern"}]
    page = pages.importance_page(rows(labels, [1.25]), rows(labels, [0.5], estimand="interaction"))
    assert page.count("1.25 logit") == 2 and page.count("0.5 logit") == 2
    assert "<b>bold" not in page and "&lt;b&gt;bold" in page
    assert "1 to 1.75" in page and "interaction" in page


def test_the_performance_page_shows_intervals_or_says_that_nothing_was_trained():
    table = pd.DataFrame(
        [["m", "Oct4", 0.97, 0.961, 0.978, 363, 1815]],
        columns=["model", "target", "auc", "ci_low", "ci_high", "sequences", "shuffles"],
    )
    page = pages.performance_page(table)
    assert "0.970" in page and "0.961 to 0.978" in page and "1815" in page
    assert "No model was trained" in pages.performance_page(table.head(0))
