"""Letters by position: total variation and a chi-square test of each position."""

import numpy as np
import pandas as pd
import scipy

from giaflow.nulls.diagnostics.verdicts import row


def position_table(null, data):
    """Compare the letters of each position.

    Parameters
    ----------
    null, data : numpy.ndarray
        (N, L) and (M, L) uint8 codes of equal length; unknown letters are not counted.

    Returns
    -------
    pandas.DataFrame
        position (0-based), total_variation (0..1; NaN where either side has no known letter),
        p (chi-square with as many degrees of freedom as letters seen, less one; 1 where nothing
        can be tested) and q (Benjamini-Hochberg over positions).
    """
    counts = np.stack(
        [[(codes == letter).sum(axis=0) for letter in range(4)] for codes in (null, data)]
    ).astype(float)
    totals = counts.sum(axis=1, keepdims=True)
    empty = (totals == 0).any(axis=(0, 1))
    shares = counts / np.where(totals == 0, 1, totals)
    distance = np.abs(shares[0] - shares[1]).sum(axis=0) / 2
    expected = counts.sum(axis=0) * totals / np.maximum(totals.sum(axis=0), 1)
    statistic = ((counts - expected) ** 2 / np.where(expected == 0, 1, expected)).sum(axis=(0, 1))
    freedom = (counts.sum(axis=0) > 0).sum(axis=0) - 1
    p = np.where(empty | (freedom < 1), 1.0, scipy.stats.chi2.sf(statistic, np.maximum(freedom, 1)))
    return pd.DataFrame(
        {
            "position": np.arange(null.shape[1]),
            "total_variation": np.where(empty, np.nan, distance),
            "p": p,
            "q": scipy.stats.false_discovery_control(p),
        }
    )


def position_rows(null, data, settings):
    """Rows for codes (N, L) and (M, L): the largest difference that chance does not explain."""
    table = position_table(null, data)
    differing = table[table["q"] < settings.position_q]
    limits = (settings.position_warn, settings.position_fail)
    rows = [row("position_differing", f"of {len(table)} positions", len(differing))]
    if differing.empty:
        # Small samples differ everywhere by more than the threshold: that is noise, not shift.
        return [*rows, row("position_total_variation", "no position differs", 0, *limits)]
    largest = differing.loc[differing["total_variation"].idxmax()]
    detail = f"position {int(largest['position'])}"
    return [*rows, row("position_total_variation", detail, largest["total_variation"], *limits)]
