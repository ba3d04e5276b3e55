"""Patterns: letters to embed, their scrambled controls, and matrices (PFM, PPM, CWM)."""

from dataclasses import dataclass

import numpy as np

from giaflow.alphabet import DNA, UNKNOWN, decode, encode, reverse_complement
from giaflow.checks import InputError


@dataclass(frozen=True)
class Pattern:
    """Letters to embed.

    Attributes
    ----------
    name : str
    text : str
        A, C, G, T (or U), and N for "keep the background's letter".
    control_of : str
        Name of the pattern this one is a scrambled control of; empty for a pattern itself.
    """

    name: str
    text: str
    control_of: str = ""


def check_text(text):
    """Raise `InputError` unless a pattern's letters are A, C, G, T, U or N, at least one known."""
    letters = set(text.upper())
    wrong = sorted(letters - set("ACGTUN"))
    if wrong or not letters - {"N"}:
        found = f"has the letter {wrong[0]!r}" if wrong else "has no known letter"
        raise InputError(f"pattern {text!r} {found}; a pattern is written in A, C, G, T, U and N")


def most_shared_letters(codes, other):
    """The largest number of equal letters (n,) over every offset of (n, w) codes to (w',) codes.

    Unknown letters match nothing.
    """
    width, wide = codes.shape[1], len(other)
    padded = np.full((len(codes), width + 2 * wide - 2), UNKNOWN, np.uint8)
    padded[:, wide - 1 : wide - 1 + width] = codes
    known = other != UNKNOWN
    counts = [
        ((padded[:, at : at + wide] == other) & known).sum(axis=1) for at in range(width + wide - 1)
    ]
    return np.max(counts, axis=0)


def scrambles(pattern, n, rng, attempts=2000):
    """Scrambled controls: the pattern's own letters in orders unlike it.

    An order qualifies if it shares at most half of its letters with the pattern or its reverse
    complement at every offset. Where letters allow fewer than n such orders, the least similar
    others are added, so a control is always there unless all letters are equal.

    Parameters
    ----------
    pattern : Pattern
    n : int
        Controls wanted.
    rng : numpy.random.Generator
    attempts : int
        Orders drawn.

    Returns
    -------
    list of Pattern
        Up to n, all different; none if the pattern has a single arrangement.
    """
    codes = encode(pattern.text)
    # An N keeps its place: only letters that are embedded are moved.
    moving = codes != UNKNOWN
    drawn = np.tile(codes, (attempts, 1))
    drawn[:, moving] = rng.permuted(np.tile(codes[moving], (attempts, 1)), axis=1)
    _, first = np.unique(drawn, axis=0, return_index=True)
    drawn = drawn[np.sort(first)]
    drawn = drawn[(drawn != codes).any(axis=1)]
    if not len(drawn):
        return []
    both = (codes, reverse_complement(codes))
    similarity = np.max([most_shared_letters(drawn, other) for other in both], axis=0)
    # Those that qualify tie at the limit and keep the order in which they were drawn.
    rank = np.argsort(np.maximum(similarity, moving.sum() // 2), kind="stable")
    return [
        Pattern(f"{pattern.name}~{i + 1}", decode(row), control_of=pattern.name)
        for i, row in enumerate(drawn[rank[:n]])
    ]


def trim(scores, share):
    """The shortest interval that holds every position as strong as `share` of the strongest.

    Parameters
    ----------
    scores : numpy.ndarray
        (W, 4) contributions (a CWM).
    share : float
        0 to 1, of the largest summed absolute contribution.

    Returns
    -------
    start, stop : int
        Half-open.
    """
    strength = np.abs(scores).sum(axis=1)
    strong = np.flatnonzero(strength >= share * strength.max())
    return int(strong[0]), int(strong[-1]) + 1


def consensus(matrix):
    """The most frequent letter of each position of a (W, 4) matrix, as a string."""
    return "".join(DNA[i] for i in np.asarray(matrix).argmax(axis=1))


def information(ppm, pseudocount=1e-3):
    """Information content (W,) in bits of a PPM (W, 4) against equal letter frequencies."""
    p = (np.asarray(ppm, float) + pseudocount) / (1 + 4 * pseudocount)
    return 2 + (p * np.log2(p)).sum(axis=1)
