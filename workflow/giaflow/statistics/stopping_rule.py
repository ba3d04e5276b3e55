"""How many backgrounds: the fixed-width rule, which never looks at an effect's size.

Chow & Robbins 1965 (Ann Math Stat 36:457): stop at the first look at which the t interval is
narrow enough. Looks are few (the number doubles) and start at 200 backgrounds: with fewer, a
standard deviation that is too small by chance stops the rule early. Stopping on p-values instead
would reject true nulls in 30 % of studies.
"""

import numpy as np
import scipy

from giaflow.statistics.clusters import by_cluster
from giaflow.statistics.contrasts import LEVEL, rows_of, weigh

FIRST_LOOK = 200


def looks(cap, first=FIRST_LOOK):
    """Numbers of backgrounds at which the rule looks: first, twice that, ..., and the cap."""
    found = []
    while first < cap:
        found.append(first)
        first *= 2
    return [*found, cap]


def half_width(effects, confidence=0.95):
    """Half-width (...) of the t interval of mean effects (N, ...)."""
    n = len(effects)
    se = np.std(effects, axis=0, ddof=1, dtype=np.float64) / np.sqrt(n)
    return scipy.stats.t.ppf((1 + confidence) / 2, n - 1) * se


def reached(contrasts, predictions, baseline, target, confidence=0.95, changed=None, clusters=None):
    """Whether contrasts of predictions (C, N, T) and baseline (N, T) are known to `target` (T,).

    Not if a contrast counts fewer than `FIRST_LOOK` independent units: too few to stop on.
    """
    for contrast in contrasts:
        # Only mean effects in the model's unit have a target; a single sequence has no width.
        if contrast.unit or contrast.estimand == LEVEL or contrast.first or not contrast.row:
            continue
        values = units(contrast, predictions, baseline, changed, clusters)
        if len(values) * contrast.step < FIRST_LOOK:
            return False
        if (half_width(values, confidence) > target).any():
            return False
    return True


def units(contrast, predictions, baseline, changed=None, clusters=None):
    """Values (n, T) of a contrast on what is independent: backgrounds, or clusters (N,) of them."""
    values = weigh(contrast, predictions, baseline, changed)
    if clusters is None:
        return values
    return by_cluster(values, clusters[rows_of(contrast, len(baseline), changed)])


def grow(predict, contrasts, cap, target, confidence=0.95, changed=None, clusters=None):
    """Predict more backgrounds until every contrast is known precisely enough.

    Parameters
    ----------
    predict : callable
        (start, stop) -> predictions (C, n, T) and baseline (n, T) of those backgrounds.
    contrasts : list of giaflow.statistics.contrasts.Contrast
    cap : int
        Backgrounds there are.
    target : float or numpy.ndarray or None
        Half-width, in model units, that every contrast must reach on every target: one or (T,);
        None predicts all backgrounds at once.
    confidence : float
        Of the intervals.
    changed : numpy.ndarray, optional
        (C, cap) bool, which backgrounds a condition changes.
    clusters : numpy.ndarray, optional
        (cap,) which backgrounds belong together.

    Returns
    -------
    predictions : numpy.ndarray
        (C, N, T), N <= cap.
    baseline : numpy.ndarray
        (N, T).
    """
    done, parts = 0, []
    for n in [cap] if target is None else looks(cap):
        parts.append(predict(done, n))
        done = n
        predictions = np.concatenate([part[0] for part in parts], axis=1)
        baseline = np.concatenate([part[1] for part in parts])
        if n == cap or not contrasts:
            break
        known = None if changed is None else changed[:, :n]
        linked = None if clusters is None else clusters[:n]
        if reached(contrasts, predictions, baseline, target, confidence, known, linked):
            break
    return predictions, baseline
