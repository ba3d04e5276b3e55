"""LabR: an RNA of 41 letters read by a protein with a site, and by one that wants a hairpin.

f = 4 sum A(j) - sum of pairs A(j) A(j + d), d = 1..8   sites, which hinder each other below gap 3
    + sum V(j)                                          a second motif,
    + 2 sum V(j) in the loop of a hairpin               better in a loop of 7 on a stem of 4,
    - sum V(j) in the stem of the hairpin 8-16/24-32    hidden in a stem,
    + 0.3 GC + 2 GC sum A(j), j <= 27                   and 3' GC, alone and with sites

with GC the share of G and C at 34..39. The start of the sequence has no such term, and the
distractor has none at all.
"""

import numpy as np

from giaflow.validation.oracles.linear_forms import base_pairs, pair_sum, preferences, sites
from giaflow.validation.oracles.oracle import Motif, with_links

LENGTH = 41
SITE, LOOP_MOTIF, DISTRACTOR = "UGCAUG", "GCUGG", "ACACAA"
GC_REGION = slice(34, 40)

SITE_ROWS = preferences(SITE, (0.6, 0.05, 0.05, 0.05, 0.3, 0.05))
LOOP_ROWS = preferences(LOOP_MOTIF, 0.05)
_STEM, _LOOP = 4, 7
_HINDRANCE = np.array([0.0] + 8 * [1.0])
# Of the hairpin 8-16/24-32, whose pairs are p and 40 - p.
_STEM_STARTS, _PAIR_SUM = range(8, 12), 40
# A site that starts later would share positions with the GC region.
_LAST_SITE = 27


def _in_loop(x, at):
    """Sum (N,) over loop starts of the motif's occupancy times the pairs of the stem around it."""
    first, last = _STEM, LENGTH - _LOOP - _STEM + 1
    bound = at[:, first:last].copy()
    for k in range(1, _STEM + 1):
        after = _LOOP - 1 + k
        bound *= base_pairs(x, slice(first - k, last - k), slice(first + after, last + after))
    return bound.sum(axis=1)


def _in_stem(x):
    """Sum (N,) over starts within the left arm of the occupancy times the motif's own pairs.

    A letter of the motif is weighted and pairs: both in one form, or a position would count twice
    and the value at probabilities would not be the expectation.
    """
    first, last = _STEM_STARTS.start, _STEM_STARTS.stop
    bound = np.ones((len(x), len(_STEM_STARTS)))
    for k, row in enumerate(LOOP_ROWS):
        partners = slice(_PAIR_SUM - first - k, _PAIR_SUM - last - k, -1)
        bound *= base_pairs(x, slice(first + k, last + k), partners, row)
    return bound.sum(axis=1)


def formula(x):
    """Activity (N, 1) of (N, 41, 4) float64 one-hot or probability matrices."""
    site, motif = sites(x, SITE_ROWS), sites(x, LOOP_ROWS)
    gc = x[:, GC_REGION, 1:3].sum(axis=2).mean(axis=1)
    activity = (
        4 * site.at.sum(axis=1)
        - pair_sum(x, site, site, _HINDRANCE)
        + motif.at.sum(axis=1)
        + 2 * _in_loop(x, motif.at)
        - _in_stem(x)
        + 0.3 * gc
        + 2 * gc * site.at[:, : _LAST_SITE + 1].sum(axis=1)
    )
    return activity[:, None]


MOTIFS = (Motif("A", SITE_ROWS, "R"), Motif("V", LOOP_ROWS, "R", hairpin=(_STEM, _LOOP)))
ORACLES = with_links(
    "LabR", length=LENGTH, alphabet="ACGU", targets=("R",), linear=formula, motifs=MOTIFS
)
