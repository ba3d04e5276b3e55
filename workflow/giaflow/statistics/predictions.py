"""What a model predicts of an experiment's conditions, background by background."""

from dataclasses import dataclass, field

import numpy as np

from giaflow.statistics import effect_tables
from giaflow.statistics.contrasts import rows_of


@dataclass(frozen=True)
class Predictions:
    """Predictions of every condition of an experiment on the same N backgrounds.

    Attributes
    ----------
    labels : list of dict
        C of them, the labels of each condition.
    prediction : numpy.ndarray
        (C, N, T) float32 of the edited backgrounds, in model units.
    baseline : numpy.ndarray
        (N, T) float32 of the unedited backgrounds.
    changed : numpy.ndarray
        (C, N) bool, True where an edit changed a letter.
    targets : tuple of str
        T names.
    unit : str
        Of the predictions.
    measures : dict of str to numpy.ndarray
        (N,) what the experiment measured on each background, such as a distance.
    clusters : numpy.ndarray or None
        (N,) int64, equal where backgrounds are not independent; None if all are.
    energy : numpy.ndarray
        (C, F) kcal/mol of the first F edited backgrounds; F is 0 if none was folded.
    conditioning : str
        How the backgrounds were chosen by a value, in words; empty if they were not.
    half_width : numpy.ndarray or None
        (T,) precision at which the run was to stop.
    """

    labels: list
    prediction: np.ndarray
    baseline: np.ndarray
    changed: np.ndarray
    targets: tuple
    unit: str = ""
    measures: dict = field(default_factory=dict)
    clusters: np.ndarray | None = None
    energy: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    conditioning: str = ""
    half_width: np.ndarray | None = None

    def rows(self, contrast):
        """Indices (n,) of the backgrounds that a contrast counts."""
        return rows_of(contrast, len(self.baseline), self.changed)

    def effects(self, contrast):
        """Values (n, T) of a contrast on those backgrounds."""
        return effect_tables.effects(contrast, self.prediction, self.baseline, self.changed)

    def units(self, rows):
        """Labels of the independent units that backgrounds belong to."""
        return rows if self.clusters is None else self.clusters[rows]
