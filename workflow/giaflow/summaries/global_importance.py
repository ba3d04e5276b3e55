"""Where a pattern stands among the same letters in random order."""

import numpy as np

from giaflow.design import EFFECT, Result
from giaflow.stats import derived
from giaflow.summaries import chosen


def summarise(settings, contrasts, effects, judge):
    """Empirical p-values: (1 + controls at least as strong) / (controls + 1), two-sided.

    The estimate is the share of random controls whose mean effect is weaker than the pattern's.
    """
    found = []
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
