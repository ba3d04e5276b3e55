"""How far estimates are from the truth: one row per mark, with the band to pass.

Bands are fixed beforehand and are the same for every row. So many replicates are made that a
right method leaves a band with a probability of about 1 in 10,000 a row: no band is widened for
the number of rows, and no row is left out for what it shows. Every check returns a table with the
columns of `COLUMNS`; `passed` says whether the value lies within [low, high].
"""

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

from giaflow.statistics.distance_curves import threshold as reach
from giaflow.statistics.estimates import NOISE
from giaflow.validation.calibration.repeated_studies import resample

COLUMNS = ["check", "design", "value", "low", "high", "passed"]
# Of the intervals of 95 % confidence.
COVERAGE = (0.93, 0.97)
# Where few backgrounds make up an effect, given the backgrounds that its skewness asks for.
SKEWED = 0.92
# Of tests at 5 % where nothing is to be found.
REJECTIONS = (0.037, 0.064)
# Bias in standard errors of one study: four Monte Carlo errors of 400 replicates.
BIAS = 0.2
# Backgrounds that a t interval needs for each unit of squared skewness (Cochran 1977, Sampling
# Techniques, section 2.15) and of kurtosis: then the terms of order 1/n of its coverage (Hall 1992,
# The Bootstrap and Edgeworth Expansion, section 2.6) stay near 0.01.
COCHRAN, TAILS = 25, 2


def table(rows):
    """Rows (check, design, value, low, high) as a table with the column ``passed``."""
    listed = [(*row, bool(row[3] <= row[2] <= row[4])) for row in rows]
    return pd.DataFrame(listed, columns=COLUMNS)


def needed(effects):
    """Backgrounds (T,) that a t interval of the mean of effects (M, T) needs; 0 if none varies."""
    away = effects - effects.mean(axis=0)
    variance = np.maximum((away**2).mean(axis=0), NOISE**2)
    skewness = (away**3).mean(axis=0) / variance**1.5
    kurtosis = (away**4).mean(axis=0) / variance**2
    return np.maximum(COCHRAN * skewness**2, TAILS * kurtosis)


def bias(replicates):
    """Mean estimate minus truth, in standard errors of one replicate."""
    rows, found = [], replicates.found
    for name, k, t in replicates.cells():
        error = np.sqrt((found.se[k, :, t] ** 2).mean())
        difference = found.estimate[k, :, t].mean() - replicates.truth[k, t]
        rows.append(("bias, SE", name, difference / max(error, NOISE), -BIAS, BIAS))
    return table(rows)


def coverage(replicates):
    """Share of the 95 % intervals that hold the truth, row by row and of all rows together."""
    rows = [
        ("coverage", name, _held(replicates.found, replicates.truth[k, t], k, t), *COVERAGE)
        for name, k, t in replicates.cells()
    ]
    if len(rows) > 1:
        mean = float(np.mean([row[2] for row in rows]))
        rows.append(("coverage, all rows", f"{len(rows)} rows", mean, *COVERAGE))
    return table(rows)


def _held(found, truth, k, t):
    return ((found.ci_low[k, :, t] <= truth) & (truth <= found.ci_high[k, :, t])).mean()


def skewed_coverage(replicates, sesoi, rng, many=1600):
    """Coverage of effects that a few backgrounds make up, at the backgrounds they need.

    Their replicates are samples with replacement from all effects, whose mean is the truth of the
    samples. A row that needs more than all effects is told at the replicates' own number and not
    judged (low 0).
    """
    rows = []
    for name, k, t in replicates.cells():
        each = replicates.measured[k][:, [t]]
        n = int(np.ceil(needed(each)[0]))
        if n > len(each):
            held = _held(replicates.found, replicates.truth[k, t], k, t)
            check = f"coverage at n = {replicates.found.n}, far too few"
            rows.append((check, name, held, 0.0, 1.0))
            continue
        found = resample(each, n, many, sesoi[[t]], rng)
        truth = each.mean()
        held = ((found.ci_low <= truth) & (truth <= found.ci_high)).mean()
        rows.append(("coverage, skewed", f"{name}, n = {n}", held, SKEWED, 1.0))
    return table(rows)


def type_one_error(name, p, first, alpha=0.05, *, rare=False):
    """Share of rejections among p-values (R,) of effects that are zero, and their uniformity.

    The second row holds the p-value of a Kolmogorov-Smirnov test of the first `first` p-values,
    which are independent, against the uniform. Where few backgrounds make up the effects (`rare`)
    a t-test rejects too seldom: then only too many rejections fail.
    """
    share, (low, high) = (p < alpha).mean(), REJECTIONS
    if rare:
        return table([("A/A rejections, rare effects", name, share, 0.0, high)])
    uniform = scipy_stats.kstest(p[:first], "uniform").pvalue
    return table(
        [
            ("A/A rejections", name, share, low, high),
            ("A/A uniform p", name, uniform, 0.001, 1.0),
        ]
    )


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


def threshold(name, replicates, chosen, sesoi, share=0.95, confidence=0.95):
    """Share of replicates that find the true steric threshold, on each target.

    `chosen` are the indices of the interactions, nearest distance first; `sesoi` is (T,).
    """
    rows, found = [], replicates.found
    one_sided = scipy_stats.t.ppf(confidence, found.n - 1)
    for t, target in enumerate(replicates.targets):
        truth = reach(replicates.truth[chosen, t], sesoi[t])
        low = found.estimate[chosen, :, t] - one_sided * found.se[chosen, :, t]
        right = np.mean([reach(each, sesoi[t]) == truth for each in low.T])
        label = name if len(replicates.targets) == 1 else f"{name} on {target}"
        rows.append(("steric threshold", label, right, share, 1.0))
    return table(rows)
