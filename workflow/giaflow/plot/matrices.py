"""Estimates by position and letter, as heat maps."""

import numpy as np

from giaflow.plot.theme import panels

LETTERS = "ACGT"


def matrix(table, design):
    """Estimates by position (columns) and letter (rows), a panel a target.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of one estimand with columns ``target``, ``unit``, ``position``, ``letter``,
        ``estimate`` and ``verdict``. Cells without a row are left white; a dot marks a cell whose
        verdict is ``effect``.
    design : dict
        The fields of `giaflow.design.Figure`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    targets = list(dict.fromkeys(table["target"]))
    positions = sorted(int(p) for p in table["position"].unique())
    width = 1.2 + 0.28 * (max(positions) - min(positions) + 1)
    figure, axes = panels(1, len(targets), max(width, 2.6), 1.9, sharey=True)
    # One scale for all panels, even around zero, so that colours can be compared.
    largest = max(float(table["estimate"].abs().max()), np.finfo(float).tiny)
    for axis, target in zip(axes[0], targets, strict=True):
        rows = table[table["target"] == target]
        cells = np.full((len(LETTERS), max(positions) + 1), np.nan)
        at = rows["letter"].map(LETTERS.index), rows["position"].astype(int)
        cells[at] = rows["estimate"]
        image = axis.imshow(cells, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
        marked = rows["verdict"] == "effect"
        axis.plot(at[1][marked], at[0][marked], ".", color="black", ms=2.5)
        axis.set_title(target)
        axis.set_xlabel(design["x_label"])
        axis.set_xlim(min(positions) - 0.5, max(positions) + 0.5)
        axis.set_xticks(range(min(positions), max(positions) + 1))
    axes[0, 0].set_yticks(range(len(LETTERS)), list(LETTERS))
    unit = table["unit"].iloc[0]
    name = design["estimand"].replace("_", " ")
    figure.colorbar(image, ax=axes[0, -1], label=f"{name} ({unit})")
    return figure
