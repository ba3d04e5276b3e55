"""Diagnostics of one null model as a figure of four panels."""

import pandas as pd
from matplotlib.lines import Line2D

from giaflow.plot.theme import GREY, PALETTE, panels

LIMITS = {"warn": PALETTE[1], "fail": PALETTE[3]}
VERDICTS = {"ok": PALETTE[2], **LIMITS, "info": GREY}
MARKERS = {"ok": "o", "warn": "^", "fail": "X", "info": "."}
_SOURCES = {"null": "-", "data": "--", "construct": ":"}
_RANK = ["info", "ok", "warn", "fail"]
_NAMES = {
    "kmer_jsd_excess": "words, 1 to 3 letters",
    "position_total_variation": "letters by position",
    "classifier_auc": "classifier AUC",
    "prediction_coverage": "share predicted as data are",
    "embedding_mmd": "MMD of embeddings",
    "construct_beyond_data": "constructs beyond data",
}


def draw_diagnostics(table, positions, quantiles, limits):
    """Words, positions, predictions and verdicts of one null model.

    Parameters
    ----------
    table : pandas.DataFrame
        Its diagnostics.
    positions : pandas.DataFrame
        Letters by position.
    quantiles : pandas.DataFrame
        target, source (null, data, or construct: the furthest beyond the data), quantile,
        prediction and unit.
    limits : dict
        The thresholds of the study.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels(2, 2, 5, 2.7)
    _words(axes[0, 0], table, limits)
    _positions(axes[0, 1], positions, limits)
    _predictions(axes[1, 0], quantiles)
    _verdicts(axes[1, 1], table)
    return figure


def _limits(axis, warn, fail):
    for name, value, style in (("warn", warn, ":"), ("fail", fail, "--")):
        axis.axhline(value, color=LIMITS[name], ls=style, lw=1.1, zorder=0)
        # Beside the panel, where it covers nothing.
        axis.annotate(
            name, (1, value), (3, 0), xycoords=axis.get_yaxis_transform(),
            textcoords="offset points", va="center", fontsize=7.5, color="0.1",
        )  # fmt: skip


def _words(axis, table, limits):
    rows = table[table["diagnostic"] == "kmer_jsd_excess"]
    lengths = rows["detail"].str.removeprefix("k=").astype(int)
    judged = (rows["verdict"] != "info").to_numpy()
    axis.plot(lengths, rows["value"], color=PALETTE[0], lw=1)
    for part, fill in ((judged, PALETTE[0]), (~judged, "white")):
        axis.plot(lengths[part], rows["value"][part], "o", color=PALETTE[0], mfc=fill, ms=5)
    _limits(axis, limits["jsd_warn"], limits["jsd_fail"])
    axis.set_xticks(list(lengths))
    axis.set_xlabel("letters per word (filled: judged)")
    axis.set_ylabel("excess divergence (bits)")


def _positions(axis, table, limits):
    differing = table[table["q"] < limits["position_q"]]
    axis.plot(table["position"], table["total_variation"], color=PALETTE[0], lw=0.8)
    axis.plot(differing["position"], differing["total_variation"], "o", color=PALETTE[0], ms=3.5)
    _limits(axis, limits["position_warn"], limits["position_fail"])
    axis.set_ylim(0, max(1.15 * limits["position_fail"], 1.05 * table["total_variation"].max()))
    axis.set_xlabel("position (letters; filled: differs)")
    axis.set_ylabel("total variation (0 to 1)")


def _predictions(axis, table):
    targets = {
        target: PALETTE[i % len(PALETTE)] for i, target in enumerate(table["target"].unique())
    }
    styles = {
        source: style for source, style in _SOURCES.items() if (table["source"] == source).any()
    }
    for target, colour in targets.items():
        for source, style in styles.items():
            part = table[(table["target"] == target) & (table["source"] == source)]
            axis.plot(part["prediction"], part["quantile"], style, color=colour, lw=1.3)
    axis.set_xlabel(f"prediction ({table['unit'].iloc[0]})")
    axis.set_ylabel("cumulative share")
    axis.set_ylim(0, 1)
    lines = [
        Line2D([], [], color="0.1", lw=1.3, ls=style, label=source)
        for source, style in styles.items()
    ]
    # More targets than colours would share them.
    if 1 < len(targets) <= len(PALETTE):
        lines += [
            Line2D([], [], color=colour, lw=1.3, label=target)
            for target, colour in targets.items()
        ]  # fmt: skip
    axis.legend(
        handles=lines, edgecolor="none", framealpha=0.8, loc="best", fontsize=7.5,
        ncols=1 + (len(lines) > 6),
    )  # fmt: skip


def _verdicts(axis, table):
    """One line for each judged diagnostic: its name, worst detail, value and verdict."""
    rows = table[table["verdict"] != "info"]
    grave = rows["verdict"].map(_RANK.index)
    # The gravest row of each diagnostic; of equals the one furthest from what is wanted.
    wanted_high = rows["threshold_fail"] < rows["threshold_warn"]
    badness = rows["value"].where(~wanted_high, -rows["value"])
    order = pd.DataFrame({"grave": grave, "bad": badness}).sort_values(["grave", "bad"]).index
    shown = rows.loc[order[::-1]].drop_duplicates("diagnostic").sort_index()
    for line, row in enumerate(shown.itertuples()):
        axis.plot(0, -line, MARKERS[row.verdict], color=VERDICTS[row.verdict], ms=7)
        name = _NAMES.get(row.diagnostic, row.diagnostic)
        axis.text(0.3, -line, f"{row.verdict}", va="center", color="0.1", weight="bold")
        # Of a construct the experiment and target; its condition is in the table.
        detail = row.detail.removeprefix("bandwidth ").partition(": ")[0]
        told = f"{name}: {row.value:.3g} ({detail})"
        axis.text(1.6, -line, told, va="center", fontsize=8, in_layout=False)
    axis.set_xlim(-0.3, 10)
    axis.set_ylim(-max(len(shown), 6) + 0.4, 0.6)
    axis.set_title("worst verdict of each diagnostic")
    axis.set_axis_off()
