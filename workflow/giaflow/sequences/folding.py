"""Base pairs and folding energies of sequences as RNA."""

import numpy as np

from giaflow.base.alphabet import RNA, UNKNOWN, decode

_G, _U = 2, 3


def pairing(one, other, wobble):
    """Whether letters pair: Watson-Crick (codes add to 3) or, if asked, G with U."""
    found = (one + other == 3) & (one != UNKNOWN) & (other != UNKNOWN)
    if wobble:
        found |= ((one == _G) & (other == _U)) | ((one == _U) & (other == _G))
    return found


def energies(codes):
    """Minimum free energies of sequences folded alone as RNA, at 37 degrees and 1 M salt.

    ViennaRNA (Lorenz et al. 2011, Algorithms Mol Biol 6:26) with its standard parameters (Turner
    2004).

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8 codes; an unknown letter pairs with nothing.

    Returns
    -------
    numpy.ndarray
        (N,) float64 in kcal/mol, at most 0.
    """
    # Imported here: only hairpins are folded.
    from RNA import fold

    return np.array([fold(decode(row, RNA))[1] for row in codes], float)


def with_energies(table, conditions, folded):
    """A table with a column ``energy`` before ``n``: the mean energy of the row's constructs.

    Parameters
    ----------
    table : pandas.DataFrame
        With a column ``condition``.
    conditions : sequence of str
        (C,) values of that column.
    folded : numpy.ndarray
        (C, F) kcal/mol, of the first F backgrounds with that condition.
    """
    mean = dict(zip(conditions, folded.mean(axis=1), strict=True))
    table = table.copy()
    table.insert(table.columns.get_loc("n"), "energy", table["condition"].map(mean))
    return table
