"""Marks of the laboratory beside their bands."""

import numpy as np

from giaflow.plot.theme import GREY, PALETTE, empty, panels

# Checks that have a mark for every effect, and what their axis says.
SHOWN = {
    "coverage": "share of 95 % intervals that hold the truth",
    "coverage, skewed": "the same for effects that a few backgrounds\nmake up, at the n they need",
    "bias, SE": "mean estimate minus truth\n(standard errors of one study)",
}


def draw_calibration(table):
    """A strip for each check: every dot is the mark of one effect, and grey is the band to pass.

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
        return empty("No experiment was repeated in this study.")
    figure, axes = panels(1, len(checks), 3.1, 2.3)
    for axis, check in zip(axes[0], checks, strict=True):
        rows = table[table["check"] == check]
        _strip(axis, rows)
        axis.set_xlabel(SHOWN[check])
        axis.set_title(f"{len(rows)} effects, {(~rows['passed'].astype(bool)).sum()} outside")
    return figure


def _strip(axis, rows):
    models = list(dict.fromkeys(rows["model"]))
    low, high = rows["low"].min(), rows["high"].max()
    axis.axvspan(low, high, color="0.92", lw=0, zorder=-1)
    for y, model in enumerate(models):
        values = rows.loc[rows["model"] == model, "value"].to_numpy(float)
        # Spread by rank, not at random: equal tables give equal figures.
        place = (np.arange(len(values)) * 0.618) % 1 - 0.5
        axis.plot(values, y + 0.6 * place, "o", ms=3.2, color=PALETTE[y], mec="white", mew=0.3)
    middle = (low + high) / 2 if high < 1 else 0.95
    axis.axvline(middle, color=GREY, lw=0.8, zorder=0)
    axis.set_yticks(range(len(models)), models)
    axis.set_ylim(len(models) - 0.4, -0.6)
