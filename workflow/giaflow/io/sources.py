"""The table of things obtained from elsewhere: resources/sources.tsv."""

import csv
from pathlib import Path

from giaflow.base.checks import InputError

# Stands for the hash of a file that its owner may change.
UNPINNED = "not pinned"
COLUMNS = ["name", "how", "package", "version", "file", "sha256", "licence", "holds"]


def read_sources(path):
    """Rows of the table by name.

    Returns
    -------
    dict of str to dict
        Columns ``name``, ``how`` ("pypi", or "manual" for a file that users save themselves from
        the address in ``package``), ``package``, ``version``, ``file``, ``sha256``
        (or `UNPINNED`), ``licence``, ``holds``.

    Raises
    ------
    InputError
        If a column is missing or a name is given twice.
    """
    with Path(path).open(newline="") as stream:
        reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        if reader.fieldnames != COLUMNS:
            raise InputError(f"{path} must have the columns {', '.join(COLUMNS)}")
        rows = list(reader)
    names = [row["name"] for row in rows]
    if len(set(names)) != len(names):
        raise InputError(f"{path} names a source twice")
    return dict(zip(names, rows, strict=True))
