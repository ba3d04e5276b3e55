"""True effects of laboratory models: exact at a probability matrix, else by Monte Carlo."""

import itertools

import numpy as np

from giaflow.alphabet import UNKNOWN
from giaflow.checks import InputError
from giaflow.design import BACKGROUND
from giaflow.edits import chunks
from giaflow.laboratory.oracle import Oracle
from giaflow.stats import NOISE

# Backgrounds per step of a Monte Carlo truth.
BLOCK = 4096


def overwritten(condition, length):
    """The letters a condition writes whatever the background: codes (L,), unknown where it keeps.

    Found by applying the condition, so it holds for every kind of edit.

    Raises
    ------
    InputError
        If what is written depends on the background; such an effect has no exact truth.
    """
    constant = np.repeat(np.arange(4, dtype=np.uint8)[:, None], length, axis=1)
    result = condition.apply(constant)
    written = np.where((result == result[0]).all(axis=0), result[0], UNKNOWN).astype(np.uint8)
    # The digits of each position in base 4: no two positions are alike in all of them, so a
    # letter that was moved shows.
    digits = [np.arange(length) // 4**k % 4 for k in range(max(1, int(length).bit_length()))]
    trial = np.concatenate([constant, np.array(digits, np.uint8)])
    expected = np.where(written == UNKNOWN, trial, written)
    if not np.array_equal(condition.apply(trial), expected):
        raise InputError(
            f"condition {condition.labels} does more than overwrite letters, so it has no exact "
            "truth; use Monte Carlo"
        )
    return written


def has_exact(oracle, design):
    """Whether `exact` knows the truth of a design: no link, and edits that only overwrite."""
    if not isinstance(oracle, Oracle) or oracle.link is not None:
        return False
    try:
        for condition in design.conditions:
            overwritten(condition, oracle.length)
    except InputError:
        return False
    return True


def edited_profile(condition, profile):
    """Letter probabilities (L, 4) of backgrounds from `profile` (L, 4) after a condition."""
    written = overwritten(condition, len(profile))
    known = written != UNKNOWN
    edited = profile.copy()
    edited[known] = np.eye(4)[written[known]]
    return edited


def exact(oracle, design, profile):
    """True value of each contrast of a design, in the model's unit.

    Parameters
    ----------
    oracle : giaflow.laboratory.oracle.Oracle
    design : giaflow.laboratory.designs.Design
    profile : numpy.ndarray
        (L, 4) letter probabilities of a null model whose positions are independent.

    Returns
    -------
    numpy.ndarray
        (K, T) float64, one row per contrast.

    Raises
    ------
    InputError
        If the oracle has a link, or a condition does more than overwrite letters.
    """
    if oracle.link is not None:
        raise InputError(
            f"laboratory model {oracle.name!r} has a link, so its effects have no exact truth; "
            "use Monte Carlo"
        )
    arms = [edited_profile(condition, profile) for condition in design.conditions]
    values = oracle(np.stack([*arms, profile]))
    return weight_table(design) @ values


def weight_table(design):
    """Weights (K, C + 1) of the contrasts on the conditions and, last, the background."""
    table = np.zeros((len(design.contrasts), len(design.conditions) + 1))
    for row, contrast in zip(table, design.contrasts, strict=True):
        for index, weight in contrast.weights.items():
            row[-1 if index == BACKGROUND else index] += weight
    return table


class Moments:
    """Means, spreads and shapes of effects that come block by block."""

    def __init__(self):
        self._counts, self._powers, self._origins = [], [], []

    def add(self, effects):
        """Take in the effects (n, T) of each contrast on further backgrounds."""
        if not self._counts:
            self._counts = [0] * len(effects)
            self._powers = [np.zeros((4, each.shape[1])) for each in effects]
            self._origins = [None] * len(effects)
        for k, each in enumerate(effects):
            if not len(each):
                continue
            if self._origins[k] is None:
                self._origins[k] = each.mean(axis=0)
            # Deviations from the first block's mean: powers of the values themselves would cancel.
            away = each - self._origins[k]
            self._powers[k] += [(away**power).sum(axis=0) for power in (1, 2, 3, 4)]
            self._counts[k] += len(each)

    @property
    def counts(self):
        """(K,) int, how many backgrounds each contrast counted."""
        return np.array(self._counts, int)

    def result(self, targets):
        """Mean, standard deviation, skewness and excess kurtosis (K, T) of T targets.

        They are nan where no background counted.
        """
        shape = (len(self._counts), targets)
        mean, sd, skewness, kurtosis = (np.full(shape, np.nan) for _ in range(4))
        for k, n in enumerate(self._counts):
            if not n:
                continue
            m1, m2, m3, m4 = self._powers[k] / n
            variance = np.maximum(m2 - m1**2, 0)
            third = m3 - 3 * m1 * m2 + 2 * m1**3
            fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
            # What is float noise beside the effects of a design has no shape.
            quiet = variance < NOISE**2
            scale = np.where(quiet, 1, variance)
            mean[k] = self._origins[k] + m1
            sd[k] = np.sqrt(variance * n / max(1, n - 1))
            skewness[k] = np.where(quiet, 0, third / scale**1.5)
            kurtosis[k] = np.where(quiet, 0, fourth / scale**2 - 3)
        return mean, sd, skewness, kurtosis


def monte_carlo(oracle, design, draw_backgrounds, n, rng):
    """Estimate the true value of each contrast from many backgrounds.

    Parameters
    ----------
    oracle : giaflow.laboratory.oracle.Oracle or giaflow.model.base.Model
    design : giaflow.laboratory.designs.Design
    draw_backgrounds : callable
        (n, rng) -> codes (n, L) uint8 from the null model.
    n : int
        Backgrounds in all, 2 or more.
    rng : numpy.random.Generator

    Returns
    -------
    mean, sd, skewness, kurtosis : numpy.ndarray
        (K, T) float64 each, of the paired effects, the kurtosis less that of a normal distribution;
        the mean's standard error is sd / sqrt(n).
    """
    weights, moments = weight_table(design), Moments()
    for start in range(0, n, BLOCK):
        codes = draw_backgrounds(min(BLOCK, n - start), rng)
        together = itertools.chain(chunks(design.conditions, codes), [codes[None]])
        arms = oracle.predict_edits(codes, together).astype(np.float64, copy=False)
        moments.add(np.tensordot(weights, arms, axes=1))
    return moments.result(len(oracle.targets))
