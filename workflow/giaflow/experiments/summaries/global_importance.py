"""Where a pattern stands among the same letters in random order, and whether tests hold."""

import numpy as np
import scipy

from giaflow.experiments.summaries import chosen
from giaflow.statistics.contrasts import EFFECT, Result
from giaflow.statistics.estimates import derived

# Mini-experiments into which the effects of a redrawn window are dealt, and the least each needs.
DEALT, LEAST = 20, 10


def summarise(settings, contrasts, effects, inference):
    """Empirical p-values: (1 + controls at least as strong) / (controls + 1), two-sided.

    The estimate is the share of random controls whose mean effect is weaker than the pattern's.
    ``redraw_calibration`` is the share of mini-experiments without an effect that a t-test rejects
    at 0.05, and the test that their p-values are uniform.
    """
    found = [_calibration(contrasts[k], effects[k]) for k in chosen(contrasts, "redraw")]
    found = [one for one in found if one is not None]
    for k in chosen(contrasts, EFFECT, role="pattern"):
        labels = contrasts[k].labels
        rivals = chosen(contrasts, "random_control", pattern=labels["pattern"])
        if not rivals:
            continue
        means = np.abs([effects[r].mean(axis=0) for r in rivals])
        stronger = (means >= np.abs(effects[k].mean(axis=0))).sum(axis=0)
        none = np.full(stronger.shape, np.nan)
        p = (1 + stronger) / (len(rivals) + 1)
        share = 1 - stronger / len(rivals)
        row = derived(len(effects[k]), share, none, none, p)
        found.append(Result(labels, "empirical_rank", row, unit="share"))
    return found


def _calibration(contrast, effects):
    """The effects of a redrawn window (N, T) dealt into mini-experiments, each tested by itself."""
    size = len(effects) // DEALT
    if size < LEAST:
        return None
    dealt = effects[: size * DEALT].reshape(size, DEALT, -1)
    spread = dealt.std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = dealt.mean(axis=0) / (spread / np.sqrt(size))
    p = 2 * scipy.stats.t.sf(np.abs(t), size - 1)
    rows = []
    for each, alive in zip(p.T, (spread > 0).T, strict=True):
        # Where nothing changed there is no test; a p-value of 1 would not be drawn uniformly.
        kept = each[alive]
        if len(kept) < LEAST:
            rows.append([np.nan] * 4)
            continue
        rejected = int((kept < 0.05).sum())
        limits = scipy.stats.binomtest(rejected, len(kept)).proportion_ci()
        uniform = scipy.stats.kstest(kept, "uniform").pvalue
        rows.append([rejected / len(kept), limits.low, limits.high, uniform])
    row = derived(len(effects), *np.transpose(rows))
    return Result(contrast.labels, "redraw_calibration", row, "share of tests")
