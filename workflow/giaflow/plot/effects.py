"""Importance tables as figures: forests of named effects and profiles along a number."""

import numpy as np
import pandas as pd

from giaflow.plot.matrices import matrix
from giaflow.plot.theme import GREY, PALETTE, empty, panels

EFFECT = "global_importance"
# Names in a forest up to so many letters have room beside a panel; inches of a letter.
SHORT, LETTER = 18, 0.075
# Targets side by side.
WIDE = 4


def draw(importance, contrasts, design):
    """Draw an experiment's result as its design asks.

    Parameters
    ----------
    importance, contrasts : pandas.DataFrame
        The experiment's two tables.
    design : dict
        The fields of `giaflow.design.Figure`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    # An empty table has columns without a type, which a concatenation would pass on.
    filled = [each for each in (importance, contrasts) if len(each)]
    if not filled:
        return empty("No condition: nothing was asked for or discovered.")
    table = pd.concat(filled, ignore_index=True)
    above = table[table["estimand"] == design["estimand"]]
    above = above[above["estimate"].notna()]
    if above.empty:
        return empty("Nothing to draw: every estimate is masked.")
    if design["kind"] == "matrix":
        return matrix(above, design)
    below = table[(table["estimand"] == design["below"]) & table["estimate"].notna()]
    parts = [(above, "effect" if design["estimand"] == EFFECT else _words(design["estimand"]))]
    if len(below):
        parts.append((below, _words(design["below"])))
    return (forest if design["kind"] == "forest" else profile)(parts, design)


def _words(estimand):
    return estimand.replace("_", " ")


def _targets(parts):
    return list(dict.fromkeys(parts[0][0]["target"]))


def _rows(parts, targets):
    """What each row of panels shows: an estimand's table and word, and at most `WIDE` targets."""
    chunks = [targets[i : i + WIDE] for i in range(0, len(targets), WIDE)]
    return [(*part, chunk) for part in parts for chunk in chunks]


def _spare(axes, rows):
    """Hide the panels beyond each row's last target; the lowest panel (C,) of every column."""
    lowest = {}
    for line, (*_, chunk) in zip(axes, rows, strict=True):
        for column, axis in enumerate(line):
            if column < len(chunk):
                lowest[column] = axis
            else:
                axis.set_axis_off()
    return list(lowest.values())


def _unit(table):
    return table["unit"].iloc[0]


def strongest(table, names, top, by_size=False):
    """The names with the largest estimate on any target, weakest first; `top` of each target.

    By size the largest are those furthest from 0.
    """
    if by_size:
        table = table.assign(estimate=table["estimate"].abs())
    if top:
        ranked = table.sort_values("estimate", ascending=False)
        table = ranked.groupby("target", sort=False).head(top)
    return table.groupby(names)["estimate"].max().sort_values().index


def forest(parts, design):
    """Estimates with intervals by name: a column a target, a row an estimand, largest on top.

    More than `WIDE` targets take several rows.
    """
    targets, names = _targets(parts), design["x"]
    parts = _rows(parts, targets)
    shown = [strongest(table, names, design["top"], design["by_size"]) for table, *_ in parts]
    sizes = [0.9 + 0.24 * len(listed) for listed in shown]
    told = [_told(table, design, at) for (table, *_), at in zip(parts, shown, strict=True)]
    figure, axes = panels(
        len(parts), min(WIDE, len(targets)), 3.4, sum(sizes) / len(parts),
        sharey="row", gridspec_kw={"height_ratios": sizes},
    )  # fmt: skip
    # Long names take nothing from the panels.
    longest = max(len(name) for names in told for name in names)
    width, tall = figure.get_size_inches()
    figure.set_size_inches(width + LETTER * max(0, longest - SHORT), tall)
    colours = _colours([table for table, *_ in parts], design["hue"])
    _spare(axes, parts)
    for row, (table, word, chunk), listed, said in zip(axes, parts, shown, told, strict=True):
        first = table is parts[0][0]
        height = {name: at for at, name in enumerate(listed)}
        for axis, target in zip(row, chunk, strict=False):
            rows = table[(table["target"] == target) & table[names].isin(height)]
            _forest_panel(axis, rows, height, design, colours)
            axis.set_title(target if first or len(targets) > WIDE else "")
            axis.set_xlabel(f"{design['x_label'] if first else word} ({_unit(table)})")
        row[0].set_yticks(list(height.values()), said)
        row[0].set_ylim(-0.7, len(height) - 0.3)
    _legend_below(figure, axes, design["hue"])
    return figure


def _told(table, design, listed):
    """Names of a forest, with a number beside each where the design asks for one."""
    beside = design["beside"]
    if beside not in table:
        is_rna = design["x"] == "letters" and design["alphabet"] == "ACGU"
        return [str(name).replace("T", "U") if is_rna else str(name) for name in listed]
    numbers = table.groupby(design["x"])[beside].first()
    return [f"{name} ({numbers[name]:.1f} {design['beside_unit']})" for name in listed]


def _forest_panel(axis, rows, height, design, colours):
    axis.axvline(0, color=GREY, lw=0.8, zorder=0)
    _shade_sesoi(axis.axvspan, rows)
    groups = list(rows.groupby(design["hue"], sort=False))
    for i, (value, group) in enumerate(groups):
        # Groups of one name stand above each other, the first on top.
        offset = 0.28 * (0.5 - (i + 0.5) / len(groups))
        colour = colours[value]
        axis.errorbar(
            group["estimate"],
            group[design["x"]].map(height) + offset,
            xerr=_interval(group),
            fmt="osD^v"[i % 5],
            color=colour,
            mfc=colour if i == 0 else "white",
            ms=4.5,
            lw=1.2,
            label=value,
        )


def _colours(tables, hue):
    """One colour for each value of a column, the same in every panel."""
    values = dict.fromkeys(value for table in tables for value in table[hue].dropna())
    # A pair is what a spacing scan is about: it has the first colour wherever it is listed.
    ordered = sorted(values, key=lambda value: value != "pair")
    return {value: PALETTE[i % len(PALETTE)] for i, value in enumerate(ordered)}


# Panels side by side where they are no targets.
ACROSS = 3


def grid(parts, design):
    """Estimates of one estimand along a number: a panel for each value of a column."""
    [(table, word), *_] = parts
    listed = list(dict.fromkeys(table[design["panel"]]))
    rows = -(-len(listed) // ACROSS)
    figure, axes = panels(rows, min(ACROSS, len(listed)), 3.4, 2.3, sharex=True)
    colours = _colours([table], design["hue"])
    for axis in axes.flat[len(listed) :]:
        axis.set_axis_off()
    for axis, name in zip(axes.flat, listed, strict=False):
        shown = table[table[design["panel"]] == name]
        _profile_panel(axis, shown, design["x"], design["hue"], colours, design["reference"])
        axis.set_title(name)
    for row in axes:
        row[0].set_ylabel(f"{word} ({_unit(table)})" if _unit(table) != word else word)
    for axis in axes.flat[max(0, len(listed) - axes.shape[1]) : len(listed)]:
        axis.set_xlabel(design["x_label"])
        axis.tick_params(labelbottom=True)
    _legend_below(figure, axes, design["hue"])
    return figure


def profile(parts, design):
    """Estimates along a number: a column a target, a row an estimand, or rows of `WIDE` targets."""
    if design["panel"] != "target":
        return grid(parts, design)
    along, targets = design["x"], _targets(parts)
    parts, hue = _arrangements(parts, design)
    parts = _rows(parts, targets)
    across = min(WIDE, len(targets))
    figure, axes = panels(len(parts), across, 3.4, 2.3, sharex=True, sharey="row")
    colours = _colours([table for table, *_ in parts], hue)
    for row, (table, word, chunk) in zip(axes, parts, strict=True):
        first = table is parts[0][0]
        reference = 1.0 if _unit(table) == "fold" else design["reference"]
        for axis, target in zip(row, chunk, strict=False):
            rows = table[table["target"] == target]
            _profile_panel(axis, rows, along, hue, colours, reference)
            axis.set_title(target if first or len(targets) > WIDE else "")
        row[0].set_ylabel(f"{word} ({_unit(table)})")
    places = sorted(parts[0][0][along].dropna().unique())
    for axis in _spare(axes, parts):
        axis.set_xlabel(design["x_label"])
        axis.tick_params(labelbottom=True)
        # A label at every place, if there is room.
        if len(places) <= 15 and np.ptp(places) <= 14 * min(np.diff(places), default=1):
            axis.set_xticks(places)
    _legend_below(figure, axes, hue)
    return figure


def _arrangements(parts, design):
    """Pairs alone, coloured by arrangement, where there is more than one of them."""
    many = design["many"]
    if many and parts[0][0][many].nunique() > 1:
        return [(table[table[design["hue"]] == "pair"], word) for table, word in parts], many
    return parts, design["hue"]


def _profile_panel(axis, rows, along, hue, colours, reference=0.0):
    axis.axhline(reference, color=GREY, lw=0.8, zorder=0)
    _shade_sesoi(axis.axhspan, rows)
    for value, group in rows.groupby(hue, sort=False):
        colour = colours[value]
        if group[along].isna().all():
            # An arm without a place on the axis is the same everywhere: a line with its band.
            mean, low, high = group[["estimate", "ci_low", "ci_high"]].iloc[0]
            axis.axhline(mean, color=colour, lw=1.2, ls="--", label=value)
            axis.axhspan(low, high, color=colour, alpha=0.2, lw=0)
            continue
        group = group.sort_values(along)
        if group[along].is_unique:
            line, size = "o-", 3.5 if len(group) < 40 else 1.5
        else:
            # Several at one place: dashes that show on both sides of their mean's dot.
            line, size = "_", 13
        # What moves past a place never stands on it: no line leads from one side to the other.
        for _, side in group.groupby(group[along] >= 0):
            if side["band_low"].notna().all():
                band = side["band_low"], side["band_high"]
                axis.fill_between(side[along], *band, color=colour, alpha=0.15, lw=0)
            axis.errorbar(
                side[along], side["estimate"], yerr=_interval(side), fmt=line, ms=size,
                color=colour, lw=1.2, label=value,
            )  # fmt: skip


def _interval(group):
    return np.abs(group[["ci_low", "ci_high"]].sub(group["estimate"], axis=0).to_numpy().T)


def _shade_sesoi(span, rows):
    """A band of effects too small to matter."""
    size = rows["sesoi"].max()
    if np.isfinite(size):
        span(-size, size, color="0.93", lw=0, zorder=-1)


def _legend_below(figure, axes, hue):
    """The labels of all panels below them, if there are several; numbers are told what they are."""
    found = {}
    for axis in axes.flat:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            found.setdefault(str(label), handle)
    if len(found) < 2:
        return
    width, tall = figure.get_size_inches()
    columns = min(len(found), 4, max(1, int(width / (0.6 + LETTER * max(map(len, found))))))
    # Further lines of it take nothing from the panels.
    figure.set_size_inches(width, tall + 0.25 * ((len(found) - 1) // columns))
    figure.legend(
        found.values(), found.keys(), loc="outside lower center", ncols=columns,
        frameon=False, title=hue if all(label.isdigit() for label in found) else None,
    )  # fmt: skip
