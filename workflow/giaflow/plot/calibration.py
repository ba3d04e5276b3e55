"""Marks of the laboratory beside their bands."""

import numpy as np

from giaflow.plot.theme import GREY, PALETTE, empty, panels

# Checks that have a mark for every effect, and what their axis says.
SHOWN = {
    "coverage": "share of 95 % intervals that hold the truth",
    "coverage, skewed": "the same for effects that a few backgrounds\nmake up, at the n they need",
    "bias, SE": "mean estimate minus truth\n(standard errors of one study)",
}


# What a study that repeats nothing is held against the truth by.
ONCE = "estimate in the tables, SE"


def draw_calibration(table):
    """A strip for each check: every dot is the mark of one effect, and grey is the band to pass.

    Where no experiment was repeated, a row for each experiment shows its estimates minus the truth.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``model``, ``check``, ``value``, ``low``, ``high``, ``passed``.

    Returns
    -------
    matplotlib.figure.Figure
    """
    checks = [check for check in SHOWN if (table["check"] == check).any()]
    if not checks:
        return _draw_once(table[table["check"] == ONCE])
    figure, axes = panels(1, len(checks), 3.1, 2.3)
    for axis, check in zip(axes[0], checks, strict=True):
        rows = table[table["check"] == check]
        _strip(axis, rows)
        axis.set_xlabel(SHOWN[check])
        axis.set_title(f"{len(rows)} effects, {(~rows['passed'].astype(bool)).sum()} outside")
    return figure


def _draw_once(rows):
    """A row of dots for each model, null model and experiment; crosses lie outside their band."""
    if rows.empty:
        return empty("No effect was held against the truth.")
    names = rows["model"] + ", " + rows["design"].str.partition(":")[0]
    shown = list(dict.fromkeys(names))
    figure, axes = panels(1, 1, 5.2, 0.6 + 0.2 * len(shown))
    axis = axes[0, 0]
    # Bands differ from effect to effect: all of them hold the narrowest.
    axis.axvspan(rows["low"].max(), rows["high"].min(), color="0.92", lw=0, zorder=-1)
    axis.axvline(0, color=GREY, lw=0.8, zorder=0)
    passed = rows["passed"].astype(bool)
    for y, name in enumerate(shown):
        for chosen, marker, colour in ((passed, "o", PALETTE[0]), (~passed, "x", PALETTE[3])):
            values = rows.loc[(names == name) & chosen, "value"].to_numpy(float)
            axis.plot(values, y + 0.5 * _spread(values), marker, ms=3.2, color=colour, mew=0.5)
    axis.set_yticks(range(len(shown)), shown)
    axis.set_ylim(len(shown) - 0.4, -0.6)
    axis.set_xlabel("estimate minus truth (true standard errors)")
    axis.set_title(f"{len(rows)} effects, {(~passed).sum()} outside their bands")
    return figure


def _spread(values):
    """Places (n,) from -0.5 to 0.5, by rank and not at random: equal tables give equal figures."""
    return (np.arange(len(values)) * 0.618) % 1 - 0.5


def _strip(axis, rows):
    models = list(dict.fromkeys(rows["model"]))
    low, high = rows["low"].min(), rows["high"].max()
    axis.axvspan(low, high, color="0.92", lw=0, zorder=-1)
    for y, model in enumerate(models):
        values = rows.loc[rows["model"] == model, "value"].to_numpy(float)
        axis.plot(
            values, y + 0.6 * _spread(values), "o", ms=3.2, color=PALETTE[y], mec="white", mew=0.3
        )
    middle = (low + high) / 2 if high < 1 else 0.95
    axis.axvline(middle, color=GREY, lw=0.8, zorder=0)
    axis.set_yticks(range(len(models)), models)
    axis.set_ylim(len(models) - 0.4, -0.6)
