"""What every registered experiment must do."""

import json

import numpy as np
import pytest

from giaflow.design import BACKGROUND, EFFECT, Contrast, Figure
from giaflow.edits import Condition
from giaflow.experiments import REGISTRY
from giaflow.patterns import Pattern
from giaflow.seeds import generator

LENGTH = 43
PATTERNS = [Pattern("a", "GATTACA"), Pattern("b", "CCNGG"), Pattern("a~1", "TACAGAT", "a")]
# The least that an experiment without defaults needs.
REQUIRED = {
    "copies": {"pattern": "GATTA", "most": 3},
    "spacing": {"first": "GAT", "second": "CCTA", "gaps": [0, 2, 5]},
    "periodicity": {"first": "GAT", "second": "CC", "farthest": 30, "period": 6.0},
    "interaction": {
        "parts": {"a": {"text": "GATTA", "start": 3}, "b": {"text": "CCTA", "start": 20}}
    },
    "hairpin": {"pattern": "GCTGG"},
    "regional_composition": {"pattern": "GATTA"},
    "kmer_screen": {"k": 2},
    "motif_mutagenesis": {"pattern": "GATTA"},
    "flanks": {"pattern": "GANTA"},
}


@pytest.fixture(params=REGISTRY.names)
def experiment(request):
    module = REGISTRY.load(request.param)
    settings = module.Settings(**REQUIRED.get(request.param, {}))
    return module, settings, module.conditions(settings, PATTERNS, LENGTH, generator(0))


def test_it_says_what_it_estimates(experiment):
    module, *_ = experiment
    assert len(module.__doc__.split()) > 20
    assert all(field.description for field in module.Settings.model_fields.values())


def test_conditions_are_labelled_apart_and_fit(experiment):
    _, _, conditions = experiment
    assert conditions and all(isinstance(one, Condition) for one in conditions)
    texts = [json.dumps(one.labels, sort_keys=True) for one in conditions]
    assert len(set(texts)) == len(texts)
    assert len({tuple(one.labels) for one in conditions}) == 1
    codes = np.zeros((2, LENGTH), np.uint8)
    for one in conditions:
        assert one.apply(codes).shape == codes.shape


def test_contrasts_need_only_labels_and_cancel(experiment):
    """The tables are made in another job, which has the labels and no edits."""
    module, settings, conditions = experiment
    bare = [Condition(json.loads(json.dumps(one.labels)), ()) for one in conditions]
    contrasts = module.contrasts(settings, bare)
    assert contrasts and all(isinstance(one, Contrast) for one in contrasts)
    for one in contrasts:
        assert sum(one.weights.values()) == pytest.approx(0)
        assert all(index == BACKGROUND or 0 <= index < len(bare) for index in one.weights)
    keys = [(one.estimand, json.dumps(one.labels, sort_keys=True)) for one in contrasts]
    assert len(set(keys)) == len(keys)
    assert len({tuple(one.labels) for one in contrasts}) == 1
    assert any(one.estimand == EFFECT for one in contrasts)


def test_its_figure_names_a_column(experiment):
    module, settings, conditions = experiment
    assert isinstance(module.FIGURE, Figure)
    labels = module.contrasts(settings, conditions)[0].labels
    assert {module.FIGURE.x, module.FIGURE.hue} <= set(labels)


def test_it_is_pure(experiment):
    module, settings, conditions = experiment
    again = module.conditions(settings, PATTERNS, LENGTH, generator(0))
    assert [c.labels for c in again] == [c.labels for c in conditions]
    assert [c.edits for c in again] == [c.edits for c in conditions]
