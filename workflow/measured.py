"""Measured values of sequences, for the scripts that learn them and those that test them."""

import numpy as np

from giaflow.checks import InputError
from giaflow.io.rows import read_values


def read_measured(names, tables):
    """Values (N, T) of named sequences, nan where a table has none.

    Parameters
    ----------
    names : sequence of str
    tables : dict of str to dict
        Target to ``file``, ``name`` and ``value`` (its columns).

    Raises
    ------
    InputError
        If a table has no value for any of the sequences.
    """
    values = np.full((len(names), len(tables)), np.nan)
    for t, (target, where) in enumerate(tables.items()):
        found = read_values(where["file"], where["name"], where["value"])
        values[:, t] = [found.get(name, np.nan) for name in names]
        if np.isnan(values[:, t]).all():
            raise InputError(
                f"table {where['file']} has no value of target {target!r} for any sequence: "
                f"the names {', '.join(map(repr, names[:3]))}, ... are not in its column "
                f"{where['name']!r}"
            )
    return values
