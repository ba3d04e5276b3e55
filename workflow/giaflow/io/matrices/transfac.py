"""TRANSFAC: motifs of lines with two-letter tags; a matrix ends with XX, // or the next motif."""

from giaflow.base.checks import InputError
from giaflow.io.matrices.block import Block, as_letters, check_position, number, whole

HEADERS = ("P0", "PO")
NAMES = ("AC", "ID", "NA")


def recognise(lines):
    """Whether a line is the header of a matrix."""
    return any(text.upper().split()[:1] in ([header] for header in HEADERS) for _, text in lines)


def read(lines):
    """Yield the motifs with a matrix."""
    names, described, tags = [], [], []
    block, inside, last = None, False, None
    for line, text in lines:
        words = text.split()
        if not words or words[0].startswith("#"):
            continue
        tag = words[0].upper()
        ends = tag in HEADERS or tag == "//" or tag in NAMES
        if ends and block:
            # Without // the next motif's name, or its matrix, ends this one.
            yield block
            block = None
        if tag in HEADERS:
            order = as_letters(words[1:5])
            if order is None:
                raise InputError(f"line {line}: columns must be A, C, G and T")
            known = tuple(dict.fromkeys(names or described))
            block, inside, last = Block(known, line, [], False, order=order), True, None
            names, described, tags = [], [], []
        elif ends:
            inside = False
            if tag == "//" or tag in tags:
                # Another entry begins; the last one had no matrix.
                names, described, tags = [], [], []
            if tag in NAMES:
                names, tags = [*names, *_named(words)], [*tags, tag]
        elif tag == "DE" and not inside:
            described = _named(words)
        elif tag == "XX":
            inside = False
        elif inside and whole(words[0]) is not None:
            last = check_position(line, words[0], last)
            block.rows.append((line, _counts(line, words)))
        elif inside and not (len(tag) == 2 and tag.isalpha()):
            raise InputError(f"line {line}: {words[0]!r} is neither a position nor the end (XX)")
        elif whole(words[0]) is not None:
            raise InputError(f"line {line}: a position outside a matrix")
        else:
            inside = False
    if block:
        yield block


def _named(words):
    """The names that a line gives: its first word, and all of it."""
    return [*words[1:2], *([" ".join(words[1:])] if len(words) > 2 else [])]


def _counts(line, words):
    """The four counts of a position, which a consensus letter may follow."""
    behind = words[5:]
    if len(behind) > 1 or any(number(word) is not None for word in behind):
        raise InputError(
            f"line {line}: {len(words) - 1} words behind the position; a row has 4 counts, and "
            "perhaps a letter of the consensus"
        )
    return words[1:5]
