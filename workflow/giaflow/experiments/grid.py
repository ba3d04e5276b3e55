"""The grid of an experiment: conditions times backgrounds in tiles, each predicted by itself.

What is predicted in a tile depends on nothing outside it. So an experiment has the same bytes
however its tiles are shared between jobs, and however many jobs there are.
"""

import numpy as np

# Conditions and backgrounds of a tile. The number of backgrounds is even: edits that give a
# background letters of the next one have their pairs in one tile.
CONDITIONS, BACKGROUNDS = 1024, 128


def tiles(conditions, start, stop, size=(CONDITIONS, BACKGROUNDS)):
    """The grid over conditions and over the backgrounds start .. stop.

    Parameters
    ----------
    conditions : int
        How many; without any, backgrounds still have tiles of their own.
    start, stop : int
        Half-open; the start even.
    size : (int, int)
        Conditions and backgrounds of a tile, at most.

    Returns
    -------
    list of (slice, slice)
        Conditions and backgrounds of every tile, background by background.
    """
    high, wide = size
    across = [slice(at, min(at + wide, stop)) for at in range(start, stop, wide)]
    down = [slice(at, min(at + high, conditions)) for at in range(0, max(conditions, 1), high)]
    return [(some, rows) for rows in across for some in down]


def share(grid, part, parts):
    """The tiles of one of several parts, which differ by one tile at most; some may have none."""
    ends = np.linspace(0, len(grid), parts + 1).astype(int)
    return grid[ends[part] : ends[part + 1]]


def gathered(parts, number, size=(CONDITIONS, BACKGROUNDS)):
    """One dataset of those that a number of jobs made, each of its own tiles.

    Parameters
    ----------
    parts : iterable of xarray.Dataset
        All of the same shape, in order, with the axes ``condition``, ``background`` and
        ``folded`` (the first backgrounds). The first one is changed.
    number : int
        Of parts.
    size : (int, int)
        As in `tiles`.
    """
    whole = None
    for part, found in enumerate(parts):
        whole = found if whole is None else whole
        grid = tiles(found.sizes["condition"], 0, found.sizes["background"], size)
        for conditions, rows in share(grid, part, number):
            here = {"condition": conditions, "background": rows, "folded": rows}
            for name, variable in whole.data_vars.items():
                at = tuple(here.get(axis, slice(None)) for axis in variable.dims)
                variable.values[at] = found[name].values[at]
    return whole
