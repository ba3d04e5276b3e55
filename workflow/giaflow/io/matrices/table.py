"""Plain tables of numbers, with or without a header of letters; CIS-BP's files, which have both.

A header names the letter of each column, in any order, behind the number of the position or not.
Without one, rows may begin with their letter; else the shape of the matrix decides.
"""

from giaflow.io.matrices.block import Block, as_letters, check_position, row_words

# Lines of CIS-BP's downloads, above the matrix; the values of the last three name it.
TAGS = ("TF", "Gene", "Family", "Species", "TF Name", "Motif", "Matrix")


def recognise(lines):
    """Every file that no other format claims."""
    return True


def read(lines):
    """Yield every motif; only CIS-BP's files can hold several."""
    block, names, last = None, [], None
    for line, text in lines:
        tag, _, value = text.strip().partition("\t")
        words = _words(text)
        if not words or words[0].startswith("#"):
            continue
        header = as_letters(words[1:]) or as_letters(words)
        if block and block.rows and (header or (tag in TAGS and value)):
            yield block
            block = None
        if header:
            block = Block(tuple(names), line, [], False, order=header)
            numbered, names, last = len(words) == 5, [], None
        elif tag in TAGS and value:
            names += [value.strip()] if tag in TAGS[-3:] else []
        elif block is None:
            block, numbered = Block(tuple(names), line, [(line, words)], None), False
            names = []
        else:
            # R writes a header without a column for the names of rows.
            numbered = numbered or (block.by_letter is False and not block.rows and len(words) == 5)
            if block.by_letter is False and numbered:
                last = check_position(line, words[0], last)
                words = words[1:]
            block.rows.append((line, words))
    if block:
        yield block


def _words(text):
    """Words of a line, between blanks, or between commas where there are no blanks."""
    words = row_words(text)
    if len(words) == 1 and "," in text:
        words = [word.strip() for word in text.split(",")]
    return [word.rstrip(",").strip('"') for word in words]
