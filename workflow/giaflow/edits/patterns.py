"""Patterns: letters to embed, their scrambled controls, and matrices (PFM, PPM, CWM)."""

from dataclasses import dataclass

import numpy as np

from giaflow.base.alphabet import DNA, IUPAC, UNKNOWN, encode, reverse_complement
from giaflow.base.checks import InputError
from giaflow.edits.embed import EmbedEach

# Instances drawn of a pattern with a choice of letters: more than the backgrounds of a usual
# study, so that no two backgrounds share a draw.
INSTANCES = 4096
_COMPLEMENT = str.maketrans("ACGTURYSWKMBDHVN", "TGCAAYRSWMKVHDBN")


@dataclass(frozen=True)
class Pattern:
    """Letters to embed.

    Attributes
    ----------
    name : str
    text : str
        IUPAC letters: one of those a letter stands for is drawn for each background, but N keeps
        the background's letter.
    control_of : str
        Name of the pattern this one is a control of; empty for a pattern itself.
    matrix : numpy.ndarray, optional
        (W, 4) probabilities (PPM) to draw instances from; then the text is its consensus.
    """

    name: str
    text: str
    control_of: str = ""
    matrix: object = None

    @classmethod
    def of(cls, name, letters):
        """The pattern of a text, or of `Letters` with their matrix."""
        return cls(name, str(letters), matrix=getattr(letters, "matrix", None))


def check_text(text):
    """Raise `InputError` unless a pattern is made of IUPAC letters, one of them not an N."""
    letters = set(text.upper())
    wrong = sorted(letters - set(IUPAC))
    if wrong or not letters - {"N"}:
        found = f"has the letter {wrong[0]!r}" if wrong else "has no known letter"
        raise InputError(
            f"pattern {text!r} {found}; a pattern is written in {', '.join(IUPAC)}, where N keeps "
            "the background's letter"
        )


def opposite(text):
    """The text on the other strand: reverse complement, IUPAC letters and N included."""
    return text.upper().translate(_COMPLEMENT)[::-1]


@dataclass(frozen=True, eq=False)
class Instances:
    """Letters of a pattern, drawn once, so that every arm of a design embeds the same ones.

    Attributes
    ----------
    letters : numpy.ndarray
        (R, W) uint8, background n gets row n modulo R; one row if there is nothing to draw.
    """

    letters: np.ndarray

    @property
    def width(self):
        """Letters of the pattern."""
        return self.letters.shape[1]

    def strand(self, sign):
        """These instances on strand "+" or "-"."""
        return self if sign == "+" else Instances(reverse_complement(self.letters))

    def at(self, start):
        """The edit that embeds them at a position (int) or at one for each row (R,)."""
        return EmbedEach(self.letters, np.full(len(self.letters), start, np.int64))

    def scattered(self, starts, strands, rng):
        """The edit that embeds each at a start and on a strand ("+-": either) drawn at random."""
        letters = np.resize(self.letters, (INSTANCES, self.width))
        turned = np.array(list(strands))[rng.integers(0, len(strands), INSTANCES)] == "-"
        letters = np.where(turned[:, None], reverse_complement(letters), letters)
        return EmbedEach(letters, np.asarray(starts)[rng.integers(0, len(starts), INSTANCES)])


def draw(pattern, rng):
    """Draw the letters of a pattern that stand for several; an exact pattern draws nothing.

    Parameters
    ----------
    pattern : Pattern or str
    rng : numpy.random.Generator

    Returns
    -------
    Instances
    """
    text = getattr(pattern, "text", pattern).upper()
    matrix = getattr(pattern, "matrix", None)
    if matrix is None:
        if not set(text) - set("ACGTUN"):
            return Instances(encode(text)[None])
        matrix = np.array([[letter in IUPAC[each] for letter in DNA] for each in text], float)
    matrix = np.asarray(matrix, float)
    edges = np.cumsum(matrix / matrix.sum(axis=1, keepdims=True), axis=1)[:, :3]
    letters = (rng.random((INSTANCES, len(matrix), 1)) > edges).sum(axis=2).astype(np.uint8)
    letters[:, [each == "N" for each in text]] = UNKNOWN
    return Instances(letters)


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

    Of a matrix the columns change places, and its consensus says how alike the orders are. An
    order qualifies if it shares at most half of its letters with the pattern or its reverse
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
    letters = np.frombuffer(pattern.text.upper().encode(), np.uint8)
    # An N keeps its place: only letters that are embedded are moved.
    moving = letters != ord("N")
    orders = np.tile(np.arange(len(letters)), (attempts, 1))
    orders[:, moving] = rng.permuted(orders[:, moving], axis=1)
    drawn = letters[orders]
    _, first = np.unique(drawn, axis=0, return_index=True)
    orders = orders[[at for at in np.sort(first) if (drawn[at] != letters).any()]]
    if not len(orders):
        return []
    texts = [row.tobytes().decode() for row in letters[orders]]
    codes, moved = encode(pattern.text), np.stack([encode(text) for text in texts])
    both = (codes, reverse_complement(codes))
    similarity = np.max([most_shared_letters(moved, other) for other in both], axis=0)
    # Those that qualify tie at the limit and keep the order in which they were drawn.
    rank = np.argsort(np.maximum(similarity, moving.sum() // 2), kind="stable")
    return [
        Pattern(
            f"{pattern.name}~{i + 1}",
            texts[at],
            control_of=pattern.name,
            matrix=None if pattern.matrix is None else np.asarray(pattern.matrix)[orders[at]],
        )
        for i, at in enumerate(rank[:n])
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


def trim_information(matrix, bits):
    """The part of a (W, 4) matrix from its first to its last position of so many bits.

    Raises
    ------
    InputError
        If no position has them.
    """
    matrix = np.asarray(matrix, float)
    found = information(matrix / matrix.sum(axis=1, keepdims=True))
    strong = np.flatnonzero(found >= bits)
    if not len(strong):
        raise InputError(f"no position has {bits:g} bits; the best has {found.max():.2f}")
    return matrix[strong[0] : strong[-1] + 1]


def consensus(matrix):
    """The most frequent letter of each position of a (W, 4) matrix, as a string."""
    return "".join(DNA[i] for i in np.asarray(matrix).argmax(axis=1))


def information(ppm, pseudocount=1e-3):
    """Information content (W,) in bits of a PPM (W, 4) against equal letter frequencies."""
    p = (np.asarray(ppm, float) + pseudocount) / (1 + 4 * pseudocount)
    return 2 + (p * np.log2(p)).sum(axis=1)
