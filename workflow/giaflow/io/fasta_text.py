"""The text of a FASTA file: unpacked, recognised, and mended where pyfaidx cannot index it."""

import gzip
import shutil
import zlib
from pathlib import Path

import numpy as np

from giaflow.base.checks import InputError
from giaflow.io.compression import GZIP, check_bgzip_end, check_regular, packed_by

# Bytes that are looked at together.
CHUNK = 1 << 18
# Letters in a line of a mended file, and letters that are held before lines are written.
LINE, HELD = 60, 1 << 20


def plain_text(path, folder):
    """The path of a FASTA file's plain text: itself, or a copy in `folder` if it is compressed.

    Raises
    ------
    InputError
        If the file is missing, no regular file, compressed and cut short, empty, or does not begin
        as a FASTA file does.
    """
    path = Path(path)
    try:
        check_regular(path, "FASTA")
        with path.open("rb") as stream:
            packed = stream.read(2) == GZIP
        # A link hides the file's own name: pyfaidx takes plain text called x.gz for compressed.
        plain = Path(folder) / "plain.fa"
        if not packed:
            plain.symlink_to(path.resolve())
        else:
            check_bgzip_end(path, "FASTA")
            # A bgzip file is a gzip file too.
            with gzip.open(path) as stream, plain.open("wb") as copy:
                shutil.copyfileobj(stream, copy)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"FASTA {path} is compressed and cut short; copy it again") from None
    except OSError as error:
        raise InputError(f"cannot read FASTA {path}: {error.strerror}") from None
    _check_start(path, plain)
    return plain


def _check_start(path, plain):
    """Refuse what is not FASTA by its first bytes; `path` is what the user calls it."""
    with plain.open("rb") as stream:
        head = stream.read(1 << 16)
    if not head.strip():
        raise InputError(f"FASTA {path} is empty")
    if head[:3] == b"\xef\xbb\xbf":
        raise InputError(f"FASTA {path} starts with a byte-order mark; save it without one")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"FASTA {path} is UTF-16; save it as plain text (UTF-8)")
    if b"\r" in head and b"\n" not in head:
        raise InputError(
            f"FASTA {path} has the line ends of old Macs (CR alone); convert it, for example with "
            "tr '\\r' '\\n'"
        )
    if packed_by(head):
        raise InputError(
            f"FASTA {path} is compressed with {packed_by(head)}; unpack it, or use gzip or bgzip"
        )
    if not head.lstrip(b"\r\n").startswith(b">"):
        raise InputError(f"FASTA {path} does not start with '>'; is it another kind of file?")


def has_even_lines(plain):
    """Whether pyfaidx reads a file right as it is.

    All lines of a record but its last must have one length, and no line may be blank. A record
    must have letters, and lines of letters neither blanks nor carriage returns: pyfaidx reads some
    files with these wrong without a word.
    """
    # Length of each line, and whether it is a header; two lines are carried from chunk to chunk.
    lengths, headers, rest = np.zeros(0, np.int64), np.zeros(0, bool), b""
    with Path(plain).open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            data = rest + chunk
            if not chunk:
                data += b"" if not data or data.endswith(b"\n") else b"\n"
            letters = np.frombuffer(data, np.uint8)
            ends = np.flatnonzero(letters == ord("\n"))
            begins = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
            blanks = np.flatnonzero((letters == ord(" ")) | (letters == ord("\t")))
            blanks = np.searchsorted(ends, blanks)
            of_letters = letters[begins[blanks[blanks < len(ends)]]] != ord(">")
            if of_letters.any() or b"\r" in data:
                return False
            rest = data[ends[-1] + 1 :] if len(ends) else data
            lengths = np.concatenate([lengths[-2:], ends - begins])
            headers = np.concatenate([headers[-2:], letters[begins] == ord(">")])
            same = ~headers[1:] & ~headers[:-1]
            shorter = lengths[1:] < lengths[:-1]
            odd = same & (lengths[1:] > lengths[:-1])
            if (lengths == 0).any() or odd.any() or (same[:-1] & shorter[:-1] & same[1:]).any():
                return False
            if (headers[1:] & headers[:-1]).any():
                return False
            if not chunk:
                return not headers[-1]


def mended(path, plain, folder):
    """A copy of a FASTA file with equally long lines, without blank ones and carriage returns.

    Parameters
    ----------
    path, plain : str or pathlib.Path
        What the user calls the file, and its plain text.
    folder : str or pathlib.Path
        Where the copy goes.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    InputError
        With the lines, if a record has no letters, no name or another one's, if a line of letters
        holds a blank, or if a carriage return stands within a line.
    """
    copy, names, waiting = Path(folder) / "mended.fa", {}, bytearray()
    # Line of a record that has had no letters yet.
    without = None
    with Path(plain).open("rb") as stream, copy.open("wb") as out:
        for line, raw in enumerate(stream, 1):
            text = raw.strip()
            if b"\r" in text:
                raise InputError(
                    f"FASTA {path} line {line}: a carriage return within the line, as in files of "
                    "old Macs; convert the line ends, for example with tr '\\r' '\\n'"
                )
            if not text.isascii():
                _check_utf8(path, line, text)
            if text.startswith(b">"):
                _check_letters(path, without)
                without = line
                _write_lines(out, waiting, len(waiting))
                _check_name(path, line, (text[1:].split() or [b""])[0], names)
                out.write(text + b"\n")
            elif len(text.split()) > 1:
                raise InputError(f"FASTA {path} line {line}: a blank among the letters")
            else:
                without = None if text else without
                waiting += text
                if len(waiting) > HELD:
                    _write_lines(out, waiting, len(waiting) // LINE * LINE)
        _write_lines(out, waiting, len(waiting))
    _check_letters(path, without)
    return copy


def _check_utf8(path, line, text):
    """Raise unless a line is written in UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        raise InputError(f"FASTA {path} line {line} is not UTF-8; convert the file") from None


def _check_letters(path, without):
    """Raise if the record that begins in line `without` has no letters; None if it has."""
    if without is not None:
        raise InputError(f"FASTA {path} line {without}: a record without letters")


def _write_lines(out, letters, size):
    """Write so many of the letters in lines, and take them out."""
    for at in range(0, size, LINE):
        out.write(letters[at : min(at + LINE, size)] + b"\n")
    del letters[:size]


def _check_name(path, line, name, names):
    """Raise unless a record has a name of its own."""
    if not name:
        raise InputError(f"FASTA {path} line {line}: a record without a name")
    if name in names:
        raise InputError(
            f"FASTA {path}: record {name.decode(errors='replace')!r} stands twice, in lines "
            f"{names[name]} and {line}"
        )
    names[name] = line
