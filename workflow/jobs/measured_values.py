"""Measured values of sequences, for the scripts that learn them and those that test them."""

import numpy as np

from giaflow.base.checks import InputError
from giaflow.io.text_tables import read_values
from giaflow.models.training.examples import scaled


def read_measured(sequences, tables):
    """Values (N, T) of sequences, nan where a table has none.

    Parameters
    ----------
    sequences : xarray.Dataset
        As the rule `sequences` makes them.
    tables : dict of str to dict
        Target to ``file``, ``name`` and ``value`` (its columns).

    Raises
    ------
    InputError
        If a table has no value for any of the sequences, or one in the order of the probes has
        another number of rows than the table of probes.
    """
    names, rows = sequences["name"].values, sequences.attrs["table_rows"]
    values = np.full((len(names), len(tables)), np.nan)
    for t, (target, where) in enumerate(tables.items()):
        found = read_values(where["file"], where["name"], where["value"])
        if where["name"] is None and len(found) != rows:
            there = f"the table of probes has {rows}" if rows >= 0 else "there are no probes"
            raise InputError(
                f"table {where['file']} gives {len(found)} values of target {target!r} in the "
                f"order of the probes, but {there}"
            )
        values[:, t] = [found.get(name, np.nan) for name in names]
        if np.isnan(values[:, t]).all():
            raise InputError(
                f"table {where['file']} has no value of target {target!r} for any sequence: "
                f"the names {', '.join(map(repr, names[:3]))}, ... are not in its column "
                f"{where['name']!r}"
            )
    return values


def transformed(values, tables):
    """Values (N, T) on the scales that their tables ask for, each target by itself."""
    columns = [scaled(values[:, t], table["scale"]) for t, table in enumerate(tables.values())]
    return np.stack(columns, axis=1)
