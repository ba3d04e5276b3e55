"""How far estimates are from the truth: one row per check and design, with the band to pass.

Bands follow from the number of replicates: a right method leaves one with probability
1 - level. Every check returns a table with the columns of `COLUMNS`; `passed` says whether the
value lies within [low, high].
"""

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

from giaflow.stats import NOISE

COLUMNS = ["check", "design", "value", "low", "high", "passed"]
LEVEL = 0.99


def table(rows):
    """Rows (check, design, value, low, high) as a table with the column ``passed``."""
    listed = [(*row, bool(row[3] <= row[2] <= row[4])) for row in rows]
    return pd.DataFrame(listed, columns=COLUMNS)


def reported(rows, name):
    """The same rows without a band, told and not judged; `name` has {} for the check's."""
    return table(
        [(name.format(row.check), row.design, row.value, 0.0, 1.0) for row in rows.itertuples()]
    )


def binomial_band(share, n, level=LEVEL):
    """Central range (low, high) of an observed share when n draws have the true `share`."""
    low, high = scipy_stats.binom.interval(level, n, share)
    return low / n, high / n


def bias(replicates, level=LEVEL):
    """Mean estimate minus truth, in model units; the band is its own Monte Carlo error."""
    rows = []
    for name, k, t in replicates.cells():
        estimates = replicates.found.estimate[k, :, t]
        error = estimates.std(ddof=1) / np.sqrt(len(estimates))
        half = scipy_stats.t.ppf((1 + level) / 2, len(estimates) - 1) * error
        rows.append(("bias", name, estimates.mean() - replicates.truth[k, t], -half, half))
    return table(rows)


def coverage(replicates, confidence=0.95, level=LEVEL):
    """Share of the intervals of this confidence that hold the truth."""
    rows, found = [], replicates.found
    for name, k, t in replicates.cells():
        truth = replicates.truth[k, t]
        held = (found.ci_low[k, :, t] <= truth) & (truth <= found.ci_high[k, :, t])
        rows.append(("coverage", name, held.mean(), *binomial_band(confidence, len(held), level)))
    return table(rows)


def type_one_error(name, p, alpha=0.05, level=LEVEL, symmetric=True):
    """Share of rejections among p-values (R,) of effects that are zero, and their uniformity.

    The second row holds the p-value of a Kolmogorov-Smirnov test against the uniform. Where a few
    rare backgrounds make up the effects (not `symmetric`) a t-test rejects too seldom: then only
    too many rejections fail.
    """
    share, (low, high) = (p < alpha).mean(), binomial_band(alpha, len(p), level)
    if not symmetric:
        return table([("A/A rejections, rare effects", name, share, 0.0, high)])
    uniform = scipy_stats.kstest(p, "uniform").pvalue
    return table(
        [
            ("A/A rejections", name, share, low, high),
            ("A/A uniform p", name, uniform, 1 - level, 1.0),
        ]
    )


def power(replicates, alpha=0.05, level=LEVEL):
    """Share of replicates that reject a zero mean, beside the power of the t-test.

    The theory takes the true effect and the spread that all replicates show together.
    """
    rows, found, n = [], replicates.found, replicates.found.n
    for name, k, t in replicates.cells():
        spread = np.sqrt(n * (found.se[k, :, t] ** 2).mean())
        expected = t_power(replicates.truth[k, t] / spread, n, alpha)
        p = found.p[k, :, t]
        rows.append(("power", name, (p < alpha).mean(), *binomial_band(expected, len(p), level)))
    return table(rows)


def t_power(d_z, n, alpha=0.05):
    """Probability that a two-sided t-test of n effects of mean over spread `d_z` rejects."""
    limit = scipy_stats.t.ppf(1 - alpha / 2, n - 1)
    # Beyond 20 the power is 1 to the last digit, and the series of the distribution fails.
    shift = min(20.0, np.sqrt(n) * abs(float(d_z)))
    upper = scipy_stats.nct.sf(limit, n - 1, shift)
    return min(1.0, float(upper + scipy_stats.nct.cdf(-limit, n - 1, shift)))


def profile_error(name, replicates, chosen, sesoi, limit=2.0):
    """Root mean square error of a profile in units of its mean standard error.

    `chosen` are the indices of the contrasts that form the profile; a target is judged if the
    true profile exceeds the smallest effect of interest (T,) somewhere.
    """
    rows, found = [], replicates.found
    for t, target in enumerate(replicates.targets):
        errors = found.estimate[chosen, :, t] - replicates.truth[chosen, None, t]
        scale = found.se[chosen, :, t].mean(axis=0)
        if np.abs(replicates.truth[chosen, t]).max() <= sesoi[t]:
            continue
        ratio = np.sqrt((errors**2).mean(axis=0)) / scale
        label = name if len(replicates.targets) == 1 else f"{name} on {target}"
        rows.append(("profile RMSE / SE", label, ratio.mean(), 0.0, limit))
    return table(rows)


def inert(replicates):
    """Share of replicates called inert, and the size of the truth, of effects that never vary."""
    rows = []
    for name, k, t in replicates.cells():
        called = (replicates.found.verdict[k, :, t] == "inert").mean()
        rows.append(("verdict inert", name, called, 1.0, 1.0))
        rows.append(("true size of inert", name, abs(replicates.truth[k, t]), 0.0, NOISE))
    return table(rows)


def verdicts(replicates, sesoi, share=0.95, clear=4.0):
    """Share of replicates whose verdict is the true one.

    Only contrasts are judged whose true size is `clear` standard errors from the smallest effect
    of interest (T,): nearer ones may well be called inconclusive.
    """
    rows, found = [], replicates.found
    for name, k, t in replicates.cells():
        size, error = np.abs(replicates.truth[k, t]), found.se[k, :, t].mean()
        if np.abs(size - sesoi[t]) < clear * error:
            continue
        right = ("effect",) if size > sesoi[t] else ("negligible", "inert")
        called = np.isin(found.verdict[k, :, t], right)
        rows.append((f"verdict {right[0]}", name, called.mean(), share, 1.0))
    return table(rows)


def screen(name, replicates, sesoi, highest=0.06):
    """False discovery rate, and share of true ones found, of the verdict "effect" in a screen.

    A contrast is true if its true size exceeds the smallest effect of interest (T,).
    """
    rows = []
    for t, target in enumerate(replicates.targets):
        claimed = replicates.found.verdict[:, :, t] == "effect"
        true = (np.abs(replicates.truth[:, t]) > sesoi[t])[:, None]
        false_share = (claimed & ~true).sum(axis=0) / np.maximum(claimed.sum(axis=0), 1)
        label = name if len(replicates.targets) == 1 else f"{name} on {target}"
        rows.append(("false discovery rate", label, false_share.mean(), 0.0, highest))
        if true.any():
            found = (claimed & true).sum(axis=0).mean() / true.sum()
            rows.append(("true ones found", label, found, 0.0, 1.0))
    return table(rows)


def steric_threshold(low, sesoi):
    """Index (R,) of the nearest distance from which no interaction is below -sesoi.

    Distances are tested from far to near, and the first that fails ends the claim, so no
    correction for their number is needed; an index equal to K claims none.

    Parameters
    ----------
    low : numpy.ndarray
        (K, R) lower ends of the intervals, nearest distance first.
    sesoi : float
    """
    free = low[::-1] >= -sesoi
    return len(low) - np.cumprod(free, axis=0).sum(axis=0)


def threshold(name, replicates, chosen, sesoi, share=0.95):
    """Share of replicates that find the true steric threshold, on each target.

    `chosen` are the indices of the interactions, nearest distance first; `sesoi` is (T,).
    """
    rows = []
    for t, target in enumerate(replicates.targets):
        truth = steric_threshold(replicates.truth[chosen, t, None], sesoi[t])
        found = steric_threshold(replicates.found.ci_low[chosen, :, t], sesoi[t])
        label = name if len(replicates.targets) == 1 else f"{name} on {target}"
        rows.append(("steric threshold", label, (found == truth).mean(), share, 1.0))
    return table(rows)
