"""The matrix of a block, checked."""

import numpy as np

from giaflow.base.alphabet import DNA
from giaflow.base.checks import InputError
from giaflow.io.matrices.block import have_equal_sums, numbers_of
from giaflow.io.matrices.labels import without_labels

# By how much the probabilities of a position may miss 1: files round them to two digits.
ROUNDING = 0.03


def matrix_of_block(block, rows=None):
    """The matrix (W, 4) float64 of a block, its columns A, C, G and T.

    Raises
    ------
    InputError
        With the line, if a number is missing, negative or not finite, if a position has no counts
        or its probabilities do not add up to 1, or if rows may be letters or positions.
    """
    block = without_labels(block, rows)
    values = numbers_of(block)
    by_letter = _by_letter(block, values, rows)
    matrix = values.T if by_letter else values
    matrix = matrix[:, [block.order.index(letter) for letter in DNA]]
    if block.width not in (None, len(matrix)):
        raise InputError(f"line {block.line}: w= {block.width}, but {len(matrix)} rows")
    lines = None if by_letter else [line for line, _ in block.rows]
    _check_positions(block, matrix, lines)
    return matrix


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
        letters, positions = have_equal_sums(values.T), have_equal_sums(values)
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
