"""Sequences out of FASTA files, through pyfaidx.

pyfaidx trusts any index it finds and builds a missing one beside the user's file; so the index is
always built afresh, in a temporary folder, and the user's folder is never written to.
"""

import tempfile
from contextlib import closing, contextmanager

import pyfaidx

from giaflow.base.checks import InputError, check_text
from giaflow.io.fasta_text import has_even_lines, mended, plain_text
from giaflow.io.sequence_records import collect
from giaflow.sequences.record_names import place_of

# How pyfaidx ends on a file that it cannot index.
UNINDEXED = (ValueError, RuntimeError, pyfaidx.FastaIndexingError)


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
        # Blank lines, or lines of different lengths, which FASTA allows and an index does not.
        fasta = _indexed(plain if has_even_lines(plain) else mended(path, plain, folder), folder)
    except UNINDEXED as error:
        # Says which lines are at fault, if names are.
        mended(path, plain, folder)
        reason = str(error).splitlines()[0]
        raise InputError(f"FASTA {path} cannot be indexed: {reason}") from None
    with fasta:
        for name in list(fasta.keys()):
            check_text(name, f"FASTA {path}: the name of a record")
        try:
            yield fasta
        except UnicodeDecodeError as error:
            raise InputError(f"FASTA {path} is not plain text: {error}") from None


def _indexed(plain, folder):
    """An open FASTA file with an index that was built now."""
    return pyfaidx.Fasta(
        str(plain), indexname=f"{folder}/index.fai", rebuild=True, strict_bounds=True
    )


def load_sequences(paths, length, ambiguous, pad=False, coordinates="zero_based"):
    """Read FASTA files into codes of one length.

    Parameters
    ----------
    paths : list of str
    length, ambiguous, pad
        As in `giaflow.io.sequence_records.collect`.
    coordinates : {"zero_based", "one_based", "none"}
        How places in the names of records count, see `giaflow.sequences.record_names`.

    Returns
    -------
    codes, masked, columns, dropped
        As `giaflow.io.sequence_records.collect` returns them; `columns` are ``name``, ``chrom``,
        ``start``, ``end`` and ``strand``.
    """
    # A record that is refused must not leave the file's temporary copy behind.
    with closing(_records(paths, coordinates)) as records:
        return collect(records, length, ambiguous, pad)


def _records(paths, coordinates):
    for path in paths:
        with tempfile.TemporaryDirectory() as folder, open_fasta(path, folder) as fasta:
            for record in fasta:
                letters, where = str(record[:]), f"FASTA {path}, record {record.name!r}"
                place = place_of(record.long_name, len(letters), where, coordinates)
                yield where, letters, (record.name, *place)
