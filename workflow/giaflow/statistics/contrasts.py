"""The vocabulary of designs: contrasts between conditions, and how a result is drawn."""

from dataclasses import dataclass

import numpy as np

# Stands for the unedited background in a contrast.
BACKGROUND = -1

# Weights of what is not edited.
INTACT = {BACKGROUND: 1.0}

EFFECT = "global_importance"

# The mean prediction itself, for ratios: the one estimand whose weights add up to 1.
LEVEL = "level"


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of conditions on the same backgrounds, averaged over backgrounds.

    Attributes
    ----------
    labels : dict
        Column names and JSON values of its row; every contrast of a design has the same columns.
    weights : dict of int to float
        Index of a condition (or `BACKGROUND`) to its weight; weights add up to 0.
    estimand : str
        What is estimated: ``global_importance`` (condition minus background), ``interaction``
        (AB - A - B + background), ``specific_importance`` (pattern minus its scrambled controls).
    sweep : str
        Contrasts of one estimand and sweep share a simultaneous band; empty for none.
    step : int
        Every how many backgrounds one counts: 2 for a `giaflow.edits.embed.Redraw`.
    flags : str
        Comma-separated cautions about the construct.
    present : bool
        Count only backgrounds that each of its conditions changed, such as sequences that hold
        the patterns that are removed.
    first : bool or None
        Count the first background alone, which a condition may replace by a sequence of its own
        (True), or all but it (False).
    log : bool
        Weigh the logarithms of predictions: a multiplicative scale, undefined (nan) if one of
        them is not positive.
    row : bool
        Whether it has a row in the tables; if not, only a summary reads it.
    only : str
        The one target it is about; empty for all.
    """

    labels: dict
    weights: dict
    estimand: str = EFFECT
    sweep: str = ""
    step: int = 1
    flags: str = ""
    present: bool = False
    first: bool | None = None
    log: bool = False
    row: bool = True
    only: str = ""

    @property
    def unit(self):
        """Unit of its values; empty for the model's."""
        return "log ratio" if self.log else ""

    @property
    def causal(self):
        """Its name in the language of interventions, or empty.

        ``ACE``: E[y | do(S)] - E[y], the average causal effect of an edit S (removing S: its
        negative). ``ACE difference``: E[y | do(S)] - E[y | do(S')], in which what both edits
        delete cancels; several S are averaged.
        """
        gained = sum(weight for weight in self.weights.values() if weight > 0)
        if self.log or self.estimand == LEVEL or abs(gained - 1) > 1e-9:
            return ""
        alone = abs(abs(self.weights.get(BACKGROUND, 0.0)) - 1) < 1e-9
        return "ACE" if alone else "ACE difference" if BACKGROUND not in self.weights else ""

    def __post_init__(self):
        whole = 1 if self.estimand == LEVEL else 0
        if abs(sum(self.weights.values()) - whole) > 1e-9:
            raise ValueError(
                f"the weights of a contrast must add up to {whole}, got {self.weights}"
            )


def effect(index, labels, **options):
    """The contrast of one condition with the background."""
    return Contrast(labels, {index: 1.0, BACKGROUND: -1.0}, **options)


def means(conditions, *keys):
    """Weights of the mean over the conditions of each arm, an arm being the values of labels."""
    arms = {}
    for i, condition in enumerate(conditions):
        arms.setdefault(tuple(condition.labels[key] for key in keys), []).append(i)
    return {arm: {i: 1 / len(members) for i in members} for arm, members in arms.items()}


def combined(*terms):
    """Weights of a sum of (factor, weights)."""
    total = {}
    for factor, weights in terms:
        for i, weight in weights.items():
            total[i] = total.get(i, 0.0) + factor * weight
    return total


def rows_of(contrast, n, changed=None):
    """Indices of the backgrounds, of n, that a contrast counts; `changed` (C, N) bool or None."""
    # A redrawn window has an effect on the first of each pair of backgrounds alone.
    rows = np.arange(0, n // contrast.step * contrast.step, contrast.step)
    if contrast.first is not None:
        rows = rows[:1] if contrast.first else rows[1:]
    if contrast.present and changed is not None:
        used = [index for index in contrast.weights if index != BACKGROUND]
        rows = rows[changed[used].all(axis=0)[rows]]
    return rows


def weigh(contrast, predictions, baseline, changed=None):
    """Per-background values (n, T) float64 of a contrast.

    Parameters
    ----------
    contrast : Contrast
    predictions : numpy.ndarray
        (C, N, T) of the conditions.
    baseline : numpy.ndarray
        (N, T) of the unedited backgrounds.
    changed : numpy.ndarray, optional
        (C, N) bool, which backgrounds a condition changed.
    """
    rows = rows_of(contrast, len(baseline), changed)
    total = np.zeros((len(rows), baseline.shape[1]), np.float64)
    for index, weight in contrast.weights.items():
        arm = (baseline if index == BACKGROUND else predictions[index])[rows]
        # Differences are taken in float64: single precision would round them again.
        arm = arm.astype(np.float64)
        if contrast.log:
            arm = np.log(np.where(arm > 0, arm, np.nan))
        total += weight * arm
    return total


@dataclass(frozen=True)
class Result:
    """A row of a summary: a statistic that is not a linear contrast of predictions.

    Attributes
    ----------
    labels : dict
        Column names and JSON values of its row.
    estimand : str
        What is estimated, for example ``fold`` or ``slope``.
    found : giaflow.statistics.estimates.Estimate
        Values (T,).
    unit : str
        Unit of the values; empty for the model's.
    flags : str
    only : str
        The one target it is about; empty for all.
    n : int or None
        Backgrounds that it counts; None for as large a share of them as of the clusters.
    """

    labels: dict
    estimand: str
    found: object
    unit: str = ""
    flags: str = ""
    only: str = ""
    n: int | None = None


@dataclass(frozen=True)
class Figure:
    """How a result table is drawn.

    Attributes
    ----------
    kind : {"forest", "profile", "matrix"}
        Estimates by name, along a number, or by position and letter.
    x : str
        Column of the names or the number.
    x_label : str
        With its unit.
    hue : str
        Column whose values get colours or markers.
    many : str
        Column that takes the colours where it has several values among the rows whose hue is
        ``pair``; then only those rows are drawn. Empty for none.
    estimand : str
        Which rows are drawn.
    below : str
        Estimand of a second row of panels, where there is one.
    beside, beside_unit : str
        Column of a number that stands beside each name of a forest, and its unit; empty for none.
    panel : str
        Column whose values have a panel each.
    reference : float
        Where there is no effect: a line is drawn.
    top : int
        Draw this many of the largest estimates only; 0 draws all.
    by_size : bool
        Whether the largest are those furthest from 0.
    alphabet : {"ACGT", "ACGU"}
        Letters that are shown; the rules set it to the study's.
    """

    kind: str
    x: str
    x_label: str
    hue: str
    estimand: str = EFFECT
    below: str = "interaction"
    top: int = 0
    by_size: bool = False
    many: str = ""
    beside: str = ""
    beside_unit: str = ""
    panel: str = "target"
    reference: float = 0.0
    alphabet: str = "ACGT"
