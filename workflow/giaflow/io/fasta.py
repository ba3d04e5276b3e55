"""Sequences out of FASTA files, through pyfaidx.

pyfaidx trusts any index it finds and builds a missing one beside the user's file; so the index is
always built afresh, in a temporary folder, and the user's folder is never written to.
"""

import gzip
import re
import shutil
import tempfile
import zlib
from contextlib import closing, contextmanager
from pathlib import Path

import pyfaidx

from giaflow.checks import InputError, check_text
from giaflow.io.records import collect

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
            for name in list(fasta.keys()):
                check_text(name, f"FASTA {path}: the name of a record")
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


def load_sequences(paths, length, ambiguous, pad=False):
    """Read FASTA files into codes of one length.

    Parameters
    ----------
    paths : list of str
    length, ambiguous, pad
        As in `giaflow.io.records.collect`.

    Returns
    -------
    codes, masked, columns, dropped
        As `giaflow.io.records.collect` returns them; `columns` are ``name``, ``chrom``,
        ``start``, ``end`` and ``strand``.
    """
    # A record that is refused must not leave the file's temporary copy behind.
    with closing(_records(paths)) as records:
        return collect(records, length, ambiguous, pad)


def _records(paths):
    for path in paths:
        for name, letters in read_fasta(path):
            yield f"FASTA {path}, record {name!r}", letters, (name, *parse_locus(name))
