"""The tables of a study, as a user reads them, against the truth."""

import json
from dataclasses import dataclass

import numpy as np

from giaflow.base.alphabet import RNA, spelled
from giaflow.base.seeds import generator
from giaflow.experiments import REGISTRY
from giaflow.experiments.constructs import predict
from giaflow.statistics.effect_tables import effects
from giaflow.statistics.estimates import NOISE
from giaflow.validation.calibration.checks import table
from giaflow.validation.calibration.designs import Design
from giaflow.validation.oracles.oracle import Oracle
from giaflow.validation.truth.exact_means import means
from giaflow.validation.truth.tail_bounds import reach
from giaflow.validation.truth.truth import BLOCK, Moments, weight_table

# Backgrounds that tell spread and shape of effects; more are needed where means are not exact.
SPREAD = 2**15

# Share of a number by which it may be rounded in the tables, which have six digits.
ROUNDING = 5e-6

# Probability that right estimates of one run leave their bands.
RISK = 0.001


@dataclass(frozen=True)
class Run:
    """One experiment of a study on one null model.

    Attributes
    ----------
    kind : str
        Of the experiment.
    settings : giaflow.base.settings.Settings
    patterns : list
        What it was run on: patterns with their scrambles, or pairs of alleles.
    seed : int
        The study's.
    name : tuple of str
        Names of the null model and of the experiment.
    length : int
        L.
    """

    kind: str
    settings: object
    patterns: list
    seed: int
    name: tuple
    length: int

    @property
    def experiment(self):
        """The module of that kind."""
        return REGISTRY.load(self.kind)

    @property
    def rng(self):
        """The generator that the experiment draws its conditions from."""
        return generator(self.seed, "experiment", *self.name)

    def constructs(self, subjects, model):
        """All conditions on some subjects, predicted."""
        settings = self.settings
        if hasattr(settings, "energy"):
            # Folding takes time and changes no prediction.
            settings = settings.model_copy(update={"energy": 0})
        return predict(
            self.experiment, settings, self.patterns, subjects, model, self.rng, together=True
        )


@dataclass(frozen=True)
class Truth:
    """What is true of contrasts under a null model; every other attribute is (K, T).

    Attributes
    ----------
    contrasts : tuple of giaflow.statistics.contrasts.Contrast
        K of them, those with a row in the tables.
    mean, error : numpy.ndarray
        True value, and the standard error of its own Monte Carlo; 0 where it is exact.
    sd : numpy.ndarray
        Over backgrounds.
    samples : tuple of numpy.ndarray
        K of (M, T) float32, effects on some of them.
    """

    contrasts: tuple
    mean: np.ndarray
    error: np.ndarray
    sd: np.ndarray
    samples: tuple


def truths(model, run, population, n, rng, profiles=None):
    """The `Truth` of a run's contrasts.

    Means are exact where positions are independent and edits only write or move letters
    (`giaflow.validation.truth.exact_means`), else by Monte Carlo on fresh backgrounds and
    sequences, as spread and shape are everywhere. There the run itself is repeated on what is
    drawn.

    Parameters
    ----------
    model : giaflow.validation.oracles.oracle.Oracle or giaflow.models.base.Model
    run : Run
    population : giaflow.validation.truth.fresh_draws.Population
    n : int
        Backgrounds that the truth is measured on; where all of it is exact, at most `SPREAD` of
        them, for its spread.
    rng : numpy.random.Generator
    profiles : tuple of numpy.ndarray, optional
        (L, 4) letter probabilities of what is edited and of donors, if their positions are
        independent.
    """
    exact = _exact(model, run, profiles)
    total = n if np.isnan(exact).any() or not exact.size else min(n, SPREAD)
    moments, contrasts, kept = Moments(), [], []
    for start in range(0, total, BLOCK):
        size = min(BLOCK, total - start)
        drawn = run.experiment, run.settings, run.patterns, size, model, rng
        made = run.constructs(population.subjects(*drawn), model)
        contrasts = [contrast for contrast in made.contrasts if contrast.row]
        arrays = made.prediction, made.baseline, made.changed
        found = [effects(contrast, *arrays) for contrast in contrasts]
        moments.add(found)
        if start < SPREAD:
            kept.append([each.astype(np.float32) for each in found])
    mean, sd = moments.result(len(model.targets))
    known = ~np.isnan(exact) if exact.size else np.zeros(mean.shape, bool)
    error = np.where(known, 0, sd / np.sqrt(np.maximum(moments.counts, 1))[:, None])
    mean = np.where(known, exact if exact.size else 0, mean)
    samples = tuple(map(np.concatenate, zip(*kept, strict=True)))
    return Truth(tuple(contrasts), mean, error, sd, samples)


def _exact(model, run, profiles):
    """Exact values (K, T) of the contrasts with a row, nan where one has none; (0, T) if all."""
    searched = hasattr(run.experiment, "search") or hasattr(run.experiment, "choose")
    if profiles is None or searched or not isinstance(model, Oracle) or model.link is not None:
        return np.empty((0, len(model.targets)))
    conditions = run.experiment.conditions(run.settings, run.patterns, run.length, run.rng)
    listed = [c for c in run.experiment.contrasts(run.settings, conditions) if c.row]
    weights = weight_table(Design("", tuple(conditions), tuple(listed)))
    values = np.concatenate([means(model, conditions, *profiles), model(profiles[0][None])])
    found = weights @ np.nan_to_num(values)
    unknown = (weights != 0) @ np.isnan(values).any(axis=1)
    unknown |= [bool(c.log or c.present or c.first is not None) for c in listed]
    found[unknown] = np.nan
    return found


def compare(name, rows, truth, targets, risk=RISK):
    """Estimate minus truth of every row of a study's tables, in true standard errors.

    The band holds all rows together with probability 1 - `risk`. It is that of the mean of n
    effects of the true shape (`giaflow.validation.truth.tail_bounds`): where a few backgrounds make
    up an effect, a study that met none of them is as right as one that met two.

    Parameters
    ----------
    name : str
        Of the null model and the experiment.
    rows : pandas.DataFrame
        importance.tsv and contrasts.tsv of one run.
    truth : Truth
    targets : tuple of str
    risk : float

    Returns
    -------
    pandas.DataFrame
        Columns of `calibration.COLUMNS`.
    """
    # Tables of DNA write T where those of RNA write U.
    labels = [spelled(json.loads(text), RNA) for text in rows["condition"]]
    ordered = [json.dumps(each, sort_keys=True) for each in labels]
    found = rows.assign(condition=ordered).set_index(["estimand", "condition", "target"])
    tail = risk / 2 / max(1, truth.mean.size)
    marks = []
    for k, contrast in enumerate(truth.contrasts):
        condition = json.dumps(spelled(contrast.labels, RNA), sort_keys=True)
        for t, target in enumerate(targets):
            if contrast.only not in ("", target):
                continue
            row = found.loc[(contrast.estimand, condition, target)]
            difference = row["estimate"] - truth.mean[k, t]
            spread, rounded = truth.sd[k, t] / np.sqrt(row["n"]), ROUNDING * truth.mean[k, t]
            scale = np.linalg.norm([spread, truth.error[k, t], rounded])
            # A Monte Carlo truth of nothing is a sum of float noise, not exactly zero.
            silent = max(scale, abs(difference)) < NOISE
            value = 0.0 if silent else difference / max(scale, 1e-300)
            low, high = reach(truth.samples[k][:, t].astype(float), row["n"], tail)
            label = f"{name}: {contrast.estimand.replace('_', ' ')} {condition} on {target}"
            marks.append(("estimate in the tables, SE", label, value, low, high))
    return table(marks)
