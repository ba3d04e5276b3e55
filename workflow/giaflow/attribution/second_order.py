"""Second-order in silico mutagenesis: which two positions do not simply add up in a sequence?

Both letters of a pair of positions are changed in every way. The 4 x 4 block of predictions of a
pair, with the means of its rows and columns taken off, holds what neither letter does alone,
whatever letters the sequence has there; its Frobenius norm is the strength of the pair (Koo et
al. 2018, bioRxiv 418459, use the same changes). Like any attribution it speaks of one sequence,
so it is compared with maps of shuffles of the same sequences at the same distance.
"""

import numpy as np

from giaflow.base.alphabet import UNKNOWN
from giaflow.sequences.shuffle import shuffle

# Pairs of letters that can pair in a helix: Watson-Crick, and G with T (U).
_PAIRING = np.zeros((4, 4), bool)
_PAIRING[[0, 1, 2, 3, 2, 3], [3, 2, 1, 0, 3, 2]] = True


def _changed(codes, *changes):
    """A copy of codes (N, L) with the letter at each (position, steps) moved on by 1, 2 or 3."""
    edited = codes.copy()
    for position, steps in changes:
        known = codes[:, position] != UNKNOWN
        edited[known, position] = (codes[known, position] + steps) % 4
    return edited


def _chunks(codes, start, stop):
    """The sequences, all single changes, then position by position all double changes."""
    yield codes[None]
    for i in range(start, stop):
        yield np.stack([_changed(codes, (i, a)) for a in (1, 2, 3)])
    for i in range(start, stop - 1):
        for a in (1, 2, 3):
            pairs = [(j, b) for j in range(i + 1, stop) for b in (1, 2, 3)]
            yield np.stack([_changed(codes, (i, a), pair) for pair in pairs])


def interaction_maps(model, codes, start, stop):
    """Strength of every pair of positions in a window.

    Parameters
    ----------
    model : giaflow.models.base.Model
    codes : numpy.ndarray
        (N, L) uint8.
    start, stop : int
        The window of W positions, half-open.

    Returns
    -------
    strength : numpy.ndarray
        (N, W, W, T) float32, in the model's unit, symmetric, zero on the diagonal, nan where a
        letter is unknown.
    pairing : numpy.ndarray
        (N, W, W, T) float32: the centred block's mean over letters that can pair in a helix
        minus its mean over all others.
    """
    width, n = stop - start, len(codes)
    found = model.predict_edits(codes, _chunks(codes, start, stop)).astype(np.float64)
    targets = found.shape[-1]
    strength = np.zeros((n, width, width, targets), np.float32)
    pairing = np.zeros_like(strength)
    single = np.concatenate(
        [np.repeat(found[:1, None], width, 0), found[1 : 1 + 3 * width].reshape(width, 3, n, -1)], 1
    )
    at = 1 + 3 * width
    for i in range(width - 1):
        partners = width - 1 - i
        doubles = found[at : at + 9 * partners].reshape(3, partners, 3, n, targets)
        at += 9 * partners
        block = np.empty((partners, 4, 4, n, targets))
        block[:, 0] = single[i + 1 :]
        block[:, 1:, 0] = single[i, 1:]
        block[:, 1:, 1:] = doubles.transpose(1, 0, 2, 3, 4)
        block -= block.mean(axis=1, keepdims=True)
        block -= block.mean(axis=2, keepdims=True)
        for j in range(i + 1, width):
            each = block[j - i - 1]
            helix = _in_helix(codes[:, start + i], codes[:, start + j])[..., None]
            inside, outside = (each * helix).sum((0, 1)), (each * ~helix).sum((0, 1))
            unknown = (codes[:, [start + i, start + j]] == UNKNOWN).any(axis=1)[:, None]
            norm = np.sqrt((each**2).sum(axis=(0, 1)))
            strength[:, i, j] = strength[:, j, i] = np.where(unknown, np.nan, norm)
            score = inside / _PAIRING.sum() - outside / (~_PAIRING).sum()
            pairing[:, i, j] = pairing[:, j, i] = np.where(unknown, np.nan, score)
    return strength, pairing


def _in_helix(left, right):
    """Whether letters reached in 0..3 steps from those of the sequences can pair: (4, 4, N)."""
    steps = np.arange(4)
    a, b = (left.astype(int) + steps[:, None]) % 4, (right.astype(int) + steps[:, None]) % 4
    return _PAIRING[a[:, None], b[None]]


def shuffled_maps(model, codes, start, stop, shuffles, rng):
    """Strengths (shuffles * N, W, W, T) of dinucleotide shuffles of codes (N, L)."""
    drawn = shuffle(np.repeat(codes, shuffles, axis=0), 2, rng)
    return interaction_maps(model, drawn, start, stop)[0]
