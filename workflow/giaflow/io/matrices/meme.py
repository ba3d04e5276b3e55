"""MEME's text format: minimal motif files, and the output of MEME, STREME and DREME."""

from itertools import pairwise

from giaflow.base.checks import InputError
from giaflow.io.matrices.block import Block, as_letters, number

MATRIX = "letter-probability matrix"


def recognise(lines):
    """Whether a line declares the version of MEME."""
    return any(text.startswith("MEME version") for _, text in lines)


def read(lines):
    """Yield the motifs that have a letter-probability matrix; log-odds matrices are passed over."""
    block, reading = None, False
    for line, text in lines:
        words = text.split()
        if text.startswith("ALPHABET="):
            _check_alphabet(line, text)
        elif words[:1] == ["MOTIF"]:
            if block:
                yield block
            if len(words) < 2:
                raise InputError(f"line {line}: a motif without a name")
            block, reading = Block(tuple(words[1:3]), line, [], False, probabilities=True), False
        elif block and text.startswith(MATRIX):
            if block.rows:
                raise InputError(f"line {line}: motif {block.names[0]} has a second matrix")
            declared = dict(pairwise(words)).get("w=", "")
            block = block._replace(width=int(declared) if declared.isdigit() else None)
            reading = True
        elif reading and _goes_on(block, words):
            block.rows.extend([(line, words)] if words else [])
        elif block and block.rows and len(words) == 4 and None not in map(number, words):
            raise InputError(f"line {line}: numbers behind the end of motif {block.names[0]}")
        else:
            reading = False
    if block:
        yield block


def _goes_on(block, words):
    """Whether a line behind the rows of a matrix still belongs to it."""
    if not words:
        return not block.rows
    full = block.width is not None and len(block.rows) >= block.width
    return not full and number(words[0]) is not None


def _check_alphabet(line, text):
    letters = text.partition("=")[2].split()[0] if text.partition("=")[2].split() else ""
    if as_letters(list(letters)) is None:
        raise InputError(f"line {line}: ALPHABET= {letters}; giaflow reads ACGT and ACGU")
