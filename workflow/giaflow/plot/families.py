"""One effect in many models: every model with its interval, and how they are spread."""

import json

import numpy as np

from giaflow.plot.theme import GREY, PALETTE, empty, panels

# More models than this are drawn without their names.
_NAMED = 40


def draw_families(table, words):
    """A row of panels for each family and estimand, a panel for each arm, models by estimate.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``family``, ``model``, ``target``, ``null``, ``experiment``, ``estimand``,
        ``condition``, ``estimate``, ``ci_low``, ``ci_high``.
    words : dict of str to str
        Estimand to what a reader calls it.

    Returns
    -------
    matplotlib.figure.Figure
    """
    # An experiment on one model of several compares nothing.
    arm = table.groupby(["family", "null", "estimand", "experiment", "target", "condition"])
    alone = arm["model"].transform("nunique") == 1
    table = table[~alone | (table.groupby("family")["model"].transform("nunique") == 1)]
    if table.empty:
        return empty("Nothing to compare: no family of models has regional_composition or copies.")
    rows = [part for _, part in table.groupby(["family", "null", "estimand"], sort=False)]
    arms = [[arm for _, arm in part.groupby(["experiment", "target", "condition"], sort=False)]
            for part in rows]  # fmt: skip
    wide = max(map(len, arms))
    most = max(len(arm) for part in arms for arm in part)
    figure, axes = panels(len(rows), wide, 2.6, 1.4 + 0.16 * min(most, _NAMED))
    for line, part, row in zip(axes, arms, rows, strict=True):
        limits = _limits(row)
        for i, axis in enumerate(line):
            if i >= len(part):
                axis.set_axis_off()
                continue
            _arm(axis, part[i], limits)
            if row["experiment"].nunique() > 1:
                axis.set_title(f"{part[i]['experiment'].iloc[0]}\n{axis.get_title()}", fontsize=8.5)
            if i:
                axis.tick_params(labelleft=False)
        line[0].set_ylabel(f"{row['family'].iloc[0]} ({row['null'].iloc[0]})")
        figure.align_ylabels(axes[:, 0])
        line[len(part) // 2].set_xlabel(words[row["estimand"].iloc[0]])
    return figure


def _limits(rows):
    """Limits of the x-axis: all estimates, and nearly all ends of intervals."""
    ends = rows[["estimate", "ci_low", "ci_high"]].to_numpy(float)
    ends = ends[np.isfinite(ends)]
    if not len(ends):
        return -1.0, 1.0
    estimates = rows["estimate"].to_numpy(float)
    low = min(0, np.nanmin(estimates), np.quantile(ends, 0.02))
    high = max(0, np.nanmax(estimates), np.quantile(ends, 0.98))
    margin = 0.06 * (high - low or 1)
    return low - margin, high + margin


def _arm(axis, arm, limits):
    arm = arm.sort_values("model", key=lambda names: names.str.lower(), ascending=False)
    y = np.arange(len(arm))
    x, low, high = (arm[key].to_numpy(float) for key in ("estimate", "ci_low", "ci_high"))
    axis.axvline(0, color=GREY, lw=0.8)
    axis.hlines(y, low, high, color=PALETTE[0], lw=1.2)
    axis.plot(x, y, "o", color=PALETTE[0], ms=3.5)
    masked = np.isnan(x)
    axis.plot(np.zeros(masked.sum()), y[masked], "x", color=GREY, ms=4)
    if len(arm) > 2 and not masked.all():
        axis.axvline(np.nanmedian(x), color=PALETTE[1], lw=1, ls="--")
    axis.set_xlim(limits)
    axis.set_ylim(-0.7, len(arm) - 0.3)
    axis.set_yticks(y if len(arm) <= _NAMED else [], arm["model"] if len(arm) <= _NAMED else [])
    axis.set_title(_title(arm["condition"].iloc[0]), fontsize=8.5)


def _title(condition):
    labels = json.loads(condition)
    if "copies" in labels:
        return f"{labels['copies']} copies"
    return str(labels.get("arm"))
