"""Effects under one null model against those under others."""

import json

import numpy as np

from giaflow.plot.layout import WIDE
from giaflow.plot.theme import GREY, PALETTE, empty, wrapped

EFFECT = "global_importance"
# Flagged effects that are named in a panel, those with the largest range first.
_NAMED = 3
# Of more comparisons than this, those of several models share a panel, and of more panels, those
# with most flagged effects are drawn.
_MOST = 60
# More points than this are drawn as pixels: an SVG of a million would open in no browser.
_DRAWN = 2000


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
    parts, made = _compared(shown)
    figure, axes = wrapped(len(parts), WIDE, 3.5, 3.4)
    for axis, part in zip(axes.flat, parts, strict=False):
        _panel(axis, part, nulls, fold)
        axis.set_title(_title(part, shown))
    if len(parts) < made:
        figure.suptitle(
            f"{len(parts)} of {made} comparisons, those with most null-dependent effects: all are "
            "in null_robustness.tsv"
        )
    return figure


def _compared(shown):
    """The rows of each panel, and how many panels there would be without a limit."""
    keys = ["model", "experiment", "target"]
    if shown.groupby(keys).ngroups > _MOST:
        keys = ["experiment", "target", "unit"]
    parts = [part for _, part in shown.groupby(keys, sort=False)]
    grave = sorted(range(len(parts)), key=lambda i: -(parts[i]["flag"] != "").sum())
    return [parts[i] for i in sorted(grave[:_MOST])], len(parts)


def _title(part, shown):
    """What a panel shows: its experiment and target, and its models if the study has several."""
    said = f"{part['experiment'].iloc[0]}, {part['target'].iloc[0]}"
    if shown["model"].nunique() == 1:
        return said
    models = list(dict.fromkeys(part["model"]))
    return f"{said}\n{models[0] if len(models) == 1 else f'{len(models)} models'}"


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
    pixels = len(rows) * len(others) > _DRAWN
    for i, null in enumerate(others):
        y = rows[columns[null]]
        marker = "os^Dv"[i % 5]
        axis.plot(
            x[~flagged], y[~flagged], marker, color=PALETTE[i], ms=4, label=null, rasterized=pixels
        )
        axis.plot(
            x[flagged], y[flagged], marker, mec=PALETTE[3], mfc="white", mew=1.3, ms=5.5,
            label="null-dependent" if i == 0 and flagged.any() else None, rasterized=pixels,
        )  # fmt: skip
    _name_flagged(axis, rows[flagged], columns[first], columns[others[0]], high - low)
    axis.set_xlim(ends)
    axis.set_ylim(ends)
    unit = rows["unit"].iloc[0]
    axis.set_xlabel(f"effect under {first} ({unit})")
    axis.set_ylabel(f"effect under {others[0] if len(others) == 1 else 'another null'} ({unit})")
    found = rows.groupby("model")["rank_correlation"].first()
    said = f"{'median ' if len(found) > 1 else ''}rank correlation {found.median():.2f}"
    axis.legend(
        frameon=False, loc="best", fontsize=7.5, title_fontsize=7.5, alignment="left",
        title=said if np.isfinite(found.median()) else None,
    )  # fmt: skip


def _name_flagged(axis, rows, x, y, size):
    """Name the flagged effects with the largest range, but none over another's name."""
    several, lines = rows["model"].nunique() > 1, []
    for row in rows.sort_values("range", ascending=False).head(_NAMED).to_dict("records"):
        if any(abs(row[y] - line) < 0.05 * size for line in lines):
            continue
        lines.append(row[y])
        name = _name(row["condition"])
        axis.annotate(
            f"{row['model']}: {name}" if several else name, (row[x], row[y]), xytext=(6, -3),
            textcoords="offset points", fontsize=7,
        )  # fmt: skip


def _name(condition):
    """A condition in a few words: the values of its labels, without letters and positions."""
    labels = json.loads(condition)
    if "pattern" in labels:
        role = labels.get("role") or "pattern"
        return labels["pattern"] + (
            "" if role in ("pattern", "condition") else f", {role.removesuffix(' control')}"
        )
    return ", ".join(str(value) for value in list(labels.values())[:2] if value is not None)
