"""Matrices of motifs: files of every common format, and JASPAR's releases.

A format is one file here plus its place in `FORMATS`. The file holds

    recognise(lines)    whether the lines have the marks of that format
    read(lines)         yields the motifs as `giaflow.io.matrices.block.Block`

with `lines` a list of (line number, text), blank lines and comments included. The first format
whose marks a file has reads it. Biopython's readers are the reference in the tests; they are not
used here because they refuse MEME files without background frequencies and drop faulty rows in
silence.
"""

from giaflow.base.checks import InputError, nearest
from giaflow.io.matrices import headed, meme, table, transfac
from giaflow.io.matrices.block import WHAT
from giaflow.io.matrices.matrix import matrix_of_block
from giaflow.io.matrices.releases import jaspar_matrix
from giaflow.io.text_tables import read_lines

FORMATS = (meme, transfac, headed, table)
# So many names of motifs are shown in a message.
SHOWN = 10


def matrix_of(jaspar=None, release=None, file=None, name=None, rows=None):
    """The matrix (W, 4) of a JASPAR matrix ID, or of a motif in a file."""
    return jaspar_matrix(jaspar, release) if jaspar else read_matrix(file, name, rows)


def read_matrix(path, name=None, rows=None):
    """Counts or probabilities (W, 4) of one motif of a file (plain or gzip).

    Parameters
    ----------
    path : str or pathlib.Path
        MEME, TRANSFAC, JASPAR, HOMER, HOCOMOCO, cluster-buster, CIS-BP, or a plain table.
    name : str, optional
        Name or identifier of the motif; not needed if there is one.
    rows : {"positions", "letters"}, optional
        What a row of numbers is; needed only where a square matrix leaves it open.

    Raises
    ------
    InputError
        If the file holds no such motif, or its matrix is faulty or ambiguous; names the line.
    """
    lines = list(enumerate(read_lines(path, WHAT), 1))
    try:
        reader = next(one for one in FORMATS if one.recognise(lines))
        blocks = list(reader.read(lines))
        return matrix_of_block(_chosen(blocks, name), rows)
    except InputError as error:
        raise InputError(f"{WHAT} {path} {error}") from None


def _chosen(blocks, name):
    """The one block called `name`, or the only one."""
    if not blocks:
        raise InputError("holds no motif")
    found = [block for block in blocks if name is None or name in block.names]
    if len(found) == 1:
        return found[0]
    listed = [block.names[0] for block in blocks if block.names]
    shown = ", ".join(listed[:SHOWN]) + (", ..." if len(listed) > SHOWN else "")
    if not found:
        hint = nearest(name, [each for block in blocks for each in block.names])
        raise InputError(f"has no motif {name!r}; it holds {shown or 'motifs without names'}{hint}")
    if name is None and not shown:
        raise InputError(f"holds {len(blocks)} motifs without names; keep one in each file")
    if name is None:
        raise InputError(f"holds {len(blocks)} motifs: name one of {shown}")
    places = ", ".join(str(block.line) for block in found)
    raise InputError(f"holds {len(found)} motifs called {name!r} (lines {places}); rename one")
