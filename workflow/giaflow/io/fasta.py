"""Sequences out of FASTA files, through pyfaidx.

pyfaidx trusts any index it finds and builds a missing one beside the user's file; so the index is
always built afresh, in a temporary folder, and the user's folder is never written to.
"""

import re
import tempfile
from contextlib import closing, contextmanager

import pyfaidx

from giaflow.base.checks import InputError
from giaflow.io.fasta_text import mended, plain_text
from giaflow.io.sequence_records import collect

# chrom:start-end with an optional (strand), as bedtools getfasta and most exports write it.
LOCUS = re.compile(r"^(?P<chrom>[^:]+):(?P<start>\d+)-(?P<end>\d+)(\((?P<strand>[+-])\))?$")


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
        If the file is missing, empty, not FASTA, or holds a name twice.
    """
    with tempfile.TemporaryDirectory() as folder, open_fasta(path, folder) as fasta:
        for record in fasta:
            yield record.name, str(record[:])


@contextmanager
def open_fasta(path, folder):
    """Open a FASTA file (plain, gzip or bgzip) with an index of its own in `folder`.

    What goes wrong while it is read, too, is raised as an `InputError` that names the file.
    """
    plain = plain_text(path, folder)
    try:
        fasta = _indexed(plain, folder)
    except (ValueError, RuntimeError, UnicodeDecodeError, pyfaidx.FastaIndexingError):
        # Blank lines, or lines of different lengths, which FASTA allows and an index does not.
        copy = mended(path, plain, folder)
        try:
            fasta = _indexed(copy, folder)
        except (ValueError, RuntimeError, UnicodeDecodeError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"FASTA {path} cannot be indexed: {reason}") from None
    with fasta:
        try:
            yield fasta
        except UnicodeDecodeError as error:
            raise InputError(f"FASTA {path} is not plain text: {error}") from None


def _indexed(plain, folder):
    """An open FASTA file with an index that was built now."""
    return pyfaidx.Fasta(
        str(plain), indexname=f"{folder}/index.fai", rebuild=True, strict_bounds=True
    )


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
        As in `giaflow.io.sequence_records.collect`.

    Returns
    -------
    codes, masked, columns, dropped
        As `giaflow.io.sequence_records.collect` returns them; `columns` are ``name``, ``chrom``,
        ``start``, ``end`` and ``strand``.
    """
    # A record that is refused must not leave the file's temporary copy behind.
    with closing(_records(paths)) as records:
        return collect(records, length, ambiguous, pad)


def _records(paths):
    for path in paths:
        for name, letters in read_fasta(path):
            yield f"FASTA {path}, record {name!r}", letters, (name, *parse_locus(name))
