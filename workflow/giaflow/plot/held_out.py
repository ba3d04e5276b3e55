"""Predictions of held-out sequences against their measured values."""

import numpy as np

from giaflow.plot.layout import WIDE
from giaflow.plot.theme import GREY, empty, wrapped


def draw_held_out(predicted, measured, table, unit):
    """A panel for each target, coloured by the number of sequences.

    Parameters
    ----------
    predicted, measured : numpy.ndarray
        (N, T) in the order of the table's rows; measured is nan where nothing was.
    table : pandas.DataFrame
        Columns ``model``, ``target``, ``r``, ``ci_low``, ``ci_high``, ``sequences``.
    unit : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    if table.empty:
        return empty("No target was measured.")
    figure, axes = wrapped(len(table), WIDE, 3.8, 3.3)
    rows = table.to_dict("records")
    for axis, row, x, y in zip(axes.flat, rows, measured.T, predicted.T, strict=False):
        known = ~np.isnan(x)
        drawn = axis.hexbin(
            x[known], y[known], gridsize=45, bins="log", mincnt=1, cmap="viridis", lw=0.1
        )
        low, high = axis.get_xlim()
        axis.plot([low, high], [low, high], color=GREY, lw=0.8, ls="--")
        axis.set_xlim(low, high)
        figure.colorbar(drawn, ax=axis, label="sequences", shrink=0.8)
        axis.set_xlabel(f"measured ({unit})")
        axis.set_ylabel(f"predicted ({unit})")
        axis.set_title(
            f"{row['model']}, {row['target']}: r = {row['r']:.3f} "
            f"({row['ci_low']:.3f} to {row['ci_high']:.3f})\n"
            f"{row['sequences']:,} held-out sequences",
            fontsize=9,
        )
    return figure
