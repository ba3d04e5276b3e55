"""Dose response curves fitted to correlated level means."""

from dataclasses import dataclass

import numpy as np
import scipy

# Curves through zero of the number of copies c; each starts from the mean effect of one copy.
CURVES = {
    "linear": (lambda c, b: b * c, lambda one: [one]),
    "power": (lambda c, b, g: b * c**g, lambda one: [one, 1.0]),
    "saturating": (lambda c, b, k: b * -np.expm1(-k * c) / k, lambda one: [one, 0.05]),
    "hill": (lambda c, b, k: b * c / (1 + k * c), lambda one: [one, 0.05]),
}


@dataclass(frozen=True)
class Fit:
    """One curve fitted to the means of C levels.

    Attributes
    ----------
    name : str
        A key of `CURVES`, or ``free``: every level its own mean.
    parameters, errors : numpy.ndarray
        (K,) values and standard errors; the first is the initial slope (power: one copy's effect),
        the second the exponent of power, or the curvature, 0 for a line, negative if copies help
        each other.
    aicc : float
        Akaike's criterion with the small-sample term.
    p : float
        Of the lack of fit against free means (Hotelling's T2); nan for ``free``.
    """

    name: str
    parameters: np.ndarray
    errors: np.ndarray
    aicc: float
    p: float


def fit_curves(copies, effects):
    """Fit every curve by generalized least squares, and the free means.

    Parameters
    ----------
    copies : numpy.ndarray
        (C,) numbers of copies, distinct.
    effects : numpy.ndarray
        (N, C) float64, the effect of each number on each background. Levels share backgrounds, so
        the covariance of their means weighs the fit; a straight line's R-squared over the means
        would not notice curvature that is many standard errors large.

    Returns
    -------
    list of Fit
        Empty if the levels' covariance is singular or there are fewer than two levels.
    """
    n, levels = effects.shape
    if levels < 2 or n <= levels:
        return []
    means, covariance = effects.mean(axis=0), np.cov(effects.T) / n
    try:
        whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError:
        return []
    found = [Fit("free", means, np.sqrt(np.diag(covariance)), _aicc(0.0, levels, n), np.nan)]
    for name, (curve, begin) in CURVES.items():
        first = begin(means[0] / copies[0])
        if len(first) < levels + (name == "linear"):
            found.append(_fit(name, curve, first, copies, means, whiten, n))
    return found


def _fit(name, curve, first, copies, means, whiten, n):
    """One curve, its standard errors from the whitened Jacobian, and its lack of fit."""
    lowest = [-np.inf] + [-1 / (2 * copies.max())] * (len(first) - 1)
    solved = scipy.optimize.least_squares(
        lambda parameters: whiten @ (means - curve(copies, *parameters)),
        first,
        bounds=(lowest, np.inf),
        x_scale="jac",
    )
    misfit, k = 2 * solved.cost, len(first)
    free = len(copies) - k
    t2 = misfit * (n - free) / ((n - 1) * free)
    errors = np.sqrt(np.diag(np.linalg.pinv(solved.jac.T @ solved.jac)))
    return Fit(name, solved.x, errors, _aicc(misfit, k, n), scipy.stats.f.sf(t2, free, n - free))


def _aicc(misfit, k, n):
    return misfit + 2 * k + 2 * k * (k + 1) / (n - k - 1)
