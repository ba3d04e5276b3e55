"""One motif as a file writes it, and what its words mean."""

from typing import NamedTuple

import numpy as np

from giaflow.base.alphabet import DNA
from giaflow.base.checks import InputError

WHAT = "motif file"
# By how much, as a share, the counts of two positions may differ to be called equal.
EQUAL = 0.01
# No motif has so many sites; sums of larger numbers could overflow.
LARGEST = 1e15


class Block(NamedTuple):
    """One motif of a file as it is written.

    Attributes
    ----------
    names : tuple of str
    line : int
        Where it begins.
    rows : list of (int, list of str)
        Line number and words of each row of numbers.
    by_letter : bool or None
        Whether a row holds the numbers of a letter (True) or of a position (False); None if the
        format leaves that open.
    width : int or None
        Number of positions that the file declares.
    order : str
        Letters of the columns, or of the rows.
    probabilities : bool
        Whether the format says that a position's numbers are probabilities.
    """

    names: tuple
    line: int
    rows: list
    by_letter: bool | None
    width: int | None = None
    order: str = DNA
    probabilities: bool = False


def as_letters(words):
    """The order of four letters that words such as A, C, G and U name, or None."""
    letters = "".join(map(letter_of, words))
    return letters if len(words) == 4 and sorted(letters) == sorted(DNA) else None


def letter_of(word):
    """A word as a letter's label, such as C of ``c:``."""
    return word.upper().rstrip(":|").replace("U", "T")


def row_words(text):
    """Words of a row, without the brackets and bars that some formats put about the numbers."""
    return text.translate(str.maketrans("[]|", "   ")).split()


def number(word):
    """The finite number that a word writes, or None."""
    try:
        value = float(word) if word.isascii() and "_" not in word else None
    except ValueError:
        return None
    return value if value is not None and np.isfinite(value) else None


def whole(word):
    """The whole number, 0 or greater, that a word writes in up to nine digits, or None."""
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 10 else None


def check_position(line, word, last):
    """The number of a position; raises unless it follows `last`, or is 0 or 1 if that is None."""
    value = whole(word)
    if value is None:
        raise InputError(f"line {line}: {word!r} is not the number of a position")
    if last is None and value > 1:
        raise InputError(f"line {line}: the first position is numbered {word}, not 0 or 1")
    if last is not None and value != last + 1:
        raise InputError(f"line {line}: position {word} follows position {last}")
    return value


def numbers_of(block):
    """All numbers of a block (rows, columns)."""
    for line, words in block.rows:
        for word in words:
            value = number(word)
            if value is None:
                raise InputError(f"line {line}: {word!r} is not a count or probability")
            if value > LARGEST:
                raise InputError(f"line {line}: {word!r} is too large to be a count")
            if value < 0:
                raise InputError(
                    f"line {line}: {word!r} is negative; giaflow needs counts or probabilities, "
                    "not log-odds scores"
                )
        if len(words) != len(block.rows[0][1]):
            raise InputError(
                f"line {line}: {len(words)} numbers, but {len(block.rows[0][1])} above"
            )
    values = np.array([[float(word) for word in words] for _, words in block.rows])
    return values.reshape(len(block.rows), -1)


def have_equal_sums(matrix):
    """Whether all positions of a matrix (W, 4) have equal sums, as one motif's have."""
    total = matrix.sum(axis=1)
    return bool(np.ptp(total) <= EQUAL * total.max())
