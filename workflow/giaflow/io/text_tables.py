"""Tables and intervals that others wrote: strings only, row by row, with line numbers.

No reader here guesses types: pandas would read a chromosome called NA as missing, 0012 as 12 and
1e5 as a number, and a lone quote would swallow a line.
"""

import gzip
import zlib
from pathlib import Path

from giaflow.base.checks import InputError, check_text, control_characters, nearest
from giaflow.io.compression import GZIP, check_bgzip_end, check_regular, packed_by

# So many faulty rows are shown; the others are counted.
SHOWN = 5
# How a table says that a probe was not measured.
MISSING = {"", "na", "nan"}


def read_lines(path, what):
    """Lines of a text file (plain or gzip) without their ends.

    Parameters
    ----------
    path : str or pathlib.Path
    what : str
        What the file is called in messages, for example "BED".

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If the file cannot be read, is not a regular file, is cut short, empty or not UTF-8, starts
        with a byte-order mark, has the line ends of old Macs, or holds control characters, which
        would reach terminals, tables and figures.
    """
    path = Path(path)
    try:
        check_regular(path, what)
        content = path.read_bytes()
        if content[:2] == GZIP:
            check_bgzip_end(path, what)
            content = gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"{what} {path} is compressed and cut short; copy it again") from None
    except OSError as error:
        raise InputError(f"cannot read {what} {path}: {error.strerror}") from None
    if not content.strip():
        raise InputError(f"{what} {path} is empty")
    if packed_by(content):
        raise InputError(
            f"{what} {path} is compressed with {packed_by(content)}; unpack it, or use gzip"
        )
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{what} {path} is UTF-16; save it as plain text (UTF-8)")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{what} {path} line {line} is not UTF-8; convert the file") from None
    if text.startswith("\ufeff"):
        raise InputError(f"{what} {path} starts with a byte-order mark; save it without one")
    # str.splitlines would also cut at characters that may stand inside a field.
    text = text.replace("\r\n", "\n")
    if "\r" in text and "\n" not in text:
        raise InputError(
            f"{what} {path} has the line ends of old Macs (CR alone); convert it, for example with "
            "tr '\\r' '\\n'"
        )
    lines = text.removesuffix("\n").split("\n")
    if set(control_characters(text)) - set("\t\n"):
        for number, line in enumerate(lines, 1):
            # Comments are not read.
            if not line.startswith("#"):
                check_text(line.replace("\t", " "), f"{what} {path} line {number}")
    return lines


def refuse(faults, path, what):
    """Raise `InputError` if there are faults, a list of (line number, sentence)."""
    if faults:
        shown = "; ".join(f"line {line}: {text}" for line, text in faults[:SHOWN])
        more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise InputError(f"{what} {path} {shown}{more}")


def read_columns(path, columns, what="table"):
    """Chosen columns of a tab-separated table with a header line.

    Parameters
    ----------
    path : str or pathlib.Path
        Lines that start with ``#`` before the header are skipped.
    columns : list of str
        Names in the header; None stands for the number of the row, from 1.
    what : str
        What the file is called in messages.

    Returns
    -------
    rows : list of (int, list of str)
        Line number and fields of each row, as many as `columns`.

    Raises
    ------
    InputError
        If a column is missing or a row is ragged.
    """
    numbered = [row for row in enumerate(read_lines(path, what), 1) if row[1].strip()]
    while numbered and numbered[0][1].startswith("#"):
        numbered.pop(0)
    if not numbered:
        raise InputError(f"{what} {path} has no header line")
    header = numbered.pop(0)[1].split("\t")
    for column in columns:
        if column is not None and header.count(column) != 1:
            raise InputError(
                f"{what} {path} must have one column {column!r}; it has "
                f"{', '.join(map(repr, header))}{nearest(column, header)}"
            )
    at = [None if column is None else header.index(column) for column in columns]
    rows, faults = [], []
    for number, (line, text) in enumerate(numbered, 1):
        fields = text.split("\t")
        if len(fields) == len(header):
            rows.append((line, [str(number) if i is None else fields[i] for i in at]))
        else:
            faults.append((line, f"{len(fields)} columns, but the header has {len(header)}"))
    refuse(faults, path, what)
    if not rows:
        raise InputError(f"{what} {path} has a header but no row")
    return rows


def read_rows(path):
    """Rows of a tab-separated table with a header line, each a dict of column to text."""
    lines = [line for line in read_lines(path, "table") if line and not line.startswith("#")]
    header = lines[0].split("\t") if lines else []
    return [dict(zip(header, fields, strict=True)) for _, fields in read_columns(path, header)]


def read_values(path, name, value):
    """Numbers by name from a tab-separated table with a header line.

    Parameters
    ----------
    path : str or pathlib.Path
        Lines that start with ``#`` before the header are skipped.
    name : str or None
        Column of the names; None names each row by its number, from 1, and lets a row be without
        a number (empty, NA or nan): such a table has a row for every sequence.
    value : str or None
        Column of the numbers; None reads a file of one number a line, without a header, in the
        order of the sequences.

    Returns
    -------
    dict of str to float
        nan where a row is without a number.

    Raises
    ------
    InputError
        If a column is missing, or a row is ragged, repeats a name or holds no finite number.
    """
    if value is None:
        listed = [(n, [str(n), text]) for n, text in enumerate(read_lines(path, "table"), 1)]
    else:
        listed = read_columns(path, [name, value])
    found, faults = {}, []
    for line, (key, text) in listed:
        missing = (name is None or value is None) and text.strip().lower() in MISSING
        number = float("nan") if missing else _number(text)
        if number is None:
            faults.append((line, f"{text!r} is not a finite number"))
        elif key in found:
            faults.append((line, f"the name {key!r} is given again"))
        else:
            found[key] = number
    refuse(faults, path, "table")
    return found


def _number(text):
    """A finite float, or None; underscores are rejected, although float() accepts them."""
    try:
        number = float(text) if "_" not in text else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < float("inf") else None


def read_records(path, columns, what):
    """Rows of a tab-separated table with a header line, as texts.

    Parameters
    ----------
    path : str or pathlib.Path
        Empty lines, and lines that start with ``#``, are skipped.
    columns : sequence of str
        Columns that the table must have, in any order; others are an error.
    what : str
        What the file is called in messages.

    Returns
    -------
    list of (str, dict)
        File and line (``file:line``), and the texts by column without spaces around them.

    Raises
    ------
    InputError
        If a column is missing or unknown, or a row is ragged.
    """
    numbered = enumerate(read_lines(path, what), 1)
    numbered = [(i, text) for i, text in numbered if text.strip() and not text.startswith("#")]
    line, text = numbered.pop(0) if numbered else (1, "")
    header = text.split("\t")
    for column in header:
        if column not in columns or header.count(column) > 1:
            known = ", ".join(columns)
            raise InputError(
                f"{path}:{line}: column {column!r} is unknown or given twice; known are {known}"
                f"{nearest(column, columns)}"
            )
    for column in columns:
        if column not in header:
            raise InputError(f"{path}:{line}: the column {column!r} is missing")
    rows = [(i, [field.strip() for field in text.split("\t")]) for i, text in numbered]
    faults = [
        (i, f"{len(fields)} columns, but the header has {len(header)}")
        for i, fields in rows
        if len(fields) != len(header)
    ]
    refuse(faults, path, what)
    return [(f"{path}:{i}", dict(zip(header, fields, strict=True))) for i, fields in rows]
