"""Products of linear forms in distinct positions, on one-hot or probability matrices (N, L, 4)."""

from dataclasses import dataclass

import numpy as np

from giaflow.base.alphabet import encode


def preferences(motif, mismatch):
    """Row weights (w, 4) of a motif: 1 for its letter, `mismatch` (w values or one) for others.

    An occupancy made of them is an exponential activation of a convolution with their logarithm.
    """
    rows = np.repeat(np.broadcast_to(np.asarray(mismatch, float), len(motif))[:, None], 4, axis=1)
    rows[np.arange(len(motif)), encode(motif)] = 1
    return rows


def other_strand(rows):
    """Row weights (w, 4) of the reverse complement."""
    return rows[::-1, ::-1]


def occupancy(x, rows):
    """Occupancy (N, L - w + 1) of every start: the product of the row weights (w, 4).

    Parameters
    ----------
    x : numpy.ndarray
        (N, L, 4) float64.
    rows : numpy.ndarray
        (w, 4), w <= L.
    """
    starts = x.shape[1] - len(rows) + 1
    # One product for all rows, then slices of it: many times faster than a product per slice.
    weighted = (rows @ x.reshape(-1, 4).T).reshape(len(rows), *x.shape[:2])
    product = weighted[0, :, :starts].copy()
    for k in range(1, len(rows)):
        product *= weighted[k, :, k : k + starts]
    return product


@dataclass(frozen=True)
class Sites:
    """A motif's row weights (w, 4) and its occupancy (N, L - w + 1)."""

    rows: np.ndarray
    at: np.ndarray


def sites(x, rows):
    """The `Sites` of row weights (w, 4) in (N, L, 4)."""
    return Sites(rows, occupancy(x, rows))


def overlay(first, second, distance):
    """Row weights of two motifs at once, the second `distance` letters after the first.

    A shared position gets the product of both weights letter by letter. It stays one linear form,
    which the product of two occupancies would not.
    """
    rows = np.ones((max(len(first), distance + len(second)), 4))
    rows[: len(first)] *= first
    rows[distance : distance + len(second)] *= second
    return rows


def is_letters(x):
    """Whether each row of (N, L, 4) is one letter or unknown: no probabilities in between."""
    return bool(((x == 0) | (x == 1)).all() and (x @ np.ones(4) <= 1).all())


def pair_table(starts, ends, weights, apart=1):
    """Weights (starts, ends) of pairs of starts, 0 for those nearer than `apart` or turned."""
    first, second = np.indices((starts, ends))
    distance = second - first
    used = (distance >= apart) & (distance < len(weights))
    return np.where(used, weights[np.where(used, distance, 0)], 0.0)


def pair_sum(x, first, second, weights, letters=None):
    """Sum (N,) over start distances d >= 1 and starts j of weights[d] first(j) second(j + d).

    Parameters
    ----------
    x : numpy.ndarray
        (N, L, 4) float64.
    first, second : Sites
    weights : numpy.ndarray
        (D,) by start distance; weights[0] is not used.
    letters : bool, optional
        `is_letters` of x, if it is known.
    """
    # Of letters the product of two occupancies is the occupancy of both; of probabilities only
    # where the motifs do not overlap.
    letters = is_letters(x) if letters is None else letters
    apart = 1 if letters else len(first.rows)
    table = pair_table(first.at.shape[1], second.at.shape[1], weights, apart)
    total = ((first.at @ table) * second.at).sum(axis=1)
    for d in range(1, min(apart, len(weights))):
        both = overlay(first.rows, second.rows, d)
        if weights[d] and len(both) <= x.shape[1]:
            total += weights[d] * occupancy(x, both).sum(axis=1)
    return total


# How well two RNA letters pair (rows and columns ACGU): Watson-Crick 1, the wobble of G and U 1/2.
PAIRING = np.array([[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0.5], [1, 0, 0.5, 0]])


def base_pairs(x, i, j, preferred=(1, 1, 1, 1)):
    """How well positions i pair with positions j of (N, L, 4), as (N, P); no i is its j.

    Parameters
    ----------
    i, j : slice
        P positions each.
    preferred : array_like
        (4,) weights of the letters at positions i.
    """
    table = np.asarray(preferred, float)[:, None] * PAIRING
    # Contiguous rows of one matrix product: many times faster than a product per position.
    return np.einsum("npa,npa->np", x[:, i] @ table, x[:, j])
