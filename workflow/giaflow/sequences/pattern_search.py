"""Where sequences hold a pattern of IUPAC letters, and which words of k letters they hold."""

import numpy as np

from giaflow.base.alphabet import DNA, IUPAC, UNKNOWN
from giaflow.base.checks import InputError, check_codes, check_fits

_PAIRS_WITH = (3, 2, 1, 0)

# Letters whose words are numbered at a time, which bounds the memory at some 50 MB.
_CHUNK = 1 << 22


def letter_sets(pattern):
    """The codes that each letter of a pattern stands for.

    Parameters
    ----------
    pattern : str
        IUPAC letters of either case; T and U are the same.

    Returns
    -------
    numpy.ndarray
        (W, 5) bool; the last column, the unknown letter, matches nothing.

    Raises
    ------
    InputError
        If the pattern is empty or holds another character.
    """
    if not pattern:
        raise InputError("a pattern must hold at least one letter")
    allowed = np.zeros((len(pattern), 5), bool)
    for at, letter in enumerate(pattern.upper()):
        if letter not in IUPAC:
            raise InputError(
                f"letter {pattern[at]!r} of pattern {pattern!r} is not a nucleotide; "
                f"allowed letters are {''.join(IUPAC)}"
            )
        allowed[at, [DNA.index(each) for each in IUPAC[letter]]] = True
    return allowed


def occurrences(codes, pattern, *, both_strands=True):
    """Mark the starts at which sequences hold a pattern.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8 codes.
    pattern : str
        W <= L IUPAC letters.
    both_strands : bool
        Whether the reverse complement of the pattern counts too.

    Returns
    -------
    numpy.ndarray
        (N, L - W + 1) bool.

    Raises
    ------
    InputError
        If the pattern is empty, longer than the sequences, or not made of nucleotide letters.
    """
    check_codes(codes)
    forward = letter_sets(pattern)
    check_fits(pattern, 0, codes.shape[1])
    strands = [forward]
    if both_strands:
        strands.append(np.pad(forward[::-1, _PAIRS_WITH], ((0, 0), (0, 1))))
    starts = codes.shape[1] - len(pattern) + 1
    found = np.zeros((len(codes), starts), bool)
    for allowed in strands:
        here = np.ones_like(found)
        for offset, letters in enumerate(allowed):
            here &= letters[codes[:, offset : offset + starts]]
        found |= here
    return found


def matches(codes, pattern, mismatches=0):
    """Mark the starts (N, L - W + 1) of instances of a pattern on either strand.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8 codes.
    pattern : str
        W <= L IUPAC letters.
    mismatches : int
        Letters in which an instance may differ; an unknown letter always differs.
    """
    forward, backward = matches_by_strand(codes, pattern, mismatches)
    return forward | backward


def matches_by_strand(codes, pattern, mismatches=0):
    """Mark the starts (2, N, L - W + 1) of instances as written, and of reverse complements."""
    forward = letter_sets(pattern)
    backward = np.pad(forward[::-1, _PAIRS_WITH], ((0, 0), (0, 1)))
    starts = max(codes.shape[1] - len(pattern) + 1, 0)
    wrong = np.zeros((2, len(codes), starts), np.int16)
    for missed, allowed in zip(wrong, (forward, backward), strict=True):
        for offset, letters in enumerate(allowed):
            missed += ~letters[codes[:, offset : offset + starts]]
    return wrong <= mismatches


def covered(codes, pattern, mismatches=0):
    """Mark the letters (N, L) inside instances of a pattern on either strand; see `matches`."""
    found = matches(codes, pattern, mismatches)
    marked = np.zeros(codes.shape, bool)
    for offset in range(len(pattern)):
        marked[:, offset : offset + found.shape[1]] |= found
    return marked


def sites(codes, pattern, mismatches=0):
    """Number the instances of a pattern from the left; those that share letters are one site.

    Returns
    -------
    numpy.ndarray
        (N, L) int32: the site that a letter is part of, 0, 1, ...; -1 outside.
    """
    found, width = matches(codes, pattern, mismatches), len(pattern)
    numbers = np.full(codes.shape, -1, np.int32)
    stop, last = np.zeros(len(codes), int), np.full(len(codes), -1)
    for start in np.flatnonzero(found.any(axis=0)):
        rows = np.flatnonzero(found[:, start])
        last[rows] += start >= stop[rows]
        stop[rows] = start + width
        numbers[rows, start : start + width] = last[rows, None]
    return numbers


def distances(codes, first, second, mismatches=0):
    """Letters (N,) between the centres of the nearest instances of two patterns; nan without both.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8 codes.
    first, second : str
        IUPAC letters, sought on both strands.
    mismatches : int
    """
    centres = [
        (matches(codes, text, mismatches), np.arange(codes.shape[1]) + (len(text) - 1) / 2)
        for text in (first, second)
    ]
    nearest = np.full(len(codes), np.nan)
    for row in np.flatnonzero(centres[0][0].any(axis=1) & centres[1][0].any(axis=1)):
        a, b = (where[np.flatnonzero(found[row])] for found, where in centres)
        nearest[row] = np.abs(a[:, None] - b).min()
    return nearest


def central_pair(codes, first, second, mismatches, off, reach):
    """Starts (N, 2) of the instance of one pattern at the middle and of another's nearest to it.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8 codes.
    first, second : str
        IUPAC letters, sought on both strands; they may be the same.
    mismatches : int
        Letters in which an instance may differ.
    off : float
        Letters that the centre of the first may be from the middle.
    reach : tuple of float
        Least and largest distance between the two centres; they share no letter in any case.

    Returns
    -------
    numpy.ndarray
        int64; -1 in both columns of a sequence without such a pair.
    """
    found = [matches(codes, text, mismatches) for text in (first, second)]
    middle, starts = (codes.shape[1] - 1) / 2, np.full((len(codes), 2), -1)
    widths = len(first), len(second)
    for row in np.flatnonzero(found[0].any(axis=1) & found[1].any(axis=1)):
        a, b = (np.flatnonzero(each[row]) for each in found)
        away = np.abs(a + (widths[0] - 1) / 2 - middle)
        if away.min() > off:
            continue
        start = a[away.argmin()]
        b = b[(b >= start + widths[0]) | (b + widths[1] <= start)]
        distance = np.abs(b - start + (widths[1] - widths[0]) / 2)
        near = (distance >= reach[0]) & (distance <= reach[1])
        if near.any():
            starts[row] = start, b[near][distance[near].argmin()]
    return starts


def words(codes, k):
    """Number the words of k letters.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8 codes.
    k : int
        Letters per word.

    Returns
    -------
    word : numpy.ndarray
        (N, L - k + 1) int32, the word at each start, 0..4^k - 1, its first letter counting most;
        no columns if L < k.
    known : numpy.ndarray
        The same shape, bool: whether all its letters are known; if not, `word` means nothing.
    """
    starts = max(codes.shape[1] - k + 1, 0)
    word = np.zeros((len(codes), starts), np.int32)
    known = np.ones(word.shape, bool)
    for offset in range(k):
        letter = codes[:, offset : offset + starts]
        known &= letter != UNKNOWN
        word = 4 * word + (letter & 3)
    return word, known


def count_words(codes, k):
    """Counts (4^k,) int64 of the words of k known letters in codes (N, L), numbered by `words`."""
    counts = np.zeros(4**k, np.int64)
    rows = max(1, _CHUNK // max(codes.shape[1], 1))
    for at in range(0, len(codes), rows):
        word, known = words(codes[at : at + rows], k)
        counts += np.bincount(word[known], minlength=4**k)
    return counts
