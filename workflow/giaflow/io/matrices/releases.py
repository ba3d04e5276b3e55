"""Matrices of JASPAR's releases, out of the PyPI package pyjaspar: no network is needed."""

import contextlib

import numpy as np

from giaflow.base.alphabet import DNA
from giaflow.base.checks import InputError, check_name, nearest


def jaspar_matrix(identifier, release=None):
    """Counts (W, 4) of a JASPAR matrix, out of the releases inside the PyPI package pyjaspar.

    Parameters
    ----------
    identifier : str
        Such as ``MA0142.1``; without a version the latest of the release.
    release : str, optional
        Such as ``JASPAR2024``; by default the newest that the package holds.

    Raises
    ------
    InputError
        If there is no such release or matrix; names the nearest.
    """
    # Imported here: it takes a third of a second that only such patterns need.
    from pyjaspar import JASPAR_LATEST_RELEASE, jaspar_releases, jaspardb

    release = release or JASPAR_LATEST_RELEASE
    check_name(release, jaspar_releases, "JASPAR release")
    database = jaspardb(release)
    with contextlib.closing(database.conn):
        listed = database.conn.execute("SELECT BASE_ID, VERSION, NAME FROM MATRIX").fetchall()
        known = {f"{base}.{version}": name for base, version, name in listed}
        if identifier not in known and identifier not in {one for one, *_ in listed}:
            raise InputError(f"no matrix {identifier!r} in {release}{_nearby(identifier, known)}")
        counts = database.fetch_motif_by_id(identifier).counts
    return np.array([counts[letter] for letter in DNA], float).T


def _nearby(identifier, known):
    """A hint: the matrices of a factor of that name, other versions, or the nearest ID."""
    same = [one for one, name in known.items() if name.upper() == identifier.upper()]
    if same:
        return f"; the matrices of {known[same[0]]} are {', '.join(same)}"
    base = identifier.partition(".")[0].upper()
    versions = [one for one in known if one.startswith(f"{base}.")]
    if versions:
        return f"; there are {', '.join(versions)}"
    return nearest(identifier.upper(), known)
