"""Choosing an example to show."""

import numpy as np


def strongest_window(contributions, allowed, width):
    """The sequence and start of the window with the largest summed contribution.

    Parameters
    ----------
    contributions : numpy.ndarray
        (N, L, 4).
    allowed : numpy.ndarray
        (N,) bool, sequences that may be chosen.
    width : int
        Letters; at most L are taken.

    Returns
    -------
    sequence, start : int
    """
    by_letter = contributions.sum(axis=-1)
    width = min(width, by_letter.shape[1])
    sums = np.cumsum(np.pad(by_letter, ((0, 0), (1, 0))), axis=1)
    windows = np.where(allowed[:, None], sums[:, width:] - sums[:, :-width], -np.inf)
    sequence, start = np.unravel_index(windows.argmax(), windows.shape)
    return int(sequence), int(start)
