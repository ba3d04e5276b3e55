"""Published numbers beside a study's own."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from giaflow.plot.theme import PALETTE, empty, panels

# Inches of a row, and of a panel's axis and title.
ROW, EDGE = 0.21, 0.75
OURS, FAILED, PUBLISHED = PALETTE[0], PALETTE[3], "0.1"


def draw_published(table):
    """A panel for each experiment and unit: published values as open marks, ours with intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns of `giaflow.validation.published.published.compare_published`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    if table.empty:
        return empty("No published number is named in this study.")
    parts = list(table.groupby(["group", "unit"], sort=False))
    heights = [EDGE + ROW * len(rows) for _, rows in parts]
    figure, axes = panels(len(parts), 1, 6.2, 1, gridspec_kw={"height_ratios": heights})
    figure.set_size_inches(6.2, sum(heights) + 0.4)
    for axis, ((group, unit), rows) in zip(axes[:, 0], parts, strict=True):
        # Ranks lie on whole numbers, with room for one.
        _panel(axis, rows, 0.5 if unit.startswith("rank") else 0)
        axis.set_title(group.replace("_", " "), loc="left")
        axis.set_xlabel(unit)
        whole = {"integer": True, "min_n_ticks": 1} if unit.startswith("rank") else {}
        axis.xaxis.set_major_locator(MaxNLocator(5, **whole))
    figure.legend(handles=_legend(table), loc="outside upper center", ncols=4, frameon=False,
                  fontsize=8)  # fmt: skip
    return figure


def _panel(axis, rows, margin):
    columns = ["published", "ours", "low", "high", "ci_low", "ci_high"]
    numbers = rows[columns].to_numpy(float)
    left, right = np.nanmin(numbers), np.nanmax(numbers)
    margin = max(margin, 0.05 * (right - left or abs(right) or 1))
    axis.set_xlim(left - margin, right + margin)
    for y, row in enumerate(rows.itertuples()):
        colour = FAILED if row.passed == "no" else OURS
        if np.isfinite(row.low) or np.isfinite(row.high):
            # A band that is open on one side reaches the end of the axis.
            low = left - margin if np.isnan(row.low) else row.low
            high = right + margin if np.isnan(row.high) else row.high
            axis.barh(y, high - low, left=low, height=0.7, color="0.88", lw=0, zorder=0)
        axis.hlines(y, row.ci_low, row.ci_high, color=colour, lw=1.6, zorder=2)
        axis.plot(row.ours, y, "X" if row.passed == "no" else "o", color=colour,
                  ms=6 if row.passed == "no" else 4, mec="white", mew=0.4, zorder=3)  # fmt: skip
        axis.plot(row.published, y, "D", mfc="none", mec=PUBLISHED, mew=1, ms=5.5, zorder=4)
    axis.set_yticks(range(len(rows)), rows["number"])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.grid(axis="y", color="0.95", zorder=-1)
    axis.tick_params(axis="y", length=0)


def _legend(table):
    def mark(shape, label, **look):
        return Line2D([], [], marker=shape, ls="", label=label, **look)

    handles = []
    if table["published"].notna().any():
        handles.append(mark("D", "published", mfc="none", mec=PUBLISHED, ms=5.5))
    handles.append(Line2D([], [], marker="o", color=OURS, ms=4, lw=1.6, label="ours"))
    if table[["low", "high"]].notna().any(axis=None):
        handles.append(Patch(color="0.88", lw=0, label="where ours must lie"))
    if (table["passed"] == "no").any():
        handles.append(mark("X", "ours, failed", color=FAILED, ms=6))
    return handles
