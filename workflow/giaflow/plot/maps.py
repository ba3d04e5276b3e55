"""Attribution maps: the contribution of each letter of a sequence, by method."""

from giaflow.plot.motifs import draw_logo
from giaflow.plot.theme import empty, panels


def draw_maps(maps, alphabet, unit):
    """Contribution logos of example sequences, one column a method.

    Parameters
    ----------
    maps : list of dict
        ``title``, ``start`` (position of the first letter shown) and ``contributions``: method to
        (w, 4) array.
    alphabet : {"ACGT", "ACGU"}
    unit : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    if not maps:
        return empty("No sequence was attributed.")
    methods = list(maps[0]["contributions"])
    figure, axes = panels(len(maps) * len(methods), 1, 9, 1.25)
    at = iter(axes[:, 0])
    for entry in maps:
        for method in methods:
            axis = next(at)
            shown = entry["contributions"][method]
            draw_logo(axis, shown, alphabet)
            axis.set_title(f"{entry['title']}: {method}", loc="left", fontsize=9)
            ticks = range(0, len(shown), 10)
            axis.set_xticks(ticks, [entry["start"] + tick for tick in ticks])
            axis.set_ylabel(unit)
    axes[-1, 0].set_xlabel("position (letters)")
    return figure
