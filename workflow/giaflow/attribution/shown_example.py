"""Choosing an example to show."""

import numpy as np

# A core of this many letters decides which sequence is strongest: about one motif.
CORE = 15


def strongest_window(contributions, allowed, width):
    """The sequence with the largest summed contribution of a motif's width, and a window around it.

    Parameters
    ----------
    contributions : numpy.ndarray
        (N, L, 4).
    allowed : numpy.ndarray
        (N,) bool, sequences that may be chosen.
    width : int
        Letters of the window; at most L are taken.

    Returns
    -------
    sequence, start, stop : int
        The window is half-open and has the motif near its middle.
    """
    by_letter = contributions.sum(axis=-1)
    length = by_letter.shape[1]
    core, width = min(CORE, length), min(width, length)
    sums = np.cumsum(np.pad(by_letter, ((0, 0), (1, 0))), axis=1)
    windows = sums[:, core:] - sums[:, :-core]
    # A window whose scores are not finite has nothing to show.
    windows = np.where(allowed[:, None] & np.isfinite(windows), windows, -np.inf)
    sequence, at = np.unravel_index(windows.argmax(), windows.shape)
    start = int(np.clip(at - (width - core) // 2, 0, length - width))
    return int(sequence), start, start + width
