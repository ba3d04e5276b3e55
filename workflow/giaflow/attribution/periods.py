"""Do contributions around instances of a pattern rise and fall with a period?

The analysis of Avsec et al. 2021 (Nat Genet 53:354) that found 10.5 letters around Nanog: the
logarithm of the contributions summed over instances, standardised, less its running mean over ten
letters, as a power spectrum. Its frequencies are no finer than the width that is looked at: around
10.5 letters, 200 letters know 10.0, 10.5 and 11.1. So the interval of the period is no better than
half of that step, however many instances there are.
"""

from dataclasses import dataclass

import numpy as np

from giaflow.sequences.pattern_search import matches_by_strand
from giaflow.statistics.resampling import resamples

# Letters of the running mean that is taken out, and the periods that are compared.
SMOOTH, SHORTEST, LONGEST = 10, 6.0, 20.0


@dataclass(frozen=True)
class Spectrum:
    """The periodic part of contributions around instances.

    Attributes
    ----------
    n : int
        Instances.
    period, low, high : float
        Strongest of the periods from 6 to 20 letters, with a percentile bootstrap interval over
        instances that is at least half a step of frequencies to either side.
    share, share_low, share_high : float
        Part of the power (without the mean) at the frequency nearest to the declared period.
    p : float
        Share of drawings, in which every instance is turned round by a random number of letters,
        whose power there is as large.
    """

    n: int
    period: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float
    p: float

    def estimates(self):
        """Rows ``period`` and ``share``, each a dict of the columns of a table of estimates."""
        named = (
            ("period", self.period, self.low, self.high, np.nan, "letters"),
            ("share", self.share, self.share_low, self.share_high, self.p, "share of power"),
        )
        columns = ("estimand", "estimate", "ci_low", "ci_high", "p", "unit")
        return [{**dict(zip(columns, row, strict=True)), "n": self.n} for row in named]


def around(strength, rows, middles, reach):
    """Stretches (M, 2 reach) of strengths (N, L) about instances; those cut short are left out.

    Parameters
    ----------
    strength : numpy.ndarray
        (N, L) absolute contributions.
    rows, middles : numpy.ndarray
        (K,) int: sequence and middle letter of each instance.
    reach : int
    """
    inside = (middles >= reach) & (middles + reach <= strength.shape[1])
    rows, first = rows[inside], middles[inside] - reach
    return strength[rows[:, None], first[:, None] + np.arange(2 * reach)]


def around_instances(strength, codes, letters, mismatches, reach):
    """Stretches (M, 2 reach) about the instances of a pattern, in its own direction.

    Parameters
    ----------
    strength : numpy.ndarray
        (N, L) absolute contributions.
    codes : numpy.ndarray
        (N, L) uint8.
    letters : str
        W IUPAC letters. The middle one, W // 2, comes to stand at column `reach`.
    mismatches, reach : int

    Returns
    -------
    numpy.ndarray
        Instances as written and then those on the other strand, turned round; one that reads the
        same on both strands counts once, and one whose stretch is cut short not at all.
    """
    forward, backward = matches_by_strand(codes, letters, mismatches)
    rows, starts = np.nonzero(forward)
    written = around(strength, rows, starts + len(letters) // 2, reach)
    rows, starts = np.nonzero(backward & ~forward)
    # The middle letter seen from the other strand, and one on: turned round, it is at `reach`.
    turned = around(strength, rows, starts + (len(letters) - 1) // 2 + 1, reach)[:, ::-1]
    return np.concatenate([written, turned])


def periods(width):
    """Periods (W // 2,) of the frequencies of `power`, in letters, the longest first."""
    return width / np.arange(1, width // 2 + 1)


def power(curves):
    """Power (B, W // 2) at 1, 2, ... waves a stretch, of curves (B, W) as described above."""
    logs = np.log(np.maximum(curves, np.finfo(float).tiny))
    logs = logs - logs.mean(axis=1, keepdims=True)
    spread = logs.std(axis=1, keepdims=True)
    scaled = np.divide(logs, spread, out=np.zeros_like(logs), where=spread > 0)
    window = np.full(SMOOTH, 1 / SMOOTH)
    smooth = np.stack([np.convolve(one, window, "same") for one in scaled])
    return np.abs(np.fft.rfft(scaled - smooth, axis=1))[:, 1:] ** 2


def shown(curve):
    """Periods compared, and the share of the power (without the mean) of a curve (W,) at each."""
    known, found = periods(len(curve)), power(np.asarray(curve, float)[None])[0]
    compared = (known >= SHORTEST) & (known <= LONGEST)
    return known[compared], found[compared] / max(found.sum(), np.finfo(float).tiny)


def spectrum(stretches, period, rng, confidence=0.95, draws=999):
    """The power spectrum of the summed contributions around instances.

    Parameters
    ----------
    stretches : numpy.ndarray
        (M, W) from `around`, M >= 2 and W at least five periods.
    period : float
        Declared before looking, in letters.
    rng : numpy.random.Generator
    confidence : float
    draws : int
        Of the bootstrap, and of instances turned round.

    Returns
    -------
    Spectrum
    """
    stretches = np.asarray(stretches, float)
    n, width = stretches.shape
    known = periods(width)
    looked = np.flatnonzero((known >= SHORTEST) & (known <= LONGEST))
    at = int(np.abs(known - period).argmin())

    def read(curves):
        found = power(curves)
        whole = np.maximum(found.sum(axis=1), np.finfo(float).tiny)
        return found[:, at] / whole, known[looked[found[:, looked].argmax(axis=1)]]

    (share,), (best,) = read(stretches.sum(axis=0)[None])
    shares, strongest = read(resamples(n, rng, draws) @ stretches)
    turned = np.zeros((draws, width))
    for one in stretches:
        shifts = rng.integers(0, width, draws)
        turned += one[(np.arange(width) + shifts[:, None]) % width]
    tail, k = (1 - confidence) / 2, width / best
    low, high = np.quantile(strongest, [tail, 1 - tail])
    share_low, share_high = np.quantile(shares, [tail, 1 - tail])
    return Spectrum(
        n,
        float(best),
        float(min(low, width / (k + 0.5))),
        float(max(high, width / (k - 0.5))),
        float(share),
        float(share_low),
        float(share_high),
        (1 + int((read(turned)[0] >= share).sum())) / (draws + 1),
    )
