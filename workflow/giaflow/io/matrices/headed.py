"""Motifs under lines that begin with >: JASPAR, HOMER, HOCOMOCO, cluster-buster.

JASPAR writes a row for each letter, the others a row for each position. HOMER's header tells them
apart: consensus, name and threshold between tabs. The others have only the shape of the matrix.
"""

from giaflow.base.checks import InputError
from giaflow.io.matrices.block import Block, as_letters, check_position, number, row_words

IUPAC = set("ACGTURYSWKMBDHVN")


def recognise(lines):
    """Whether the first line that says something begins with >."""
    return _content(lines)[0][1].startswith(">") if _content(lines) else False


def read(lines):
    """Yield every motif."""
    block, numbered, last, above = None, False, None, False
    for line, text in _content(lines):
        words = row_words(text)
        columns = None if block is None or block.rows else as_letters(words[-4:])
        if text.startswith(">"):
            if block:
                yield block
            block, numbered, last, above = _header(line, text[1:]), False, None, False
        elif columns and len(words) < 6:
            # A line A C G T, or Pos A C G T, above the rows.
            block, above = block._replace(by_letter=False, order=columns), True
            numbered = len(words) == 5
        else:
            # R writes a header without a column for the names of rows.
            numbered = numbered or (above and not block.rows and len(words) == 5)
            if numbered:
                last, words = check_position(line, words[0], last), words[1:]
            block.rows.append((line, words))
    yield block


def _content(lines):
    return [(line, text.strip()) for line, text in lines if _says_something(text)]


def _says_something(text):
    return text.strip() and not text.lstrip().startswith("#")


def _header(line, text):
    """The block that a header begins."""
    fields = [field.strip() for field in text.split("\t")]
    homer = len(fields) > 2 and set(fields[0].upper()) <= IUPAC and number(fields[2]) is not None
    if not homer:
        words = text.split()
        if not words:
            raise InputError(f"line {line}: a motif without a name")
        return Block(tuple(words), line, [], None)
    # Such as "GATA3(Zf)/iTreg-Gata3-ChIP-Seq/Homer": also known by what stands before / and (.
    name = fields[1]
    known = (name, name.partition("/")[0], name.partition("(")[0], fields[0])
    block = Block(tuple(dict.fromkeys(known)), line, [], False, len(fields[0]))
    return block._replace(probabilities=True)
