"""Run an experiment: predict its conditions on every background, and estimate its contrasts.

Everything that runs an experiment runs it here: the workflow's two jobs (`predict`, `analyse`), the
validation, the tests, and a person in a notebook (`run`).
"""

import json

import numpy as np

from giaflow.edits.embed import Condition
from giaflow.edits.patterns import Pattern
from giaflow.experiments import REGISTRY, summaries
from giaflow.experiments.constructs import Subjects, predict
from giaflow.experiments.positive_controls import control_effects
from giaflow.nulls.diagnostics import Settings as Diagnostics
from giaflow.nulls.diagnostics import extrapolating
from giaflow.sequences.folding import with_energies
from giaflow.statistics.effect_tables import Identity, add_control, effect_table
from giaflow.statistics.predictions import Predictions
from giaflow.statistics.smallest_effects import smallest_effects
from giaflow.statistics.verdicts import Inference


def run(kind, settings, patterns, subjects, model, rng, inference=None, **analysis):
    """Run one experiment on backgrounds or real sequences, and return its table.

    Parameters
    ----------
    kind : str
        A name in `giaflow.experiments.REGISTRY`, such as ``global_importance``.
    settings : Settings or dict
        Of that kind of experiment.
    patterns : dict of str to str, or list of giaflow.edits.patterns.Pattern
        Name to letters of what is embedded; for experiments on variants, pairs of alleles.
    subjects : numpy.ndarray or giaflow.experiments.constructs.Subjects
        (N, L) uint8 codes that are edited, independent of each other; or `Subjects`, which know
        what belongs together.
    model : giaflow.models.base.Model
    rng : numpy.random.Generator
        For what differs between backgrounds, such as random words.
    inference : giaflow.statistics.verdicts.Inference, optional
        How effects are judged; by default at 95 % confidence, with a tenth of the standard
        deviation of the unedited predictions as the smallest effect of interest.
    **analysis
        Further arguments of `analyse`.

    Returns
    -------
    pandas.DataFrame
        A row for each contrast and target, with the columns
        `giaflow.statistics.effect_tables.CORE` and the experiment's labels.

    Raises
    ------
    giaflow.base.checks.InputError
        If there is no such kind, or the patterns do not fit into the sequences.

    Notes
    -----
    Koo & Ploenzke 2020, "Global importance analysis".
    """
    experiment = REGISTRY.load(kind)
    if isinstance(settings, dict):
        settings = experiment.Settings(**settings)
    if isinstance(patterns, dict):
        patterns = [Pattern(name, letters) for name, letters in patterns.items()]
    if not isinstance(subjects, Subjects):
        subjects = Subjects(np.asarray(subjects), np.arange(len(subjects)))
    made = predict(experiment, settings, list(patterns), subjects, model, rng)
    predictions = predictions_of(made)
    if inference is None:
        sesoi = smallest_effects({}, predictions.targets, predictions.baseline)
        inference = Inference(sesoi, 0.95, rng, predictions.targets)
    return analyse(kind, settings, predictions, inference, **analysis)


def predictions_of(constructs):
    """The `Predictions` that filled `giaflow.experiments.constructs.Constructs` hold."""
    return Predictions(
        [condition.labels for condition in constructs.conditions],
        constructs.prediction,
        constructs.baseline,
        constructs.changed,
        tuple(constructs.model.targets),
        constructs.model.unit,
        constructs.measures,
        constructs.locus,
        constructs.energy,
        constructs.subjects.conditioning or "",
        constructs.half_width,
    )


def analyse(
    kind, settings, predictions, inference, *, identity=None, correction="bh", known=None,
    diagnostics=None, controls=None,
):  # fmt: skip
    """Estimate every contrast of an experiment, and what its summary adds.

    Parameters
    ----------
    kind, settings
        As in `run`, the settings as an object.
    predictions : giaflow.statistics.predictions.Predictions
    inference : giaflow.statistics.verdicts.Inference
    identity : giaflow.statistics.effect_tables.Identity, optional
        Names of the study, model, null model and experiment, for the table's columns.
    correction : {"bh", "by", "holm"}
        How q is computed over the rows of one estimand.
    known : numpy.ndarray, optional
        (M, T) predictions of real sequences: effects are also given in their standard deviations,
        and contrasts that bring predictions beyond them are flagged ``extrapolates``.
    diagnostics : dict, optional
        Settings of `giaflow.nulls.diagnostics`: how far is beyond.
    controls : pandas.DataFrame, optional
        From `giaflow.experiments.positive_controls`, the 100 % marks of ``control_pct``.

    Returns
    -------
    pandas.DataFrame
    """
    experiment = REGISTRY.load(kind)
    # Labels as they come back from a file: a tuple has become a list.
    conditions = [Condition(json.loads(json.dumps(one)), ()) for one in predictions.labels]
    contrasts = experiment.contrasts(settings, conditions)
    beyond, spread = None, None
    if known is not None:
        spread = known.std(axis=0, dtype=np.float64)
        arms = predictions.prediction, predictions.baseline
        beyond = extrapolating(
            *arms, known, predictions.targets, Diagnostics(**(diagnostics or {}))
        )
    table = effect_table(
        contrasts,
        predictions,
        inference,
        identity or Identity(experiment=kind),
        summaries.of(kind, settings, contrasts, predictions),
        correction,
        extrapolates=beyond,
        spread=spread,
        given=bool(getattr(settings, "sequences", [])),
    )
    if predictions.energy.size:
        names = [json.dumps(one) for one in predictions.labels]
        table = with_energies(table, names, predictions.energy)
    marked = {} if controls is None else control_effects(controls)
    return add_control(table, predictions.unit, marked)
