"""One motif as a file writes it, and its matrix, checked."""

from typing import NamedTuple

import numpy as np

from giaflow.base.alphabet import DNA
from giaflow.base.checks import InputError

WHAT = "motif file"
# By how much the probabilities of a position may miss 1: files round them to two digits.
ROUNDING = 0.03
# By how much, as a share, the counts of two positions may differ to be called equal.
EQUAL = 0.01


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
    letters = "".join(word.upper().rstrip(":|").replace("U", "T") for word in words)
    return letters if len(words) == 4 and sorted(letters) == sorted(DNA) else None


def number(word):
    """The finite number that a word writes, or None."""
    try:
        value = float(word) if "_" not in word else None
    except ValueError:
        return None
    return value if value is not None and np.isfinite(value) else None


def matrix_of_block(block, rows=None):
    """The matrix (W, 4) float64 of a block, its columns A, C, G and T.

    Raises
    ------
    InputError
        With the line, if a number is missing, negative or not finite, if a position has no counts
        or its probabilities do not add up to 1, or if rows may be letters or positions.
    """
    block = _without_letters(block)
    values = _numbers(block)
    by_letter = _by_letter(block, values, rows)
    matrix = values.T if by_letter else values
    matrix = matrix[:, [block.order.index(letter) for letter in DNA]]
    if block.width not in (None, len(matrix)):
        raise InputError(f"line {block.line}: w= {block.width}, but {len(matrix)} rows")
    lines = None if by_letter else [line for line, _ in block.rows]
    _check_positions(block, matrix, lines)
    return matrix


def _without_letters(block):
    """The block without the letters that begin its rows, if they do."""
    if not block.rows:
        raise InputError(f"line {block.line}: the motif has no numbers")
    empty = [line for line, words in block.rows if not words]
    if empty:
        raise InputError(f"line {empty[0]}: a row without numbers")
    letters = as_letters([words[0] for _, words in block.rows])
    if letters is None or block.by_letter is False:
        return block
    rows = [(line, words[1:]) for line, words in block.rows]
    return block._replace(rows=rows, by_letter=True, order=letters)


def _numbers(block):
    """All numbers of a block (rows, columns)."""
    for line, words in block.rows:
        for word in words:
            value = number(word)
            if value is None:
                raise InputError(f"line {line}: {word!r} is not a count or probability")
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


def _by_letter(block, values, rows):
    """Whether a row holds the numbers of a letter."""
    shape = values.shape
    if rows is not None:
        if block.by_letter not in (None, rows == "letters"):
            raise InputError(
                f"line {block.line}: rows: {rows} contradicts the file, whose rows are "
                f"{'letters' if block.by_letter else 'positions'}; leave the key out"
            )
        by_letter = rows == "letters"
    elif block.by_letter is not None:
        by_letter = block.by_letter
    elif shape == (4, 4):
        letters, positions = _equal_sums(values.T), _equal_sums(values)
        if letters == positions:
            raise InputError(
                f"line {block.line}: 4 rows of 4 numbers may be letters or positions; say which "
                "with rows: letters or rows: positions beside file, or start each row with its "
                "letter"
            )
        by_letter = letters
    else:
        by_letter = shape[0] == 4
    if not min(shape) or shape[not by_letter] != 4:
        raise InputError(
            f"line {block.line}: {shape[0]} rows of {shape[1]} numbers; a matrix of nucleotides "
            "has 4 rows, or 4 numbers a row"
        )
    return by_letter


def _equal_sums(matrix):
    """Whether all positions of a matrix (W, 4) have equal sums, as one motif's have."""
    total = matrix.sum(axis=1)
    return bool(np.ptp(total) <= EQUAL * total.max())


def _check_positions(block, matrix, lines):
    """Raise unless every position has counts, and probabilities add up to 1."""
    total = matrix.sum(axis=1)
    near = np.abs(total - 1) <= ROUNDING
    # Numbers up to 1 that add up to 1 nearly everywhere are probabilities, whatever is said.
    probabilities = block.probabilities or (matrix.max() <= 1 and near.mean() > 0.5)
    for at in range(len(matrix)):
        where = f"line {lines[at] if lines else block.line}: position {at}"
        if total[at] == 0:
            raise InputError(f"{where} has no counts")
        if probabilities and not near[at]:
            raise InputError(f"{where} has probabilities that add up to {total[at]:.3g}, not 1")
