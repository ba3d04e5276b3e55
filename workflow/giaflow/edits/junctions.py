"""Patterns that a construct creates across the joints of what was embedded."""

from giaflow.base.alphabet import IUPAC
from giaflow.edits.patterns import opposite

# A match that needs more free letters than this is rarer than 1 background in 16.
FREE = 2


def created(parts, patterns, both_strands=True, free=FREE):
    """Matches of patterns that lie across two embedded parts.

    Parameters
    ----------
    parts : sequence of (str, int)
        IUPAC letters and start of each embedded part, not overlapping; what lies between them
        and beyond is free.
    patterns : sequence of str
        IUPAC letters of what must not arise.
    both_strands : bool
        Whether reverse complements count.
    free : int
        Most letters of a match that the background must happen to have.

    Returns
    -------
    list of (str, int, int)
        Letters as found, start, and how many of its letters are free: UGCAUGNNUGCAUG holds
        UGCAUG at 4 once NN is CA, in 1 of 16 backgrounds.
    """
    at = {start + i: letter for text, start in parts for i, letter in enumerate(text.upper())}
    ends = [(start, start + len(text)) for text, start in parts]
    texts = [pattern.upper() for pattern in patterns]
    texts += [opposite(text) for text in texts] if both_strands else []
    found = []
    for text in dict.fromkeys(texts):
        for start in range(min(at) - len(text) + 1, max(at) + 1):
            stop = start + len(text)
            touched = sum(start < end and begin < stop for begin, end in ends)
            needed = [
                (letter, at.get(start + i, "N")) for i, letter in enumerate(text) if letter != "N"
            ]
            open_letters = sum(there == "N" for _, there in needed)
            fits = all(set(IUPAC[one]) & set(IUPAC[other]) for one, other in needed)
            if touched > 1 and fits and open_letters <= free:
                found.append((text, start, open_letters))
    return found
