"""Forests: estimates with intervals by name."""

from giaflow.plot.layout import (
    LETTER,
    WIDE,
    arranged,
    colours_of,
    interval_of,
    legend_below,
    shade_sesoi,
    spare,
    targets_of,
    unit_of,
)
from giaflow.plot.theme import GREY, panels

# Names up to so many letters have room beside a panel.
SHORT = 18


def forest(parts, design):
    """Estimates with intervals by name: a column a target, a row an estimand, largest on top.

    More than `WIDE` targets take several rows.
    """
    targets, names = targets_of(parts), design["x"]
    parts = arranged(parts, targets)
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
    colours = colours_of([table for table, *_ in parts], design["hue"])
    spare(axes, parts)
    for row, (table, word, chunk), listed, said in zip(axes, parts, shown, told, strict=True):
        first = table is parts[0][0]
        height = {name: at for at, name in enumerate(listed)}
        for axis, target in zip(row, chunk, strict=False):
            rows = table[(table["target"] == target) & table[names].isin(height)]
            _forest_panel(axis, rows, height, design, colours)
            axis.set_title(target if first or len(targets) > WIDE else "")
            axis.set_xlabel(f"{design['x_label'] if first else word} ({unit_of(table)})")
        row[0].set_yticks(list(height.values()), said)
        row[0].set_ylim(-0.7, len(height) - 0.3)
    legend_below(figure, axes, design["hue"])
    return figure


def _told(table, design, listed):
    """Names of a forest, with a number beside each where the design asks for one."""
    beside = design["beside"]
    if beside not in table:
        return [str(name) for name in listed]
    numbers = table.groupby(design["x"])[beside].first()
    return [f"{name} ({numbers[name]:.1f} {design['beside_unit']})" for name in listed]


def _forest_panel(axis, rows, height, design, colours):
    axis.axvline(0, color=GREY, lw=0.8, zorder=0)
    shade_sesoi(axis.axvspan, rows)
    groups = list(rows.groupby(design["hue"], sort=False))
    for i, (value, group) in enumerate(groups):
        # Groups of one name stand above each other, the first on top.
        offset = 0.28 * (0.5 - (i + 0.5) / len(groups))
        colour = colours[value]
        axis.errorbar(
            group["estimate"],
            group[design["x"]].map(height) + offset,
            xerr=interval_of(group),
            fmt="osD^v"[i % 5],
            color=colour,
            mfc=colour if i == 0 else "white",
            ms=4.5,
            lw=1.2,
            label=value,
        )


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
