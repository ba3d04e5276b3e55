"""Matrices of motifs: MEME, JASPAR and TRANSFAC files, plain tables of counts, JASPAR's releases.

Biopython's readers refuse MEME files without background frequencies and pass over faulty matrices
in silence; these name the line.
"""

import contextlib
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from giaflow.base.alphabet import DNA
from giaflow.base.checks import InputError, check_name, nearest
from giaflow.io.text_tables import read_lines

WHAT = "motif file"


class Block(NamedTuple):
    """One motif of a file as it is written: its names, and the words of each line."""

    names: tuple
    line: int
    rows: list
    # Whether a line holds a letter's counts (True), a position's (False), or the shape tells.
    by_letter: bool | None
    width: int | None = None


def matrix_of(jaspar=None, release=None, file=None, name=None):
    """The matrix (W, 4) of a JASPAR matrix ID, or of a motif in a file."""
    return jaspar_matrix(jaspar, release) if jaspar else read_matrix(file, name)


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


def read_matrix(path, name=None):
    """Counts or probabilities (W, 4) of one motif of a file (plain or gzip).

    Parameters
    ----------
    path : str or pathlib.Path
        MEME, JASPAR, TRANSFAC, or a plain table: four rows, of A, C, G and T, or a row for each
        position with four numbers.
    name : str, optional
        Name or identifier of the motif; not needed if there is one.

    Raises
    ------
    InputError
        If the file holds no such motif, or its matrix is none; names the line.
    """
    lines = [(at, text.strip()) for at, text in enumerate(read_lines(path, WHAT), 1)]
    lines = [(at, text) for at, text in lines if text and not text.startswith("#")]
    blocks = list(_reader(lines)(lines))
    found = [block for block in blocks if name is None or name in block.names]
    if not blocks:
        raise InputError(f"{WHAT} {path} holds no motif")
    if len(found) != 1:
        listed = [block.names[0] for block in blocks if block.names]
        shown = ", ".join(listed[:10]) + (", ..." if len(listed) > 10 else "")
        if not found:
            hint = nearest(name, [each for block in blocks for each in block.names])
            held = shown or "motifs without names"
            raise InputError(f"{WHAT} {path} has no motif {name!r}; it holds {held}{hint}")
        told = f"{len(found)} motifs called {name!r}" if name else f"{len(blocks)} motifs"
        raise InputError(f"{WHAT} {path} holds {told}: name one of {shown}")
    try:
        return _matrix(found[0])
    except InputError as error:
        raise InputError(f"{WHAT} {path} {error}") from None


def _reader(lines):
    """The reader of a file's format."""
    if any(text.startswith("MEME version") for _, text in lines):
        return _meme
    if lines and lines[0][1].startswith(">"):
        return _jaspar
    if any(text.split()[0] in ("P0", "PO") for _, text in lines):
        return _transfac
    return _plain


def _meme(lines):
    block = None
    for at, text in lines:
        words = text.split()
        if words[0] == "MOTIF":
            if block:
                yield block
            block = Block(tuple(words[1:3]), at, [], False)
            reading = False
        elif block and text.startswith("letter-probability matrix"):
            declared = dict(pairwise(words)).get("w=", "")
            block = block._replace(width=int(declared) if declared.isdigit() else None)
            reading = True
        elif block:
            reading = reading and _number(words[0]) is not None
            if reading:
                block.rows.append((at, words))
    if block:
        yield block


def _jaspar(lines):
    block = None
    for at, text in lines:
        if text.startswith(">"):
            if block:
                yield block
            block = Block(tuple(text[1:].split()), at, [], True)
        else:
            block.rows.append((at, text.replace("[", " ").replace("]", " ").split()))
    yield block


def _transfac(lines):
    names, rows, first = [], [], 1
    for at, text in [*lines, (lines[-1][0], "//")]:
        words = text.split()
        if words[0] in ("AC", "ID", "NA"):
            names += words[1:2]
        elif words[0] in ("P0", "PO"):
            first = at
            if [word.upper().replace("U", "T") for word in words[1:5]] != list(DNA):
                raise InputError(f"{WHAT} line {at}: columns must be A, C, G and T")
        elif words[0].isdigit():
            rows.append((at, words[1:5]))
        elif words[0] == "//" and rows:
            yield Block(tuple(names), first, rows, False)
            names, rows = [], []


def _plain(lines):
    rows = [(at, text.replace("[", " ").replace("]", " ").split()) for at, text in lines]
    by_letter = None
    if [word.upper().replace("U", "T") for word in rows[0][1]] == list(DNA):
        rows, by_letter = rows[1:], False
    yield Block((), lines[0][0], rows, by_letter)


def _number(word):
    """A finite number that is not negative, or None."""
    try:
        value = float(word)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _matrix(block):
    """The matrix (W, 4) of a block, checked."""
    letters = [words[0].upper().rstrip(":|").replace("U", "T") for _, words in block.rows]
    rows, by_letter = block.rows, block.by_letter
    if letters and sorted(letters) == sorted(DNA):
        order = [letters.index(letter) for letter in DNA]
        rows, by_letter = [(rows[i][0], rows[i][1][1:]) for i in order], True
    for at, words in rows:
        wrong = [word for word in words if _number(word) is None]
        if wrong:
            raise InputError(f"line {at}: {wrong[0]!r} is no count or probability")
        if len(words) != len(rows[0][1]):
            raise InputError(f"line {at}: {len(words)} numbers, but {len(rows[0][1])} above")
    shape = len(rows), len(rows[0][1]) if rows else 0
    if by_letter is None and shape == (4, 4):
        raise InputError(
            f"line {block.line}: 4 rows of 4 numbers may be letters or positions; start each row "
            "with its letter, or the table with a line A C G T"
        )
    by_letter = shape[0] == 4 if by_letter is None else by_letter
    if shape[not by_letter] != 4 or not min(shape):
        raise InputError(
            f"line {block.line}: {shape[0]} rows of {shape[1]} numbers; a matrix of nucleotides "
            "has 4 rows, or 4 numbers a row"
        )
    matrix = np.array([[float(word) for word in words] for _, words in rows])
    matrix = matrix.T if by_letter else matrix
    if block.width not in (None, len(matrix)):
        raise InputError(f"line {block.line}: w= {block.width}, but {len(matrix)} rows")
    empty = np.flatnonzero(matrix.sum(axis=1) == 0)
    if len(empty):
        raise InputError(f"line {block.line}: position {empty[0]} has no counts")
    return matrix
