"""Maps of pairs of positions, a panel a sequence."""

import numpy as np

from giaflow.plot.theme import empty, panels


def draw_pairs(maps, start, unit, level=0.05):
    """Heat maps of the strength of pairs; circles mark those beyond shuffled sequences.

    Parameters
    ----------
    maps : list of dict
        ``title``, ``strength`` (W, W) and ``pairs``, a table with columns ``position``,
        ``partner`` and ``p_map``.
    start : int
        Position of the first row and column.
    unit : str
    level : float
        The largest `p_map` that is not marked.

    Returns
    -------
    matplotlib.figure.Figure
    """
    if not maps:
        return empty("No sequence was mutated twice, or all letters are unknown.")
    figure, axes = panels(1, len(maps), 3.9, 3.3)
    for axis, entry in zip(axes[0], maps, strict=True):
        strength = entry["strength"]
        stop = start + len(strength)
        # Each pair once: rows are the first position, columns the second.
        upper = np.where(np.triu(np.ones_like(strength), 1) > 0, strength, np.nan)
        image = axis.imshow(
            upper, cmap="viridis", vmin=0, extent=(start - 0.5, stop - 0.5, stop - 0.5, start - 0.5)
        )
        marked = entry["pairs"][entry["pairs"]["p_map"] < level]
        axis.plot(
            marked["partner"], marked["position"], "o", mfc="none", mec="#CC3377", ms=4, mew=0.7
        )
        axis.set_title(entry["title"])
        axis.set_xlabel("second position (letters)")
        axis.set_ylabel("first position (letters)")
        figure.colorbar(image, ax=axis, label=f"strength of the pair ({unit})", shrink=0.85)
    return figure
