"""Importance tables as figures: forests of named effects and profiles along a number."""

import pandas as pd

from giaflow.plot.forest import forest
from giaflow.plot.layout import words
from giaflow.plot.matrices import matrix
from giaflow.plot.profiles import profile
from giaflow.plot.theme import empty

EFFECT = "global_importance"


def draw(importance, contrasts, design):
    """Draw an experiment's result as its design asks.

    Parameters
    ----------
    importance, contrasts : pandas.DataFrame
        The experiment's two tables.
    design : dict
        The fields of `giaflow.statistics.contrasts.Figure`.

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
    parts = [(above, "effect" if design["estimand"] == EFFECT else words(design["estimand"]))]
    if len(below):
        parts.append((below, words(design["below"])))
    return (forest if design["kind"] == "forest" else profile)(parts, design)
