"""Random sequences to study laboratory models on."""

import numpy as np
import pandas as pd

from giaflow.base.alphabet import reverse_complement
from giaflow.edits.patterns import draw
from giaflow.nulls.profile import draw_letters

# Letter probabilities of a position come from a Dirichlet distribution with this weight for each
# letter: near 1/4, but different everywhere, so that no two positions can be confused.
WEIGHT = 20


def frequencies(length, rng):
    """Letter probabilities (L, 4) of random sequences: what `simulate` draws first."""
    return rng.dirichlet(np.full(4, WEIGHT), length)


def simulate(length, n, rng):
    """Draw n sequences (n, L) uint8 whose positions are independent.

    Parameters
    ----------
    length, n : int
    rng : numpy.random.Generator
    """
    return draw_letters(frequencies(length, rng), n, rng)


def planted(oracle, n, rng, profile=None):
    """Random sequences, half of them with 0 to 3 motifs of a laboratory model planted.

    Parameters
    ----------
    oracle : giaflow.validation.oracles.oracle.Oracle
    n : int
    rng : numpy.random.Generator
    profile : numpy.ndarray, optional
        (L, 4) letter probabilities around the motifs; drawn first if not given.

    Returns
    -------
    codes : numpy.ndarray
        (n, L) uint8.
    sites : pandas.DataFrame
        Columns ``sequence`` (row), ``motif``, ``start``, ``end``, ``strand``, and ``from``, ``to``
        of the hairpin, or of the site itself, around it (0-based, half-open).
    """
    if profile is None:
        profile = frequencies(oracle.length, rng)
    codes, sites = draw_letters(profile, n, rng), []
    for sequence in np.flatnonzero(rng.random(n) < 0.5):
        taken = np.zeros(oracle.length, bool)
        for _ in range(rng.integers(0, 4)):
            motif = oracle.motifs[rng.integers(len(oracle.motifs))]
            placed = _plant(codes[sequence], motif, taken, rng)
            sites.append((sequence, motif.name, *placed))
    columns = ["sequence", "motif", "start", "end", "strand", "from", "to"]
    return codes, pd.DataFrame(sites, columns=columns)


def _plant(letters, motif, taken, rng):
    """Write a motif into letters (L,) where nothing was planted; start, end, strand, from, to."""
    best = motif.rows.argmax(axis=1).astype(np.uint8)
    strand = motif.strands[rng.integers(len(motif.strands))]
    best = best if strand == "+" else reverse_complement(best)
    stem, loop = (0, len(best))
    if motif.hairpin and rng.random() < 0.5:
        stem, loop = motif.hairpin
    width = 2 * stem + loop
    free = ~np.lib.stride_tricks.sliding_window_view(taken, width).any(axis=1)
    if not free.any():
        # No room for the hairpin, or for anything: where it stands then, it overwrites.
        free, stem, width = np.ones(len(letters) - len(best) + 1, bool), 0, len(best)
    first = int(rng.choice(np.flatnonzero(free)))
    start = first + stem
    letters[start : start + len(best)] = best
    if stem:
        letters[first + stem + loop : first + width] = reverse_complement(letters[first:start])
    taken[first : first + width] = True
    return start, start + len(best), strand, first, first + width


def with_pattern(codes, letters, rng):
    """Codes (N, L) with a pattern, in IUPAC letters, in the middle of each sequence."""
    return draw(letters, rng).at(codes.shape[1] // 2 - len(letters) // 2).apply(codes)


def measurement(oracle, codes, noise, rng):
    """Values (N, T) of codes (N, L) with normal noise of `noise` standard deviations of them."""
    values = oracle.predict(codes)
    return values + noise * values.std(axis=0) * rng.standard_normal(values.shape)
