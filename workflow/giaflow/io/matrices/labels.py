"""What may stand before the numbers of a row: its letter, a consensus, the number of a position."""

from giaflow.base.alphabet import DNA
from giaflow.base.checks import InputError
from giaflow.io.matrices.block import as_letters, have_equal_sums, letter_of, numbers_of, whole


def without_labels(block, rows):
    """The block without the letters, or the numbers of positions, that begin its rows."""
    if not block.rows:
        raise InputError(f"line {block.line}: the motif has no numbers")
    empty = [line for line, words in block.rows if not words]
    if empty:
        raise InputError(f"line {empty[0]}: a row without numbers")
    if block.by_letter is False:
        return block
    block = _without_header(block)
    bare = block._replace(rows=[(line, words[1:]) for line, words in block.rows])
    if letter_of(block.rows[0][1][0]) in tuple(DNA):
        _check_letters(block)
        order = as_letters([words[0] for _, words in block.rows])
        if rows != "letters" and _may_be_consensus(bare, order):
            if rows is None:
                raise InputError(
                    f"line {block.line}: the letters that begin the rows may be their own, or a "
                    "consensus; say which with rows: letters or rows: positions beside file"
                )
            return bare._replace(by_letter=False)
        return bare._replace(by_letter=True, order=order)
    if block.by_letter is None and rows != "letters" and _are_numbered(block, rows):
        return bare._replace(by_letter=False)
    return block


def _without_header(block):
    """The block without a first row that numbers the columns of rows of letters."""
    if len(block.rows) < 2 or letter_of((block.rows[1][1] or [""])[0]) not in tuple(DNA):
        return block
    words = block.rows[0][1]
    if letter_of(words[0]) in tuple(DNA):
        return block
    numbers = [value for value in map(whole, words) if value is not None]
    ordered = numbers in ([*range(len(numbers))], [*range(1, len(numbers) + 1)])
    fits = len(numbers) == len(block.rows[1][1]) - 1 and len(words) - len(numbers) < 2
    return block._replace(rows=block.rows[1:]) if ordered and fits else block


def _check_letters(block):
    """Raise unless four rows begin with A, C, G and T (U)."""
    seen = []
    for line, words in block.rows:
        label = letter_of(words[0])
        if label not in tuple(DNA) or label in seen:
            raise InputError(
                f"line {line}: {words[0]!r} begins a row, below rows of {', '.join(seen)}; rows "
                "begin with A, C, G and T, once each"
            )
        seen.append(label)
    missing = [letter for letter in DNA if letter not in seen]
    if missing:
        raise InputError(f"line {block.line}: the motif has no row of {' and '.join(missing)}")


def _may_be_consensus(bare, order):
    """Whether four letters in an unusual order are the largest of their own row each.

    Some tools write the consensus before each position.
    """
    if order == DNA or any(len(words) != 4 for _, words in bare.rows):
        return False
    values = numbers_of(bare)
    return all(row[DNA.index(one)] == row.max() for row, one in zip(values, order, strict=True))


def _are_numbered(block, rows):
    """Whether the first of five columns numbers the positions of a block without a header.

    Four rows of five numbers may be letters too; equal sums of positions then tell.
    """
    first = [whole(words[0]) for _, words in block.rows]
    if first not in ([*range(len(first))], [*range(1, len(first) + 1)]):
        return False
    if any(len(words) != 5 for _, words in block.rows):
        return False
    if rows == "positions" or len(first) != 4:
        return True
    values = numbers_of(block)
    positions, letters = have_equal_sums(values[:, 1:]), have_equal_sums(values.T)
    if positions == letters:
        raise InputError(
            f"line {block.line}: the first numbers of the 4 rows may be counts, or number the "
            "positions; say which with rows: letters or rows: positions beside file"
        )
    return positions
