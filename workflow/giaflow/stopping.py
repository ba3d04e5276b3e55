"""How many backgrounds: the fixed-width rule, which never looks at an effect's size.

Chow & Robbins 1965 (Ann Math Stat 36:457): stop at the first look at which the t interval is
narrow enough. Looks are few (the number doubles) and start at 200 backgrounds: with fewer, a
standard deviation that is too small by chance stops the rule early. Stopping on p-values instead
would reject true nulls in 30 % of studies.
"""

import numpy as np
from scipy import stats as scipy_stats

from giaflow.design import weigh

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
    return scipy_stats.t.ppf((1 + confidence) / 2, n - 1) * se


def widest(contrasts, predictions, baseline, confidence=0.95, changed=None):
    """The largest half-width of the contrasts of predictions (C, N, T) and baseline (N, T).

    Infinite if a contrast counts fewer than `FIRST_LOOK` backgrounds: too few to stop on. One
    that counts a single sequence has no interval, however many backgrounds there are.
    """
    contrasts = [contrast for contrast in contrasts if not contrast.first]
    values = [weigh(contrast, predictions, baseline, changed) for contrast in contrasts]
    if min(len(each) * c.step for each, c in zip(values, contrasts, strict=True)) < FIRST_LOOK:
        return np.inf
    return max(float(half_width(each, confidence).max()) for each in values)


def grow(predict, contrasts, cap, target, confidence=0.95, changed=None):
    """Predict more backgrounds until every contrast is known precisely enough.

    Parameters
    ----------
    predict : callable
        (start, stop) -> predictions (C, n, T) and baseline (n, T) of those backgrounds.
    contrasts : list of giaflow.design.Contrast
    cap : int
        Backgrounds there are.
    target : float or None
        Half-width, in model units, that every contrast on every target must reach; None predicts
        all backgrounds at once.
    confidence : float
        Of the intervals.
    changed : numpy.ndarray, optional
        (C, cap) bool, which backgrounds a condition changes.

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
        if widest(contrasts, predictions, baseline, confidence, known) <= target:
            break
    return predictions, baseline
