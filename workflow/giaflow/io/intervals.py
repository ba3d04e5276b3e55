"""Intervals out of BED files: 0-based, half-open, every row checked."""

from typing import NamedTuple

from giaflow.base.checks import InputError
from giaflow.io.text_tables import read_lines, refuse

# No coordinate is larger: netCDF and numpy hold 64 bits.
_LARGEST = 2**63 - 1


class Interval(NamedTuple):
    """A region of a genome, and the line of the file that gave it."""

    chrom: str
    start: int
    end: int
    strand: str
    line: int
    # Of a narrowPeak file: letters from the start to the summit; -1 if there is none.
    summit: int = -1


def read_bed(path):
    """Read the intervals of a BED file (plain or gzip).

    Comments, ``track`` and ``browser`` lines and blank ones are skipped. A strand of ``.``, or
    none, is read as ``+``.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    list of Interval

    Raises
    ------
    InputError
        With the line numbers of the first faulty rows, or if no interval is left.
    """
    found, faults, width = [], [], None
    for line, text in enumerate(read_lines(path, "BED"), 1):
        if not text.strip() or text.startswith("#") or _is_for_browsers(text):
            if text.startswith("##"):
                raise InputError(f"BED {path} line {line}: looks like GFF or VCF, which count "
                                 "from 1; convert it to BED")  # fmt: skip
            continue
        fields = text.split("\t")
        width = len(fields) if width is None else width
        interval = _interval(fields, width, line)
        if isinstance(interval, Interval):
            found.append(interval)
        else:
            faults.append((line, interval))
    refuse(faults, path, "BED")
    if not found:
        raise InputError(f"BED {path} holds no interval")
    return found


def _is_for_browsers(text):
    """Whether a line says how to show the file; a contig's name may begin as such lines do."""
    fields = text.split("\t")
    row = len(fields) > 2 and fields[1].isdecimal() and fields[2].isdecimal()
    return text.split()[:1] in (["track"], ["browser"]) and not row


def _interval(fields, width, line):
    """The interval of a row, or a sentence that says what is wrong with it."""
    if len(fields) < 3:
        return f"{len(fields)} columns; BED needs chromosome, start and end, separated by tabs"
    if len(fields) != width:
        return f"{len(fields)} columns, but {width} above"
    for word, text in zip(("start", "end"), fields[1:3], strict=True):
        if not (text.isascii() and text.isdigit()):
            like = _counts_from_one(fields)
            hint = f"; this looks like {like}, which counts from 1: convert it to BED"
            hint = hint if like else ""
            return f"{word} {text!r} is not a whole number, 0 or greater{hint}"
        if len(text) > 19 or int(text) > _LARGEST:
            return f"{word} {text} is too large"
    start, end = int(fields[1]), int(fields[2])
    if not fields[0].strip():
        return "the chromosome has no name"
    if start >= end:
        return f"start {start} is not before end {end}"
    strand = fields[5] if len(fields) > 5 else "."
    if strand not in ("+", "-", "."):
        return f"strand {strand!r} must be +, - or ."
    summit = _summit(fields, end - start)
    if isinstance(summit, str):
        return summit
    return Interval(fields[0], start, end, "-" if strand == "-" else "+", line, summit)


def _counts_from_one(fields):
    """The format that a row without a start and an end looks like, or an empty string."""
    if len(fields) == 9 and fields[3].isdecimal() and fields[4].isdecimal():
        return "GFF"
    alleles = len(fields) > 4 and fields[1].isdecimal() and fields[3] and fields[4]
    return "VCF" if alleles and set((fields[3] + fields[4]).upper()) <= set("ACGTN,.*") else ""


def _summit(fields, size):
    """The summit of a row of narrowPeak (BED6+4), -1 of another; or what is wrong with it.

    The seventh to ninth columns of narrowPeak are measurements, those of BED10 are whole numbers.
    """
    if len(fields) != 10 or fields[9] == "-1":
        return -1
    if not (fields[9].isascii() and fields[9].isdigit()):
        return f"summit {fields[9]!r} (column 10 of narrowPeak) is not a whole number or -1"
    if int(fields[9]) >= size:
        return f"summit {fields[9]} (column 10 of narrowPeak) is not inside the {size} letters"
    return int(fields[9])
