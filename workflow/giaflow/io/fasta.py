"""Sequences out of FASTA files, through pyfaidx.

pyfaidx trusts any index it finds and builds a missing one beside the user's file; so the index is
always built afresh, in a temporary folder, and the user's folder is never written to.
"""

import gzip
import re
import shutil
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyfaidx

from giaflow.alphabet import UNKNOWN, encode
from giaflow.checks import InputError

# chrom:start-end with an optional (strand), as bedtools getfasta and most exports write it.
LOCUS = re.compile(r"^(?P<chrom>[^:]+):(?P<start>\d+)-(?P<end>\d+)(\((?P<strand>[+-])\))?$")


GZIP = b"\x1f\x8b"


def _unpacked(path, folder):
    """The path of a FASTA file's plain text: itself, or a copy if it is compressed."""
    try:
        with Path(path).open("rb") as stream:
            packed = stream.read(2) == GZIP
        if not packed:
            return Path(path)
        plain = Path(folder) / "plain.fa"
        # A bgzip file is a gzip file too.
        with gzip.open(path) as stream, plain.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"FASTA {path} is compressed and cut short; copy it again") from None
    except OSError as error:
        raise InputError(f"cannot read FASTA {path}: {error.strerror}") from None
    return plain


def _check_start(path, plain):
    """Refuse what is not FASTA by its first bytes; `path` is what the user calls it."""
    with plain.open("rb") as stream:
        head = stream.read(3)
    if not head:
        raise InputError(f"FASTA {path} is empty")
    if head == b"\xef\xbb\xbf":
        raise InputError(f"FASTA {path} starts with a byte-order mark; save it without one")
    if head[:1] != b">":
        raise InputError(f"FASTA {path} does not start with '>'; is it another kind of file?")


def read_fasta(path):
    """Read the records of a FASTA file (plain, gzip or bgzip), one at a time.

    Parameters
    ----------
    path : str or pathlib.Path

    Yields
    ------
    (str, str)
        Name (up to the first blank) and letters, case kept.

    Raises
    ------
    InputError
        If the file is missing, empty, not FASTA, holds a name twice or uneven lines.
    """
    with tempfile.TemporaryDirectory() as folder, open_fasta(path, folder) as fasta:
        for record in fasta:
            yield record.name, str(record[:])


@contextmanager
def open_fasta(path, folder):
    """Open a FASTA file (plain, gzip or bgzip) with an index of its own in `folder`.

    What goes wrong while it is read, too, is raised as an `InputError` that names the file.
    """
    plain = _unpacked(path, folder)
    _check_start(path, plain)
    try:
        with pyfaidx.Fasta(
            str(plain), indexname=f"{folder}/index.fai", rebuild=True, strict_bounds=True
        ) as fasta:
            yield fasta
    except InputError:
        raise
    except (ValueError, UnicodeDecodeError, pyfaidx.FastaIndexingError) as error:
        raise InputError(f"FASTA {path} cannot be indexed: {error}") from None


def parse_locus(name):
    """Coordinates (chrom, start, end, strand) in a record's name, or ("", -1, -1, ".") if none.

    ``chr1:100-300`` is read as 0-based and half-open, so the record has 200 letters.
    """
    found = LOCUS.match(name)
    if not found:
        return "", -1, -1, "."
    return found["chrom"], int(found["start"]), int(found["end"]), found["strand"] or "."


def load_sequences(paths, length, ambiguous):
    """Read FASTA files into codes of one length.

    Parameters
    ----------
    paths : list of str
    length : int
        Letters per sequence; every record must have it.
    ambiguous : {"drop", "keep", "error"}
        What happens to a record with a letter outside ACGTU.

    Returns
    -------
    codes : numpy.ndarray
        (N, L) uint8.
    masked : numpy.ndarray
        (N, L) bool, True where the letter was lower case.
    columns : dict of str to list
        ``name``, ``chrom``, ``start``, ``end``, ``strand`` per sequence.
    dropped : int
        Records left out because of ambiguous letters.
    """
    # Letters go into one buffer each: an array for each of many records would double the memory.
    codes, masked, dropped = bytearray(), bytearray(), 0
    columns = {key: [] for key in ("name", "chrom", "start", "end", "strand")}
    for path in paths:
        for name, letters in read_fasta(path):
            where = f"FASTA {path}, record {name!r}"
            if len(letters) != length:
                raise InputError(
                    f"{where} has {len(letters)} letters, but the config's length is {length}"
                )
            try:
                row = encode(letters)
            except InputError as error:
                raise InputError(f"{where}: {error}") from None
            if (row == UNKNOWN).any() and ambiguous != "keep":
                if ambiguous == "error":
                    at = int(np.argmax(row == UNKNOWN))
                    raise InputError(
                        f"{where} has the ambiguous letter {letters[at]!r} at position {at}; "
                        "set ambiguous to drop or keep"
                    )
                dropped += 1
                continue
            codes += row.tobytes()
            masked += (np.frombuffer(letters.encode(), np.uint8) >= ord("a")).tobytes()
            for key, value in zip(columns, (name, *parse_locus(name)), strict=True):
                columns[key].append(value)
    if not codes:
        raise InputError(
            f"no sequence is left of {', '.join(map(str, paths))}: {dropped} dropped as ambiguous"
        )
    rows, known = (np.frombuffer(each, kind) for each, kind in ((codes, np.uint8), (masked, bool)))
    return rows.reshape(-1, length), known.reshape(-1, length), columns, dropped
