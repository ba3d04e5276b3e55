"""MEME's text format: minimal motif files, and the output of MEME, STREME and DREME."""

import re

from giaflow.base.alphabet import ALPHABETS
from giaflow.base.checks import InputError
from giaflow.io.matrices.block import Block, number

MATRIX = "letter-probability matrix"
LOG_ODDS = "log-odds matrix"


def recognise(lines):
    """Whether a line declares the version of MEME."""
    return any(text.startswith("MEME version") for _, text in lines)


def read(lines):
    """Yield the motifs that have a letter-probability matrix; log-odds matrices are passed over."""
    # Whether the rows of a matrix follow, and of one that is passed over.
    block, reading, passing = None, False, False
    for line, text in lines:
        words = text.split()
        if text.startswith("ALPHABET="):
            _check_alphabet(line, text)
        elif words[:1] == ["MOTIF"]:
            if block:
                yield block
            if len(words) < 2:
                raise InputError(f"line {line}: a motif without a name")
            block, reading = Block(_names(words), line, [], False, probabilities=True), False
        elif text.startswith(LOG_ODDS):
            reading, passing = False, True
        elif passing and words and number(words[0]) is not None:
            continue
        elif block and text.startswith(MATRIX):
            if block.rows:
                raise InputError(f"line {line}: motif {block.names[0]} has a second matrix")
            if _declared(text, "alength") not in (None, 4):
                raise InputError(
                    f"line {line}: alength= {_declared(text, 'alength')}; a matrix of nucleotides "
                    "has 4 letters"
                )
            block = block._replace(width=_declared(text, "w"))
            reading, passing = True, False
        elif reading and _goes_on(block, words):
            block.rows.extend([(line, words)] if words else [])
        elif block and block.rows and len(words) == 4 and None not in map(number, words):
            raise InputError(f"line {line}: numbers behind the end of motif {block.names[0]}")
        else:
            reading = passing = False
    if block:
        yield block


def _goes_on(block, words):
    """Whether a line behind the rows of a matrix still belongs to it."""
    if not words:
        return not block.rows
    full = block.width is not None and len(block.rows) >= block.width
    return not full and number(words[0]) is not None


def _names(words):
    """The names in a line that begins a motif; MEME writes its width and sites behind them."""
    names = words[1:3]
    return tuple(names[:1] if names[1:] == ["width"] else names)


def _declared(text, key):
    """The whole number that the line above a matrix gives for a key, or None."""
    found = re.search(rf"\b{key}=\s*(\d{{1,9}})\b", text)
    return int(found[1]) if found else None


def _check_alphabet(line, text):
    """Raise unless the columns are A, C, G and T (U), in this order as MEME has them."""
    letters = (text.partition("=")[2].split() or [""])[0]
    if letters not in ALPHABETS:
        raise InputError(f"line {line}: ALPHABET= {letters}; giaflow reads ACGT and ACGU")
