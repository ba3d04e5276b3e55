"""True effects of laboratory models: exact at a probability matrix, else by Monte Carlo."""

import itertools

import numpy as np

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.checks import InputError
from giaflow.edits.embed import chunks
from giaflow.statistics.contrasts import BACKGROUND
from giaflow.validation.oracles.oracle import Oracle

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
    oracle : giaflow.validation.oracles.oracle.Oracle
    design : giaflow.validation.calibration.designs.Design
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
    """Means and spreads of effects that come block by block."""

    def __init__(self):
        self._counts, self._sums, self._squares, self._origins = [], [], [], []

    def add(self, effects):
        """Take in the effects (n, T) of each contrast on further backgrounds."""
        if not self._counts:
            self._counts, self._origins = [0] * len(effects), [None] * len(effects)
            self._sums, self._squares = ([0.0] * len(effects) for _ in range(2))
        for k, each in enumerate(effects):
            if not len(each):
                continue
            if self._origins[k] is None:
                self._origins[k] = each.mean(axis=0)
            # Deviations from the first block's mean: squares of the values themselves would cancel.
            away = each - self._origins[k]
            self._sums[k] = self._sums[k] + away.sum(axis=0)
            self._squares[k] = self._squares[k] + (away**2).sum(axis=0)
            self._counts[k] += len(each)

    @property
    def counts(self):
        """(K,) int, how many backgrounds each contrast counted."""
        return np.array(self._counts, int)

    def result(self, targets):
        """Mean and standard deviation (K, T) of T targets; nan where no background counted."""
        mean, sd = (np.full((len(self._counts), targets), np.nan) for _ in range(2))
        for k, n in enumerate(self._counts):
            if not n:
                continue
            first = self._sums[k] / n
            variance = np.maximum(self._squares[k] / n - first**2, 0)
            mean[k] = self._origins[k] + first
            sd[k] = np.sqrt(variance * n / max(1, n - 1))
        return mean, sd


def monte_carlo(oracle, design, draw_backgrounds, n, rng):
    """Estimate the true value of each contrast from many backgrounds.

    Parameters
    ----------
    oracle : giaflow.validation.oracles.oracle.Oracle or giaflow.models.base.Model
    design : giaflow.validation.calibration.designs.Design
    draw_backgrounds : callable
        (n, rng) -> codes (n, L) uint8 from the null model.
    n : int
        Backgrounds in all, 2 or more.
    rng : numpy.random.Generator

    Returns
    -------
    mean, sd : numpy.ndarray
        (K, T) float64 each, of the paired effects; the mean's standard error is sd / sqrt(n).
    """
    weights, moments = weight_table(design), Moments()
    for start in range(0, n, BLOCK):
        codes = draw_backgrounds(min(BLOCK, n - start), rng)
        together = itertools.chain(chunks(design.conditions, codes), [codes[None]])
        arms = oracle.predict_edits(codes, together).astype(np.float64, copy=False)
        moments.add(np.tensordot(weights, arms, axes=1))
    return moments.result(len(oracle.targets))
