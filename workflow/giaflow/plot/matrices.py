"""Estimates by position and letter, as logos above heat maps."""

import numpy as np

from giaflow.plot.motifs import draw_logo
from giaflow.plot.theme import panels


def matrix(table, design):
    """Estimates by position (columns) and letter (rows), a column of panels a target.

    Above each map stands its logo: the estimates less their mean over the four letters of a
    position, where the pattern's own letter, which changes nothing, counts as zero.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of one estimand with columns ``target``, ``unit``, ``position``, ``letter``,
        ``estimate`` and ``verdict``. Cells without a row are left white; a dot marks a cell whose
        verdict is ``effect``.
    design : dict
        The fields of `giaflow.statistics.contrasts.Figure`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    targets = list(dict.fromkeys(table["target"]))
    positions = sorted(int(p) for p in table["position"].unique())
    width = 1.2 + 0.28 * (max(positions) - min(positions) + 1)
    figure, axes = panels(
        2, len(targets), max(width, 2.6), 1.75, sharex="col", sharey="row",
        gridspec_kw={"height_ratios": [1, 1.2]},
    )  # fmt: skip
    # One scale for all panels, even around zero, so that colours can be compared.
    largest = max(float(table["estimate"].abs().max()), np.finfo(float).tiny)
    for logo, axis, target in zip(*axes, targets, strict=True):
        rows = table[table["target"] == target]
        cells = np.full((4, max(positions) + 1), np.nan)
        letters = list(design["alphabet"])
        at = rows["letter"].map(letters.index), rows["position"].astype(int)
        cells[at] = rows["estimate"]
        image = axis.imshow(cells, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
        marked = rows["verdict"] == "effect"
        axis.plot(at[1][marked], at[0][marked], ".", color="black", ms=2.5)
        known = np.nan_to_num(cells.T)
        draw_logo(logo, known - known.mean(axis=1, keepdims=True), design["alphabet"])
        logo.set_title(target)
        axis.set_xlabel(design["x_label"])
        axis.set_xlim(min(positions) - 0.5, max(positions) + 0.5)
        axis.set_xticks(range(min(positions), max(positions) + 1))
    axes[1, 0].set_yticks(range(4), list(design["alphabet"]))
    unit = table["unit"].iloc[0]
    name = design["estimand"].replace("_", " ")
    axes[0, 0].set_ylabel(f"centred\n({unit})")
    figure.colorbar(image, ax=axes[1], label=f"{name} ({unit})")
    return figure
