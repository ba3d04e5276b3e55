"""The tables of a study, as a user reads them, against the truth."""

import json
from dataclasses import dataclass

import numpy as np
from scipy import stats as scipy_stats

from giaflow.laboratory.calibration import table
from giaflow.laboratory.truth import exact, has_exact, monte_carlo
from giaflow.nulls import REGISTRY, backgrounds, profile
from giaflow.stats import NOISE

# Backgrounds for the spread and skewness of effects whose means are exact.
SPREAD = 2**18

# Probability that right estimates of one run leave their bands.
RISK = 0.001


@dataclass(frozen=True)
class Truth:
    """What is true of a design's contrasts under a null model; every attribute is (K, T).

    Attributes
    ----------
    mean, error : numpy.ndarray
        True effect, and the standard error of its own Monte Carlo; 0 where it is exact.
    sd, skewness : numpy.ndarray
        Of the effects over backgrounds.
    """

    mean: np.ndarray
    error: np.ndarray
    sd: np.ndarray
    skewness: np.ndarray


def truths(oracle, design, null, reference, n, rng):
    """The `Truth` of a design's contrasts under a null model of a study.

    Means are exact where the null model's positions are independent and edits only overwrite
    letters, else by Monte Carlo on fresh backgrounds, as spread and skewness are everywhere.

    Parameters
    ----------
    oracle : giaflow.laboratory.oracle.Oracle
    design : giaflow.laboratory.designs.Design
    null : dict
        ``kind`` and ``settings`` of the null model.
    reference : numpy.ndarray
        (M, L) uint8 codes that it imitates.
    n : int
        Backgrounds that the truth is measured on; where it is exact, at most `SPREAD` of them, for
        its spread.
    rng : numpy.random.Generator
    """
    settings = REGISTRY.load(null["kind"]).Settings(**null["settings"])

    def draw(count, rng):
        seed = int(rng.integers(2**31))
        return backgrounds(null["kind"], ("truth",), reference, count, seed, settings)[0]

    known = null["kind"] == "profile" and has_exact(oracle, design)
    mean, sd, skewness = monte_carlo(oracle, design, draw, min(n, SPREAD) if known else n, rng)
    if known:
        mean = exact(oracle, design, profile.matrix(reference, settings))
    return Truth(mean, np.zeros_like(sd) if known else sd / np.sqrt(n), sd, skewness)


def compare(name, rows, design, truth, targets, risk=RISK):
    """Estimate minus truth of every row of a study's tables, in true standard errors.

    The band holds all rows together with probability 1 - `risk`. It is that of the mean of n
    effects with the true spread, normal or with the true skewness (Pearson's type III), whichever
    reaches further: where a few backgrounds make up an effect, a study that met none of them is as
    right as one that met two.

    Parameters
    ----------
    name : str
        Of the null model and the experiment.
    rows : pandas.DataFrame
        importance.tsv and contrasts.tsv of one run.
    design : giaflow.laboratory.designs.Design
    truth : Truth
    targets : tuple of str
    risk : float

    Returns
    -------
    pandas.DataFrame
        Columns of `calibration.COLUMNS`.
    """
    ordered = [json.dumps(json.loads(text), sort_keys=True) for text in rows["condition"]]
    found = rows.assign(condition=ordered).set_index(["estimand", "condition", "target"])
    tails = np.array([0.5, -0.5]) * risk / max(1, truth.mean.size) + [0, 1]
    marks = []
    for k, contrast in enumerate(design.contrasts):
        condition = json.dumps(contrast.labels, sort_keys=True)
        for t, target in enumerate(targets):
            row = found.loc[(contrast.estimand, condition, target)]
            difference = row["estimate"] - truth.mean[k, t]
            scale = np.hypot(truth.sd[k, t] / np.sqrt(row["n"]), truth.error[k, t])
            # A Monte Carlo truth of nothing is a sum of float noise, not exactly zero.
            silent = max(scale, abs(difference)) < NOISE
            value = 0.0 if silent else difference / max(scale, 1e-300)
            bend = truth.skewness[k, t] / np.sqrt(row["n"])
            # Skewness widens the band on its side; type III ends sharply on the other.
            reach = np.stack([scipy_stats.norm.ppf(tails), scipy_stats.pearson3.ppf(tails, bend)])
            low, high = reach[:, 0].min(), reach[:, 1].max()
            label = f"{name}: {contrast.estimand.replace('_', ' ')} {condition} on {target}"
            marks.append(("estimate in the tables, SE", label, value, low, high))
    return table(marks)
