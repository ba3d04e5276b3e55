"""The tables of a study, as a user reads them, against the truth."""

import json

import numpy as np
from scipy import stats as scipy_stats

from giaflow.laboratory.calibration import table
from giaflow.laboratory.truth import exact, has_exact, monte_carlo
from giaflow.nulls import REGISTRY, backgrounds, profile
from giaflow.stats import NOISE


def truths(oracle, design, null, reference, n, rng):
    """True values of a design's contrasts under a null model of a study, and their errors.

    Exact where the null model's positions are independent and edits only overwrite letters, by
    Monte Carlo on fresh backgrounds elsewhere.

    Parameters
    ----------
    oracle : giaflow.laboratory.oracle.Oracle
    design : giaflow.laboratory.designs.Design
    null : dict
        ``kind`` and ``settings`` of the null model.
    reference : numpy.ndarray
        (M, L) uint8 codes that it imitates.
    n : int
        Backgrounds of a Monte Carlo truth.
    rng : numpy.random.Generator

    Returns
    -------
    truth, error : numpy.ndarray
        (K, T) float64, the error as a standard error; 0 where exact.
    """
    settings = REGISTRY.load(null["kind"]).Settings(**null["settings"])
    if null["kind"] == "profile" and has_exact(oracle, design):
        truth = exact(oracle, design, profile.matrix(reference, settings))
        return truth, np.zeros_like(truth)

    def draw(count, rng):
        seed = int(rng.integers(2**31))
        return backgrounds(null["kind"], ("truth",), reference, count, seed, settings)[0]

    return monte_carlo(oracle, design, draw, n, rng)


def compare(name, rows, design, truth, error, targets, level):
    """Estimate minus truth of every row of a study's tables, in standard errors.

    Parameters
    ----------
    name : str
        Of the null model and the experiment.
    rows : pandas.DataFrame
        importance.tsv and contrasts.tsv of one run.
    design : giaflow.laboratory.designs.Design
    truth, error : numpy.ndarray
        (K, T), from `truths`.
    targets : tuple of str
    level : float
        Probability that the differences of right estimates all lie within the band.

    Returns
    -------
    pandas.DataFrame
        Columns of `calibration.COLUMNS`.
    """
    ordered = [json.dumps(json.loads(text), sort_keys=True) for text in rows["condition"]]
    found = rows.assign(condition=ordered).set_index(["estimand", "condition", "target"])
    width = -scipy_stats.norm.ppf((1 - level) / (2 * max(1, truth.size)))
    marks = []
    for k, contrast in enumerate(design.contrasts):
        condition = json.dumps(contrast.labels, sort_keys=True)
        for t, target in enumerate(targets):
            row = found.loc[(contrast.estimand, condition, target)]
            difference, scale = row["estimate"] - truth[k, t], np.hypot(row["se"], error[k, t])
            # A Monte Carlo truth of nothing is a sum of float noise, not exactly zero.
            silent = max(scale, abs(difference)) < NOISE
            value = 0.0 if silent else difference / max(scale, 1e-300)
            label = f"{name}: {contrast.estimand.replace('_', ' ')} {condition} on {target}"
            marks.append(("estimate in the tables, SE", label, value, -width, width))
    return table(marks)
