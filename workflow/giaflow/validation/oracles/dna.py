"""LabD: a DNA of 200 letters with two motifs, two outputs, and a direction between them.

S = 1.5 (S+ + 0.25 S-)
N = 2 (N+ + N-) + 1.5 sum g(d) N+(j) N+(j + d) + sum h(d) [S+(j) N+(j + d) + N+(j) S+(j + d)]

where + and - are the strands, d is the start distance up to 150, g is -2/3 while two N sites
overlap (d < 8), then a wave of period 10.5 that decays over 40 letters, and h decays over 50 from
d = 9 on. S changes N; N never changes S.
"""

import numpy as np

from giaflow.validation.oracles.linear_forms import other_strand, preferences
from giaflow.validation.oracles.oracle import Motif, with_links
from giaflow.validation.oracles.quadratic import Quadratic

LENGTH = 200
N_SITE, S_SITE, DISTRACTOR = "AGCCATCA", "GAACAATGG", "TCTCGTAC"
PERIOD = 10.5

N_ROWS, S_ROWS = preferences(N_SITE, 0.1), preferences(S_SITE, 0.1)


def _wave():
    """g(d) by start distance: hindrance while sites overlap, then a decaying wave."""
    d = np.arange(151)
    wave = np.exp(-(d - 8) / 40) * 0.5 * (1 + np.cos(2 * np.pi * d / PERIOD))
    return np.where(d < 8, -2 / 3, wave)


def _decay():
    """h(d) by start distance: zero while sites may overlap, then an exponential decay."""
    d = np.arange(151)
    return np.where(d < 9, 0.0, np.exp(-(d - 9) / 50))


_WAVE, _DECAY = _wave(), _decay()


# N, its other strand, S, its other strand.
FORM = Quadratic(
    motifs=(N_ROWS, other_strand(N_ROWS), S_ROWS, other_strand(S_ROWS)),
    linear=np.array([[2, 0], [2, 0], [0, 1.5], [0, 0.375]]),
    pairs=((0, 0, 1.5 * _WAVE), (2, 0, _DECAY), (0, 2, _DECAY)),
)

MOTIFS = (Motif("N", N_ROWS, "N", "+-"), Motif("S", S_ROWS, "S", "+-"))
ORACLES = with_links(
    "LabD",
    length=LENGTH,
    alphabet="ACGT",
    targets=("N", "S"),
    linear=FORM,
    edits=FORM.edits,
    motifs=MOTIFS,
)
