"""Profiles: estimates with intervals along a number."""

import math

import numpy as np

from giaflow.plot.layout import (
    WIDE,
    arranged,
    colours_of,
    interval_of,
    labelled,
    legend_below,
    shade_sesoi,
    spare,
    targets_of,
    unit_of,
)
from giaflow.plot.theme import GREY, panels, wrapped

# Lines of so many points have no marks.
DENSE = 40
# Panels per row when panels are not targets; more than SQUARE panels form a square grid.
ACROSS, SQUARE = 3, 30


def grid(parts, design):
    """Estimates of one estimand along a number: a panel for each value of a column and target."""
    [(table, word), *_] = parts
    names = table[design["panel"]]
    # One target may read a line, and another the next: only where several read the same one does
    # each have its panel.
    if table.duplicated([design["panel"], design["hue"], design["x"]]).any():
        names = names + ", " + table["target"]
    listed = list(dict.fromkeys(names))
    across = ACROSS if len(listed) <= SQUARE else math.isqrt(len(listed) - 1) + 1
    figure, axes = wrapped(len(listed), across, 3.4, 2.3, sharex=True)
    colours = colours_of([table], design["hue"])
    for axis, name in zip(axes.flat, listed, strict=False):
        shown = table[names == name]
        _profile_panel(axis, shown, design["x"], design["hue"], colours, design["reference"])
        axis.set_title(name)
    for row in axes:
        row[0].set_ylabel(labelled(word, unit_of(table)))
    for axis in axes.flat[max(0, len(listed) - axes.shape[1]) : len(listed)]:
        axis.set_xlabel(design["x_label"])
        axis.tick_params(labelbottom=True)
    legend_below(figure, axes, design["hue"])
    return figure


def profile(parts, design):
    """Estimates along a number: a column a target, a row an estimand, or rows of `WIDE` targets."""
    if design["panel"] != "target":
        return grid(parts, design)
    along, targets = design["x"], targets_of(parts)
    parts, hue = _arrangements(parts, design)
    parts = arranged(parts, targets)
    across = min(WIDE, len(targets))
    figure, axes = panels(len(parts), across, 3.4, 2.3, sharex=True, sharey="row")
    colours = colours_of([table for table, *_ in parts], hue)
    for row, (table, word, chunk) in zip(axes, parts, strict=True):
        first = table is parts[0][0]
        reference = 1.0 if unit_of(table) == "fold" else design["reference"]
        for axis, target in zip(row, chunk, strict=False):
            rows = table[table["target"] == target]
            _profile_panel(axis, rows, along, hue, colours, reference)
            axis.set_title(target if first or len(targets) > WIDE else "")
        row[0].set_ylabel(labelled(word, unit_of(table)))
    places = sorted(parts[0][0][along].dropna().unique())
    for axis in spare(axes, parts):
        axis.set_xlabel(design["x_label"])
        axis.tick_params(labelbottom=True)
        # A label at every place, if there is room.
        if len(places) <= 15 and np.ptp(places) <= 14 * min(np.diff(places), default=1):
            axis.set_xticks(places)
    legend_below(figure, axes, hue)
    return figure


def _arrangements(parts, design):
    """Pairs alone, coloured by arrangement, where there is more than one of them."""
    many = design["many"]
    if many and parts[0][0][many].nunique() > 1:
        return [(table[table[design["hue"]] == "pair"], word) for table, word in parts], many
    return parts, design["hue"]


def _profile_panel(axis, rows, along, hue, colours, reference=0.0):
    axis.axhline(reference, color=GREY, lw=0.8, zorder=0)
    shade_sesoi(axis.axhspan, rows)
    for value, group in rows.groupby(hue, sort=False):
        colour = colours[value]
        if group[along].isna().all():
            # An arm without a place on the axis is the same everywhere: a line with its band.
            mean, low, high = group[["estimate", "ci_low", "ci_high"]].iloc[0]
            axis.axhline(mean, color=colour, lw=1.2, ls="--", label=value)
            axis.axhspan(low, high, color=colour, alpha=0.2, lw=0)
            continue
        group = group.sort_values(along)
        # What moves past a place never stands on it: no line leads from one side to the other.
        for _, side in group.groupby(group[along] >= 0):
            _line(axis, side, along, colour, value, unique=group[along].is_unique)


def _line(axis, rows, along, colour, label, unique):
    """Estimates along a number with their intervals, as bands where marks would hide each other."""
    if rows["band_low"].notna().all():
        band = rows["band_low"], rows["band_high"]
        axis.fill_between(rows[along], *band, color=colour, alpha=0.15, lw=0)
    if unique and len(rows) >= DENSE:
        interval = rows["ci_low"], rows["ci_high"]
        axis.fill_between(rows[along], *interval, color=colour, alpha=0.3, lw=0)
        axis.plot(rows[along], rows["estimate"], color=colour, lw=1, label=label)
        return
    # Several at one place: dashes that show on both sides of their mean's dot.
    line, size = ("o-", 3.5) if unique else ("_", 13)
    axis.errorbar(
        rows[along], rows["estimate"], yerr=interval_of(rows), fmt=line, ms=size,
        color=colour, lw=1.2, label=label,
    )  # fmt: skip
