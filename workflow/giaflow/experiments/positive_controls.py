"""The positive control of each target: the 100 % mark, and what is small beside it.

A study names a target's control, or the strongest candidate takes its place: of all patterns and
words that were embedded, the one with the largest mean effect on even backgrounds, measured on odd
ones, so that being chosen does not make it larger (the winner's curse).
"""

import numpy as np
import pandas as pd

from giaflow.statistics.clusters import by_cluster
from giaflow.statistics.contrasts import EFFECT, rows_of
from giaflow.statistics.effect_tables import effects
from giaflow.statistics.estimates import paired

# Kinds of experiments that embed one pattern or word at a time, and the roles of those.
KINDS = ("global_importance", "kmer_screen")
ROLES = ("pattern", "word")

COLUMNS = (
    "target", "control", "experiment", "chosen", "n", "estimate", "se", "ci_low", "ci_high", "used",
)  # fmt: skip


def candidates(experiment, contrasts, predictions, baseline, clusters=None):
    """What could be a positive control: (experiment, name, values (n, T)) of each pattern or word.

    Parameters
    ----------
    experiment : str
        Its name in the study.
    contrasts : list of giaflow.statistics.contrasts.Contrast
    predictions, baseline : numpy.ndarray
        (C, N, T) and (N, T).
    clusters : numpy.ndarray, optional
        (N,) as in `giaflow.statistics.clusters.by_cluster`.
    """
    found = []
    for contrast in contrasts:
        if contrast.estimand == EFFECT and contrast.labels.get("role") in ROLES:
            values = effects(contrast, predictions, baseline)
            if clusters is not None:
                values = by_cluster(values, clusters[rows_of(contrast, len(baseline))])
            name = contrast.labels.get("pattern", contrast.labels["letters"])
            found.append((experiment, name, values))
    return found


def positive_controls(listed, targets, named, confidence=0.95):
    """The positive control of each target that has one.

    Parameters
    ----------
    listed : list
        From `candidates`, of all experiments in their order.
    targets : sequence of str
    named : dict of str to str
        Target to the name of its control; the first experiment that embeds it counts.
    confidence : float
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, a row a target. `chosen` is ``named`` or ``strongest``, and `used` says
        whether the effect's interval lies on one side of zero: a percentage of an effect
        that may be zero is meaningless.
    """
    rows = []
    for t, target in enumerate(targets):
        if target in named:
            own = [one for one in listed if one[1] == named[target]][:1]
            chosen = "named"
        else:
            # Of no candidate is there anything to choose, and the best may do nothing at all.
            means = [values[0::2, t].mean() for _, _, values in listed]
            own = [listed[int(np.argmax(means))]] if means and max(means) > 0 else []
            own = [(where, name, values[1::2]) for where, name, values in own]
            chosen = "strongest"
        for where, name, values in own:
            found = paired(values[:, [t]], np.ones(1), confidence)
            numbers = [
                each.item() for each in (found.estimate, found.se, found.ci_low, found.ci_high)
            ]
            used = numbers[2] > 0 or numbers[3] < 0
            rows.append((target, name, where, chosen, found.n, *numbers, used))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def control_effects(table, chosen=("named", "strongest")):
    """Target to the effect of its control, from a table of `positive_controls`.

    The smallest effect of interest follows from controls that are ``named`` only: it must not
    depend on which patterns a study happens to hold.
    """
    kept = table[table["used"].astype(bool) & table["chosen"].isin(chosen)]
    return dict(zip(kept["target"], kept["estimate"], strict=True))
