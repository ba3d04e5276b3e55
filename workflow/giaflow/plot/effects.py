"""Importance tables as figures: forests of named effects and profiles along a number."""

import numpy as np

from giaflow.plot.theme import GREY, PALETTE, empty, panels

EFFECT = "global_importance"


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
    if importance.empty:
        return empty("No condition: nothing was asked for or discovered.")
    if design["kind"] == "forest":
        return forest(importance, design)
    return profile(importance, contrasts, design)


def _targets(table):
    return list(dict.fromkeys(table["target"]))


def _unit(table):
    return table["unit"].iloc[0]


def forest(table, design):
    """Estimates with intervals by name, a panel a target, the largest on top."""
    names_of, hue = design["x"], design["hue"]
    targets = _targets(table)
    strongest = table.groupby(names_of)["estimate"].max().sort_values()
    height = dict(zip(strongest.index, range(len(strongest)), strict=True))
    figure, axes = panels(1, len(targets), 3.4, 0.9 + 0.24 * len(strongest), sharey=True)
    for axis, target in zip(axes[0], targets, strict=True):
        rows = table[table["target"] == target]
        axis.axvline(0, color=GREY, lw=0.8, zorder=0)
        _shade_sesoi(axis.axvspan, rows)
        for i, (value, group) in enumerate(rows.groupby(hue, sort=False)):
            offset = 0.14 if i == 0 else -0.14
            axis.errorbar(
                group["estimate"],
                group[names_of].map(height) + offset,
                xerr=_interval(group),
                fmt="os"[i % 2],
                color=PALETTE[i],
                mfc=PALETTE[i] if i == 0 else "white",
                ms=4.5,
                lw=1.2,
                label=value,
            )
        axis.set_title(target)
        axis.set_xlabel(f"{design['x_label']} ({_unit(table)})")
    axes[0, 0].set_yticks(list(height.values()), list(height))
    axes[0, 0].set_ylim(-0.7, len(height) - 0.3)
    _legend_below(figure, axes[0, 0])
    return figure


def profile(importance, contrasts, design):
    """Estimates along a number, a column a target; the interaction below where there is one."""
    along = design["x"]
    parts = [(importance, "effect")]
    interaction = contrasts[contrasts["estimand"] == "interaction"]
    if len(interaction):
        parts.append((interaction, "interaction"))
    targets = _targets(importance)
    figure, axes = panels(len(parts), len(targets), 3.4, 2.3, sharex=True, sharey="row")
    for row, (table, word) in zip(axes, parts, strict=True):
        for axis, target in zip(row, targets, strict=True):
            _profile_panel(axis, table[table["target"] == target], along, design["hue"])
            axis.set_title(target if axis in axes[0] else "")
        row[0].set_ylabel(f"{word} ({_unit(importance)})")
    for axis in axes[-1]:
        axis.set_xlabel(design["x_label"])
        axis.set_xticks(sorted(importance[along].dropna().unique()))
    _legend_below(figure, axes[0, 0])
    return figure


def _profile_panel(axis, rows, along, hue):
    axis.axhline(0, color=GREY, lw=0.8, zorder=0)
    _shade_sesoi(axis.axhspan, rows)
    for i, (value, group) in enumerate(rows.groupby(hue, sort=False)):
        colour = PALETTE[{"pair": 0, "second alone": 1, "first alone": 2}.get(value, i)]
        if group[along].isna().all():
            # An arm without a place on the axis is the same everywhere: a line with its band.
            axis.axhline(group["estimate"].item(), color=colour, lw=1.2, ls="--", label=value)
            axis.axhspan(
                group["ci_low"].item(), group["ci_high"].item(), color=colour, alpha=0.2, lw=0
            )
            continue
        group = group.sort_values(along)
        axis.errorbar(
            group[along], group["estimate"], yerr=_interval(group), fmt="o-", ms=3.5,
            color=colour, lw=1.2, label=value,
        )  # fmt: skip


def _interval(group):
    return np.abs(group[["ci_low", "ci_high"]].sub(group["estimate"], axis=0).to_numpy().T)


def _shade_sesoi(span, rows):
    """A band of effects too small to matter."""
    size = rows["sesoi"].max()
    span(-size, size, color="0.93", lw=0, zorder=-1)


def _legend_below(figure, axis):
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
