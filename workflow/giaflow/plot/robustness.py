"""Effects under one null model against those under others."""

import json

import numpy as np

from giaflow.plot.theme import GREY, PALETTE, empty, panels

EFFECT = "global_importance"
# Flagged effects that are named in a panel, those with the largest range first.
_NAMED = 3


def draw_robustness(table, nulls, fold, reason):
    """A panel for each model, experiment and target: estimates under two null models or more.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per condition with a column ``estimate_<null>`` for each null model.
    nulls : list of str
        The null models in the order of the study; the first of an experiment is the x-axis.
    fold : float
        Change beyond which an effect is flagged.
    reason : str
        Why the table is empty, if it is.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = table[table["estimand"] == EFFECT]
    if shown.empty:
        return empty(f"Nothing to compare: {reason or 'no effect has two null models'}.")
    rows = list(shown.groupby(["model", "experiment"], sort=False))
    targets = list(dict.fromkeys(shown["target"]))
    figure, axes = panels(len(rows), len(targets), 3.5, 3.4)
    for line, ((model, experiment), part) in zip(axes, rows, strict=True):
        for axis, target in zip(line, targets, strict=True):
            chosen = part[part["target"] == target]
            if chosen.empty:
                axis.set_axis_off()
                continue
            _panel(axis, chosen, nulls, fold)
            axis.set_title(f"{experiment}, {target}" + (f"\n{model}" if len(rows) > 1 else ""))
    return figure


def _panel(axis, rows, nulls, fold):
    columns = {null: f"estimate_{null}" for null in nulls if f"estimate_{null}" in rows}
    first, *others = [null for null, column in columns.items() if rows[column].notna().any()]
    values = rows[list(columns.values())].to_numpy(float)
    low, high = min(0, np.nanmin(values)), max(0, np.nanmax(values))
    margin = 0.06 * (high - low or 1)
    ends = np.array([low - margin, high + margin])
    for sign in (-1, 1):
        reach = np.array([0, ends[1] if sign > 0 else -ends[0]]) * sign
        axis.fill_between(
            reach, reach / fold, reach * fold, color="0.93", lw=0, zorder=-1,
            label=f"less than {fold:g}-fold change" if sign > 0 else None,
        )  # fmt: skip
    axis.plot(ends, ends, color=GREY, lw=0.8, zorder=0)
    x, flagged = rows[columns[first]], rows["flag"].to_numpy() != ""
    for i, null in enumerate(others):
        y = rows[columns[null]]
        colour = PALETTE[i]
        axis.plot(x[~flagged], y[~flagged], "os^Dv"[i % 5], color=colour, ms=4, label=null)
        axis.plot(
            x[flagged], y[flagged], "os^Dv"[i % 5], mec=PALETTE[3], mfc="white", mew=1.3, ms=5.5,
            label="null-dependent" if i == 0 and flagged.any() else None,
        )  # fmt: skip
    named = rows[flagged].sort_values("range", ascending=False).head(_NAMED)
    for row in named.to_dict("records"):
        at = (row[columns[first]], row[columns[others[0]]])
        axis.annotate(
            _name(row["condition"]), at, xytext=(6, -3), textcoords="offset points", fontsize=7
        )
    axis.set_xlim(ends)
    axis.set_ylim(ends)
    unit = rows["unit"].iloc[0]
    axis.set_xlabel(f"effect under {first} ({unit})")
    axis.set_ylabel(f"effect under {others[0] if len(others) == 1 else 'another null'} ({unit})")
    correlation = rows["rank_correlation"].iloc[0]
    if np.isfinite(correlation):
        axis.text(0.97, 0.04, f"rank correlation {correlation:.2f}", ha="right", fontsize=8,
                  transform=axis.transAxes)  # fmt: skip
    axis.legend(frameon=False, loc="upper left", fontsize=7.5)


def _name(condition):
    """A condition in a few words: the values of its labels, without letters and positions."""
    labels = json.loads(condition)
    if "pattern" in labels:
        role = labels.get("role") or "pattern"
        return labels["pattern"] + (
            "" if role == "pattern" else f", {role.removesuffix(' control')}"
        )
    return ", ".join(str(value) for value in list(labels.values())[:2] if value is not None)
