"""Figures show what the tables say; pages escape what users write."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from giaflow.io.figures import write_figure
from giaflow.plot import diagnostics, effects, maps, motifs, pairs, robustness
from giaflow.plot.calibration import draw_calibration
from giaflow.plot.page import pages
from giaflow.plot.theme import empty
from giaflow.statistics.contrasts import Figure

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def no_figure_is_kept():
    """A job of many runs draws hundreds: none may stay behind in pyplot."""
    yield
    kept = plt.get_fignums()
    plt.close("all")
    assert not kept


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
                    "band_low": np.nan, "band_high": np.nan, "q": 0.01, "sesoi": 0.1,
                    "verdict": "effect", "flags": "", **columns,
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


def test_a_forest_by_size_has_the_furthest_from_zero_on_top():
    labels = [{"pattern": p, "role": "pattern"} for p in ("up", "down", "little")]
    design = {**FOREST, "top": 2, "by_size": True}
    axis = effects.draw(rows(labels, [2.0, -3.0, 0.5]), rows([], []), design).axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["up", "down"]


def test_a_number_stands_beside_each_name():
    labels = [{"pattern": p, "role": "pattern", "energy": e} for p, e in (("a", -7.25), ("b", -3))]
    design = {**FOREST, "beside": "energy", "beside_unit": "kcal/mol"}
    table = rows(labels, [1.0, 2.0])
    names = [text.get_text() for text in effects.draw(table, rows([], []), design).axes[0]
             .get_yticklabels()]  # fmt: skip
    assert names == ["a (-7.2 kcal/mol)", "b (-3.0 kcal/mol)"]
    axis = effects.draw(table.drop(columns="energy"), rows([], []), design).axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["a", "b"]


@pytest.mark.parametrize("targets", [("Oct4",), ("Oct4", "MafK")])
def test_long_names_take_nothing_from_the_panels_of_a_forest(targets):
    def inches(name):
        table = rows([{"pattern": name, "role": "pattern"}], [1.0])
        figure = effects.draw(table[table["target"].isin(targets)], rows([], []), FOREST)
        figure.canvas.draw()
        return figure.axes[0].get_position().width * figure.get_size_inches()[0]

    assert inches("hairpin, pattern in loop (-16.7 kcal/mol)") > 0.95 * inches("a pattern, 18 long")


@pytest.mark.parametrize("kind", ["forest", "profile"])
def test_many_targets_take_several_rows(kind):
    design, label = (FOREST, {"pattern": "p", "role": "r"}) if kind == "forest" else (
        PROFILE, {"gap": 3, "arm": "pair"}
    )  # fmt: skip
    one = rows([label], [1.5])[:1]
    names = [f"t{i}" for i in range(6)]
    table = pd.concat([one.assign(target=name) for name in names])
    figure = effects.draw(table, rows([], []), design)
    assert figure.get_size_inches()[0] < 15
    shown = [axis for axis in figure.axes if axis.axison]
    assert [axis.get_title() for axis in shown] == names
    # The lowest panel of every column says what its axis is.
    assert all(axis.get_xlabel() for axis in shown[2:])


def test_a_legend_below_is_no_wider_than_its_figure():
    roles = ("pattern", "scrambled control", "reversed", "reverse complement")
    labels = [{"pattern": "motif", "role": role} for role in roles]
    table = rows(labels, [3.0, 2.0, 1.0, 0.5])
    figure = effects.draw(table[table["target"] == "Oct4"], rows([], []), FOREST)
    figure.canvas.draw()
    drawn = figure.legends[0].get_window_extent()
    assert drawn.x0 >= 0 and drawn.x1 <= figure.bbox.x1
    assert len(figure.legends[0].get_texts()) == 4


def test_rna_is_shown_with_its_own_letters():
    words = rows([{"letters": "UGCAUG", "role": "word"}], [1.0])
    design = {**FOREST, "x": "letters", "alphabet": "ACGU"}
    axis = effects.draw(words, rows([], []), design).axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["UGCAUG"]
    named = rows([{"pattern": "TATA", "role": "pattern"}], [1.0])
    axis = effects.draw(named, rows([], []), {**FOREST, "alphabet": "ACGU"}).axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["TATA"]
    design = asdict(Figure("matrix", "position", "position", "letter", estimand="mutation"))
    table = rows([{"position": 0, "letter": "U"}], [1.0], estimand="mutation")
    axes = effects.draw(rows([], []), table, {**design, "alphabet": "ACGU"}).axes
    assert [text.get_text() for text in axes[2].get_yticklabels()] == list("ACGU")


def test_a_forest_names_what_each_row_measures_and_a_single_label_needs_no_legend():
    labels = [{"pattern": p, "role": "pattern"} for p in ("a", "b")]
    below = rows(labels[:1], [0.5]).assign(estimand="interaction")
    figure = effects.draw(rows(labels, [1.0, 3.0]), below, {**FOREST, "x_label": "necessity"})
    said = [axis.get_xlabel() for axis in figure.axes]
    assert said == ["necessity (logit)"] * 2 + ["interaction (logit)"] * 2
    assert not figure.legends
    labels[1]["role"] = "scrambled control"
    assert effects.draw(rows(labels, [1.0, 3.0]), rows([], []), FOREST).legends


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


def test_a_grid_has_a_panel_a_pair_and_a_line_where_nothing_interacts():
    design = Figure(
        "profile", x="distance", x_label="distance (letters)", hue="strands", estimand="fold",
        below="", panel="pair", reference=1.0,
    )  # fmt: skip
    parts = []
    for at, pair in enumerate(("A -> A", "B -> A", "A -> B", "B -> B")):
        labels = [
            {"pair": pair, "strands": strands, "distance": d}
            for strands in ("++", "+-")
            for d in (11, 12, 15)
        ]
        table = rows(labels, [1.0 + at, 2.0, 3.0, 4.0, 5.0, 6.0], estimand="fold")
        parts.append(table[table["target"] == "Oct4"].assign(unit="fold"))
    figure = effects.draw(rows([], []), pd.concat(parts), asdict(design))
    shown = [axis for axis in figure.axes if axis.axison]
    assert [axis.get_title() for axis in shown] == ["A -> A", "B -> A", "A -> B", "B -> B"]
    assert shown[0].get_ylabel() == "fold" and len(figure.axes) == 6
    for at, axis in enumerate(shown):
        assert axis.lines[0].get_ydata()[0] == 1.0
        assert axis.containers[0].lines[0].get_ydata().tolist() == [1.0 + at, 2.0, 3.0]
        assert axis.containers[1].lines[0].get_xdata().tolist() == [11, 12, 15]
    assert all(axis.get_xlabel() == "distance (letters)" for axis in shown[1:])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["++", "+-"]


def test_many_pairs_stand_in_a_square_and_each_target_by_itself():
    design = asdict(Figure("profile", "distance", "d", "strands", estimand="fold", panel="pair"))
    names = [f"{side} -> {centre}" for centre in "ABCDEF" for side in "ABCDEF"]
    labels = [{"pair": name, "strands": "++", "distance": d} for name in names for d in (11, 12)]
    table = rows(labels, range(72), estimand="fold")
    # Of all pairs, the first is read by two targets.
    table = table[(table["target"] == "Oct4") | (table["pair"] == names[0])]
    # Lines of a panel may have a target each.
    alone = table[table["target"] == "Oct4"]
    lines = pd.concat([alone, alone.assign(strands="+-", target="Oct4_rc")])
    one = effects.draw(rows([], []), lines[lines["pair"] == names[0]], design).axes
    assert [axis.get_title() for axis in one] == [names[0]] and len(one[0].containers) == 2
    figure = effects.draw(rows([], []), table, design)
    shown = [axis for axis in figure.axes if axis.axison]
    assert {axis.get_subplotspec().get_gridspec().get_geometry() for axis in shown} == {(6, 7)}
    titles = [axis.get_title() for axis in shown]
    assert len(titles) == 37 and {"A -> A, Oct4", "A -> A, MafK", "F -> F, Oct4"} <= set(titles)
    assert {tuple(axis.containers[0].lines[0].get_xdata()) for axis in shown} == {(11, 12)}


def test_no_line_leads_past_what_something_moves_around():
    design = asdict(Figure("profile", "distance", "distance", "arm", estimand="sufficiency"))
    places = (-80, -70, -60, -50, -40, 40, 50, 60, 70, 80)
    labels = [{"arm": "pair", "distance": d} for d in places]
    table = rows(labels, range(10), estimand="sufficiency").assign(band_low=-1, band_high=11)
    axes = effects.draw(rows([], []), table, design).axes
    drawn = [list(container.lines[0].get_xdata()) for container in axes[0].containers]
    assert drawn == [list(places[:5]), list(places[5:])]
    bands = [each.get_paths()[0].get_extents() for each in axes[0].collections[:1]]
    assert [(band.x0, band.x1) for band in bands] == [(-80, -40)]
    assert axes[0].get_ylabel() == "sufficiency (logit)"
    # Labels at all ten places would overlap.
    assert len(axes[0].get_xticks()) < 10


def test_a_band_is_drawn_where_there_is_one():
    labels = [{"arm": "pair", "gap": g} for g in (0, 1, 2)]
    table = rows(labels, [1.0, 5.0, 2.0]).assign(band_low=0.5, band_high=6.0)
    axes = effects.draw(table, rows([], []), PROFILE).axes
    assert len(axes) == 2
    assert axes[0].collections[0].get_paths()[0].get_extents().bounds == (0, 0.5, 2, 5.5)


def test_many_points_are_a_line_in_a_band_of_intervals():
    labels = [{"arm": "pair", "gap": gap} for gap in range(43)]
    table = rows(labels, range(43))
    axis = effects.draw(table, rows([], []), PROFILE).axes[0]
    assert not axis.containers and [len(line.get_xdata()) for line in axis.lines] == [2, 43]
    interval = axis.collections[0].get_paths()[0].get_extents()
    assert (interval.x0, interval.x1) == (0, 42)
    assert interval.y0 == table["ci_low"].min() and interval.y1 == table["ci_high"].max()


def test_a_label_longer_than_its_panel_takes_two_lines():
    labels = [{"arm": "pair", "gap": gap} for gap in (0, 1, 2)]
    table = rows(labels, [1.0, 5.0, 2.0], estimand="additivity_residual")
    table = table.assign(unit="DeepBind score")
    design = PROFILE | {"estimand": "additivity_residual"}
    axis = effects.draw(rows([], []), table, design).axes[0]
    assert axis.get_ylabel() == "additivity residual\n(DeepBind score)"


def test_a_message_stays_within_its_figure():
    message = "Nothing to compare: " + "no experiment ran on two null models, " * 4
    figure = empty(message)
    figure.canvas.draw()
    box = figure.axes[0].texts[0].get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 and box.y1 <= figure.bbox.y1


def test_a_matrix_has_a_cell_for_each_position_and_letter():
    design = asdict(Figure("matrix", "position", "position", "letter", estimand="mutation"))
    labels = [{"position": p, "letter": a} for p, a in ((0, "C"), (2, "T"))]
    table = rows(labels, [1.0, -3.0], estimand="mutation")
    axes = effects.draw(rows([], []), table, design).axes
    logos, maps = axes[:2], axes[2:4]
    cells = maps[0].images[0].get_array()
    assert cells.shape == (4, 3)
    assert (cells[1, 0], cells[3, 2]) == (1.0, -3.0)
    assert maps[0].images[0].get_clim() == (-3.0, 3.0)
    # Letters that change nothing stand above one that harms: 3/4 each over 9/4 below.
    low, high = logos[0].get_ylim()
    assert (low, high) == pytest.approx((-2.25, 2.25), rel=0.1)


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


def test_pairs_are_drawn_once_at_their_positions_and_the_strong_are_marked():
    strength = np.arange(49.0).reshape(7, 7)
    table = pd.DataFrame({"position": [12, 13], "partner": [15, 16], "p_map": [0.01, 0.5]})
    figure = pairs.draw_pairs([{"title": "x", "strength": strength, "pairs": table}], 10, "logit")
    axis, bar = figure.axes
    shown = axis.images[0].get_array()
    assert shown.mask[np.tril_indices(7)].all() and shown[0, 6] == 6
    assert axis.images[0].get_extent() == [9.5, 16.5, 16.5, 9.5]
    assert axis.lines[0].get_xydata().tolist() == [[15, 12]]
    assert bar.get_ylabel() == "strength of the pair (logit)"
    assert "mutated twice" in pairs.draw_pairs([], 0, "logit").axes[0].texts[0].get_text()


def test_pages_hold_every_row_and_escape_names():
    labels = [{"pattern": "<b>bold</b>", "role": "pattern"}]
    page = pages.importance_page(rows(labels, [1.25]), rows(labels, [0.5], estimand="interaction"))
    assert page.count("1.25 logit") == 2 and page.count("0.5 logit") == 2
    assert "<b>bold" not in page and "&lt;b&gt;bold" in page
    assert "1 to 1.75" in page and "interaction" in page


def test_a_page_leaves_out_numbers_that_do_not_exist():
    labels = [{"pattern": "p", "role": "pattern"}]
    masked = rows(labels, [np.nan], estimand="fold", verdict="masked").assign(q=np.nan)
    derived = rows(labels, [2.5], estimand="wave", verdict="derived").assign(ci_low=np.nan)
    page = pages.importance_page(masked, derived)
    assert page.count("2.5 logit") == 2 and page.count("<td>masked</td>") == 2
    assert "nan" not in page


def test_the_performance_page_shows_intervals_or_says_that_nothing_was_trained():
    table = pd.DataFrame(
        [["m", "Oct4", 0.97, 0.961, 0.978, 363, 1815]],
        columns=["model", "target", "auc", "ci_low", "ci_high", "sequences", "shuffles"],
    )
    page = pages.performance_page(table)
    assert "0.970" in page and "0.961 to 0.978" in page and "1815" in page
    assert "No model was trained" in pages.performance_page(table.head(0))
    learned = table.assign(auc=np.nan, r=0.87, shuffles=np.nan)
    page = pages.performance_page(learned)
    assert "Pearson r" in page and "0.870" in page and "nan" not in page


def test_calibration_strips_show_every_effect_and_count_failures():
    rows = [("LabR", "coverage", f"d{i}", 0.94 + i / 500, 0.93, 0.97, i < 7) for i in range(9)]
    rows += [("LabD", "bias, SE", "d", 0.1, -0.2, 0.2, True)]
    columns = ["model", "check", "design", "value", "low", "high", "passed"]
    table = pd.DataFrame(rows, columns=columns)
    figure = draw_calibration(table)
    left, right = figure.axes
    assert left.get_title() == "9 effects, 2 outside"
    assert right.get_title() == "1 effects, 0 outside"
    assert sum(len(line.get_xdata()) for line in left.lines[:1]) == 9
    assert "No effect" in draw_calibration(table.head(0)).axes[0].texts[0].get_text()


def test_effects_that_were_estimated_once_have_a_row_for_each_experiment():
    designs = ["null, here: x", "null, here: y", "null, there: x"]
    table = pd.DataFrame(
        {"design": designs, "value": [0.5, -5.0, 1.0], "passed": [True, False, True]}
    )
    table = table.assign(model="M", check="estimate in the tables, SE", low=-3.5, high=[4, 3.8, 9])
    (axis,) = draw_calibration(table).axes
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        "M, null, here", "M, null, there",
    ]  # fmt: skip
    assert axis.get_title() == "3 effects, 1 outside their bands"
    marked = {
        (line.get_marker(), *line.get_xdata()) for line in axis.lines if len(line.get_xdata())
    }
    assert {("o", 0.5), ("x", -5.0), ("o", 1.0)} <= marked


def diagnosed(**verdicts):
    """A table of diagnostics with one row of each name and given verdict."""
    values = {"ok": 0.001, "warn": 0.005, "fail": 0.5, "info": 0.25}
    table = [
        ["s", "m", "n", name, "k=2", values[verdict], 0.002, 0.01, verdict]
        for name, verdict in verdicts.items()
    ]
    columns = ["study", "model", "null", "diagnostic", "detail", "value"]
    return pd.DataFrame(table, columns=[*columns, "threshold_warn", "threshold_fail", "verdict"])


LIMITS = {
    "jsd_warn": 0.002, "jsd_fail": 0.01,
    "position_warn": 0.05, "position_fail": 0.15, "position_q": 0.05,
}  # fmt: skip


class TestDiagnostics:
    def draw(self, table):
        positions = pd.DataFrame(
            {
                "position": range(7),
                "total_variation": [0.01, 0.3, 0.02, 0.04, 0.2, 0.0, np.nan],
                "q": [1, 0.001, 1, 1, 0.04, 1, 1],
            }
        )
        quantiles = pd.DataFrame(
            [
                [target, source, share, 3 * share + shift, "logit"]
                for target in ("a", "b")
                for source, shift in (("null", 0), ("data", 2), ("construct", 9))
                if (target, source) != ("b", "construct")
                for share in (0.0, 0.5, 1.0)
            ],
            columns=["target", "source", "quantile", "prediction", "unit"],
        )
        return diagnostics.draw_diagnostics(table, positions, quantiles, LIMITS).axes

    def test_each_panel_shows_its_table(self):
        table = diagnosed(kmer_jsd_excess="warn", classifier_auc="fail", cpg="info")
        words, places, predictions, verdicts = self.draw(table)
        told = {text.get_text(): text.xy for text in words.texts}
        assert told == {"warn": (1, 0.002), "fail": (1, 0.01)} and words.get_legend() is None
        lines = [line.get_ydata()[0] for line in words.lines if line.get_linestyle() in (":", "--")]
        assert {0.002, 0.01} <= set(lines)
        assert "bits" in words.get_ylabel() and "letters" in places.get_xlabel()
        marked = next(line for line in places.lines if line.get_marker() == "o")
        assert list(marked.get_xdata()) == [1, 4]
        labels = [text.get_text() for text in predictions.get_legend().get_texts()]
        assert labels == ["null", "data", "construct", "a", "b"]
        drawn = {(line.get_color(), line.get_linestyle()) for line in predictions.lines}
        named = predictions.get_legend().get_lines()
        assert drawn == {
            (one.get_color(), s.get_linestyle()) for one in named[3:] for s in named[:3]
        }
        assert predictions.get_xlabel() == "prediction (logit)"
        said = " ".join(text.get_text() for text in verdicts.texts)
        assert "classifier AUC: 0.5 (k=2)" in said and "cpg" not in said

    def test_the_worst_row_of_a_diagnostic_is_told(self):
        table = pd.concat(
            [
                diagnosed(prediction_coverage=verdict).assign(
                    detail=detail, value=value, threshold_warn=0.98, threshold_fail=0.9
                )
                for detail, value, verdict in (
                    ("a", 0.99, "ok"), ("b", 0.95, "warn"), ("c", 0.93, "warn"),
                )
            ]
        )  # fmt: skip
        table = pd.concat([table, diagnosed(kmer_jsd_excess="ok")], ignore_index=True)
        said = [text.get_text() for text in self.draw(table)[3].texts]
        assert next(text for text in said if "predicted" in text).endswith("0.93 (c)")


def compared(*estimates, flags=None):
    """A table of effects under the null models p and q."""
    return pd.DataFrame(
        [
            {
                "study": "s", "model": "m", "target": "y", "unit": "logit", "experiment": "e",
                "estimand": "global_importance",
                "condition": json.dumps({"pattern": f"<p{i}>", "role": "pattern"}),
                "nulls": 2, "estimate_p": p, "estimate_q": q, "range": abs(p - q), "fold": 1.0,
                "sign_flip": p * q < 0, "rank_correlation": 0.75, "flag": (flags or {}).get(i, ""),
            }
            for i, (p, q) in enumerate(estimates)
        ],
    )  # fmt: skip


def test_a_figure_longer_than_an_image_can_be_is_written(tmp_path):
    figure = plt.figure(figsize=(0.25, 450))
    plt.close(figure)
    write_figure(figure, tmp_path / "f.svg", tmp_path / "f.png")
    tall, wide, _ = plt.imread(tmp_path / "f.png").shape
    assert 59_900 < tall <= 60_000 and wide == 33


def test_a_figure_of_too_many_pixels_has_fewer(tmp_path, monkeypatch):
    monkeypatch.setattr("giaflow.io.figures._AREA", 30_000)
    figure = plt.figure(figsize=(4, 3))
    plt.close(figure)
    write_figure(figure, tmp_path / "f.svg", tmp_path / "f.png")
    assert plt.imread(tmp_path / "f.png").shape[:2] == (150, 200)


class TestRobustness:
    def test_estimates_stand_against_each_other_and_the_flagged_are_named(self):
        table = compared((1.0, 1.5), (3.0, -2.0), flags={1: "null-dependent"})
        [axis] = robustness.draw_robustness(table, ["p", "q"], 2.0, "").axes
        assert axis.get_xlabel() == "effect under p (logit)"
        assert axis.get_ylabel() == "effect under q (logit)"
        points = [tuple(map(list, line.get_data())) for line in axis.lines[1:]]
        assert points == [([1.0], [1.5]), ([3.0], [-2.0])]
        said = [text.get_text() for text in axis.texts]
        assert said == ["<p1>"]
        assert axis.get_legend().get_title().get_text() == "rank correlation 0.75"
        named = [text.get_text() for text in axis.get_legend().get_texts()]
        assert named == ["less than 2-fold change", "q", "null-dependent"]

    @pytest.mark.parametrize(
        ("role", "said"),
        [
            ("pattern", "TATA"),
            ("condition", "TATA"),
            ("scrambled control", "TATA, scrambled"),
            ("reverse complement", "TATA, reverse complement"),
        ],
    )
    def test_a_flagged_control_is_named_by_what_it_is(self, role, said):
        table = compared((3.0, -2.0), flags={0: "null-dependent"})
        table["condition"] = json.dumps({"pattern": "TATA", "role": role})
        [axis] = robustness.draw_robustness(table, ["p", "q"], 2.0, "").axes
        assert axis.texts[0].get_text() == said

    def test_names_do_not_lie_on_each_other(self):
        flags = dict.fromkeys(range(3), "null-dependent")
        table = compared((3.0, -2.0), (2.5, -2.05), (0.25, 1.0), flags=flags)
        [axis] = robustness.draw_robustness(table, ["p", "q"], 2.0, "").axes
        assert [text.get_text() for text in axis.texts] == ["<p0>", "<p2>"]

    def test_panels_stand_in_a_grid(self):
        one = compared((1.0, 1.5))
        table = pd.concat(one.assign(experiment=f"e{i}", target=t) for i in range(3) for t in "xy")
        figure = robustness.draw_robustness(table, ["p", "q"], 2.0, "")
        assert [axis.get_title() for axis in figure.axes[:6]] == [
            "e0, x", "e0, y", "e1, x", "e1, y", "e2, x", "e2, y"
        ]  # fmt: skip
        assert {axis.get_subplotspec().get_gridspec().get_geometry() for axis in figure.axes} == {
            (2, 4)
        }

    def test_many_models_share_a_panel_of_an_experiment(self):
        one = compared((1.0, 1.5), (3.0, -2.0), flags={1: "null-dependent"})
        parts = [
            one.assign(model=f"m{i}", experiment=e, rank_correlation=i / 64)
            for i in range(65) for e in ("copies", "embed")
        ]  # fmt: skip
        copies, embed = robustness.draw_robustness(pd.concat(parts), ["p", "q"], 2.0, "").axes
        assert copies.get_title() == "copies, y\n65 models"
        assert embed.get_legend().get_title().get_text() == "median rank correlation 0.50"
        assert [len(line.get_xdata()) for line in embed.lines[1:]] == [65, 65]
        assert copies.texts[0].get_text() == "m0: <p1>"

    def test_of_too_many_panels_those_with_most_flagged_are_drawn(self):
        parts = [
            compared((1.0, 1.5), flags={0: "null-dependent" if i % 2 else ""}).assign(
                target=f"y{i}"
            )
            for i in range(130)
        ]
        figure = robustness.draw_robustness(pd.concat(parts), ["p", "q"], 2.0, "")
        titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
        assert titles == [f"e, y{i}" for i in range(1, 121, 2)]
        assert figure.get_suptitle().startswith("60 of 130 comparisons")

    def test_without_two_null_models_it_says_so(self):
        table = compared((1.0, 1.5)).head(0)
        [axis] = robustness.draw_robustness(table, ["p"], 2.0, "there is one").axes
        assert axis.texts[0].get_text() == "Nothing to compare: there is one."

    def test_the_page_lists_verdicts_failures_and_dependent_effects(self):
        table = compared((1.0, 1.5), (3.25, -2.0), flags={1: "null-dependent"})
        verdicts = diagnosed(kmer_jsd_excess="ok", classifier_auc="fail", cpg="info")
        page = pages.nulls_page(verdicts, table, "")
        assert "1 of 2 effects are null-dependent" in page and "3.25" in page
        assert "&lt;p1&gt;" in page and "<p1>" not in page and "&lt;p0&gt;" not in page
        assert page.count("classifier auc") == 2 and page.count("kmer jsd excess") == 1
        assert "cpg" not in page
        assert "<th>null model</th><th>kmer jsd excess</th><th>classifier auc</th>" in page
        assert "<td>n (m)</td><td>ok</td><td>fail</td>" in page

    def test_a_limit_that_a_diagnostic_has_not_is_left_empty(self):
        table = diagnosed(classifier_auc="warn").assign(threshold_warn=0.625, threshold_fail=np.nan)
        page = pages.nulls_page(table, compared((1.0, 1.5)), "")
        assert '<td class="number">0.625</td><td class="number"></td><td>warn</td>' in page

    def test_the_page_shows_the_widest_of_many_dependent_effects(self):
        flags = dict.fromkeys(range(203), "null-dependent")
        table = compared(*((1.0, 2.0 + i) for i in range(203)), flags=flags)
        page = pages.nulls_page(diagnosed(cpg="ok"), table, "")
        assert "203 of 203 effects" in page and "The 200 with the widest range" in page
        assert "&lt;p202&gt;" in page and "&lt;p3&gt;" in page and "&lt;p2&gt;" not in page

    def test_the_page_says_why_there_is_nothing(self):
        page = pages.nulls_page(diagnosed(cpg="ok"), compared((1.0, 2.0)).head(0), "only <one>")
        assert "only &lt;one&gt;." in page and "None." in page
