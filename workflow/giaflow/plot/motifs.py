"""Contribution matrices as logos."""

import logomaker
import numpy as np
import pandas as pd

from giaflow.plot.theme import LETTERS, empty, wrapped


def draw_logo(axis, matrix, alphabet):
    """A logo of a (w, 4) matrix on an axis, in the project's letter colours."""
    table = pd.DataFrame(np.nan_to_num(matrix), columns=list(alphabet))
    logomaker.Logo(table, ax=axis, color_scheme={k: LETTERS[k] for k in alphabet}, vpad=0.03)


def draw_catalogue(table, cwms, alphabet, reasons=None, most=24):
    """A logo of every pattern's contribution matrix, with its name and number of seqlets.

    Parameters
    ----------
    table : pandas.DataFrame
        The motif catalogue.
    cwms : dict of str to numpy.ndarray
        Pattern to contribution matrix (w, 4).
    alphabet : {"ACGT", "ACGU"}
    reasons : dict of str to str, optional
        Target without a pattern to the reason.
    most : int
        Patterns drawn.

    Returns
    -------
    matplotlib.figure.Figure
    """
    if table.empty:
        listed = [f"{target}: {reason}" for target, reason in (reasons or {}).items()]
        return empty(" ".join(["TF-MoDISco found no pattern.", *listed]))
    shown = table.head(most)
    figure, axes = wrapped(len(shown), 3, 3.3, 1.35)
    for axis, entry in zip(axes.flat, shown.itertuples(), strict=False):
        cwm = cwms[entry.pattern]
        draw_logo(axis, cwm, alphabet)
        axis.set_title(f"{entry.pattern}: {entry.n_seqlets} seqlets", fontsize=9)
        axis.set_xticks(range(0, len(cwm), 5))
        axis.spines["bottom"].set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("contribution")
    figure.supxlabel("position in the pattern (letters)", fontsize=9)
    if len(table) > most:
        figure.suptitle(f"the first {most} of {len(table)} patterns")
    return figure
