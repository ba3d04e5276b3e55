"""What every registered summary must do: rows of labels and values, one a target, from effects."""

import json
from typing import NamedTuple

import numpy as np
import pytest

from giaflow import experiments
from giaflow.edits.embed import Condition
from giaflow.edits.patterns import Pattern
from giaflow.experiments import summaries
from giaflow.experiments.run import analyse
from giaflow.statistics.contrasts import Result
from giaflow.statistics.effect_tables import CORE
from giaflow.statistics.predictions import Predictions
from giaflow.statistics.verdicts import Inference

LENGTH, N, TARGETS = 73, 37, ("one", "two", "three")
PATTERNS = [Pattern("a", "GATTACA"), Pattern("b", "CCNGG")]
# The least with which a summary has something to say.
REQUIRED = {
    "global_importance": {"random": 5},
    "knock_in": {"sequences": ["s"], "random": 5, "draws": 2},
    "position": {"starts": [3, 17, 41, 60]},
    "copies": {"pattern": "GATTA"},
    "spacing": {"first": "GAT", "second": "CCTA", "gaps": [0, 2, 5, 9]},
    "periodicity": {"first": "GAT", "second": "CCTA", "farthest": 53},
    "motif_pairs": {"nearest": 7, "farthest": 9, "period": None, "orientations": ["++", "-+"]},
    "interaction": {
        "parts": {"a": {"text": "GAT", "start": 3}, "b": {"text": "CC", "start": 9}},
        "direction": ["one", "three"],
    },
    "kmer_screen": {"k": 2},
    "regional_composition": {"pattern": "GATTA"},
    "motif_mutagenesis": {
        "pattern": "GATTA",
        "affinities": {"GATTA": 1.0, "GATTC": 2.5, "GATCA": 7.0, "CATTA": 4.0, "GAGTA": 11.0},
    },
    "occlusion": {"sequences": ["s"], "draws": 2, "sites": 2, "per_distance": 3},
    "double_removal": {"sequences": ["s"], "first": "GAT", "second": "CCTA", "per_distance": 3},
    "context": {"sequences": ["s"], "tiles": {"a": [3, 20], "b": [30, 41]}, "draws": 2},
    "context_search": {"sequences": ["s"], "width": 11, "draws": 1},
}


class Made(NamedTuple):
    """An experiment's conditions, with predictions of noise around levels."""

    name: str
    settings: object
    labels: list
    contrasts: list
    prediction: np.ndarray
    baseline: np.ndarray


@pytest.fixture(params=summaries.REGISTRY.names)
def made(request):
    module = experiments.REGISTRY.load(request.param)
    settings = module.Settings(**REQUIRED[request.param])
    rng = np.random.default_rng(0)
    listed = module.conditions(settings, PATTERNS, LENGTH, rng)
    # Summaries run in another job, which has the labels and no edits.
    labels = [json.loads(json.dumps(one.labels)) for one in listed]
    level = rng.uniform(1, 3, (len(labels), 1, len(TARGETS)))
    predictions = level + rng.normal(0, 0.3, (len(labels), N, len(TARGETS)))
    baseline = 1 + rng.normal(0, 0.3, (N, len(TARGETS)))
    contrasts = module.contrasts(settings, [Condition(one, ()) for one in labels])
    return Made(request.param, settings, labels, contrasts, predictions, baseline)


def inference():
    return Inference(np.array([0.1, 0.2, 0.3]), 0.95, np.random.default_rng(1), TARGETS)


def whole(made, prediction):
    """All changed by every condition, with what the experiments measure on each."""
    measures = {"a and b": 20.0 + np.arange(N) % 7, "distance": 31.0 + np.arange(N) % 5}
    measures |= {"round 1": 11.0 * (np.arange(N) % 3)}
    changed = np.ones(prediction.shape[:2], bool)
    return Predictions(made.labels, prediction, made.baseline, changed, TARGETS, "u", measures)


def table_of(made, prediction):
    return analyse(made.name, made.settings, whole(made, prediction), inference())


def test_it_belongs_to_an_experiment_and_says_what_it_does(made):
    module = summaries.REGISTRY.load(made.name)
    assert made.name in experiments.REGISTRY.names
    assert module.__doc__ and module.summarise.__doc__


def test_it_adds_rows_that_no_contrast_has(made):
    contrasts, predictions = made.contrasts, made.prediction
    effects = [predictions[k % len(predictions)] - made.baseline for k in range(len(contrasts))]
    summarise = summaries.of(made.name, made.settings, contrasts, whole(made, predictions))
    found = list(summarise(effects, inference()))
    assert found and all(isinstance(one, Result) for one in found)
    keys = [(one.estimand, one.only, json.dumps(one.labels, sort_keys=True)) for one in found]
    assert len(set(keys)) == len(keys)
    assert {one.only for one in found} <= {"", *TARGETS}
    assert not {one.estimand for one in found} & {one.estimand for one in contrasts}


def test_its_rows_share_the_table_s_columns_and_repeat(made):
    table = table_of(made, made.prediction)
    assert [column for column in table.columns if column in CORE] == list(CORE)
    assert not {"estimand", "unit"} & set(json.loads(table["condition"].iloc[-1]))
    bounded = table[table["ci_low"].notna() & table["ci_high"].notna()]
    assert (bounded["ci_low"] <= bounded["ci_high"]).all()
    again = table_of(made, made.prediction)
    assert table.drop(columns="control_pct").equals(again.drop(columns="control_pct"))


def test_the_rows_that_are_drawn_have_the_figure_s_columns(made):
    figure, table = experiments.REGISTRY.load(made.name).FIGURE, table_of(made, made.prediction)
    drawn = table[table["estimand"] == figure.estimand]
    assert len(drawn) and drawn[[figure.x, figure.hue]].notna().any().all()


def test_it_survives_conditions_without_an_effect(made):
    """A model that never looks: values are masked or zero, and nothing warns."""
    table = table_of(made, np.repeat(made.baseline[None], len(made.prediction), axis=0))
    assert "effect" not in set(table["verdict"])
