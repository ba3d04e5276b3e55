"""TRANSFAC: motifs of lines with two-letter tags; a matrix ends with XX, // or the next motif."""

from giaflow.base.checks import InputError
from giaflow.io.matrices.block import Block, as_letters

HEADERS = ("P0", "PO")
NAMES = ("AC", "ID", "NA")


def recognise(lines):
    """Whether a line is the header of a matrix."""
    return any(text.split()[:1] in ([header] for header in HEADERS) for _, text in lines)


def read(lines):
    """Yield the motifs with a matrix."""
    names, block, inside, last = [], None, False, None
    for line, text in lines:
        words = text.split()
        if not words or words[0].startswith("#"):
            continue
        tag = words[0].upper()
        ends = tag in HEADERS or tag == "//" or tag in NAMES
        if ends and block:
            # Without // the next motif's name, or its matrix, ends this one.
            yield block
            names, block = [], None
        if tag in HEADERS:
            order = as_letters(words[1:5])
            if order is None:
                raise InputError(f"line {line}: columns must be A, C, G and T")
            block, inside, last = Block(tuple(names), line, [], False, order=order), True, None
        elif ends:
            inside = False
            names = [*names, *words[1:2]] if tag in NAMES else []
        elif tag == "XX":
            inside = False
        elif inside and words[0].isdigit():
            if last is not None and int(words[0]) != last + 1:
                raise InputError(f"line {line}: position {words[0]} follows position {last}")
            last = int(words[0])
            block.rows.append((line, words[1:5]))
        elif inside and not (len(tag) == 2 and tag.isalpha()):
            raise InputError(f"line {line}: {words[0]!r} is neither a position nor the end (XX)")
        elif words[0].isdigit():
            raise InputError(f"line {line}: a position outside a matrix")
        else:
            inside = False
    if block:
        yield block
