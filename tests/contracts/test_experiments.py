"""What every registered experiment must do."""

import json

import numpy as np
import pytest

from giaflow.base.alphabet import encode
from giaflow.edits.embed import Condition, chunks
from giaflow.edits.patterns import Pattern
from giaflow.edits.variants import Allele
from giaflow.experiments import REGISTRY, summaries
from giaflow.io.variants import Variant
from giaflow.statistics.contrasts import BACKGROUND, LEVEL, Contrast, Figure

LENGTH = 73
PATTERNS = [Pattern("a", "GATTACA"), Pattern("b", "CCNGG"), Pattern("a~1", "TACAGAT", "a")]
# The least that an experiment without defaults needs.
REQUIRED = {
    "spacing": {"first": "GAT", "second": "CCTA", "gaps": [0, 2, 5]},
    "periodicity": {"first": "GAT", "second": "CCTA", "farthest": 53},
    "motif_pairs": {"nearest": 7, "farthest": 11, "period": None},
    "copies": {"pattern": "GATTA"},
    "interaction": {"parts": {"a": {"text": "GAT", "start": 3}, "b": {"text": "CC", "start": 9}}},
    "hairpin": {"pattern": "GATTA"},
    "regional_composition": {"pattern": "GATTA"},
    "kmer_screen": {"k": 2},
    "motif_mutagenesis": {"pattern": "GATTA"},
    "flanks": {"pattern": "NGATN"},
    "occlusion": {"sequences": ["s"], "draws": 2, "sites": 1},
    "double_removal": {"sequences": ["s"], "first": "GAT", "second": "CCTA", "draws": 2},
    "tiles": {"sequences": ["s"], "width": 7, "draws": 2},
    "context": {"sequences": ["s"], "tiles": {"a": [3, 20], "b": [30, 41]}, "draws": 2},
    "context_distance": {"sequences": ["s"], "anchor": [3, 20], "tile": [30, 41], "draws": 2},
    "context_search": {"sequences": ["s"], "width": 11, "draws": 1},
    "knock_in": {"sequences": ["s"], "draws": 2},
    "variants": {"variants": ["v.vcf"], "sequences": ["s"]},
    "custom": {"conditions": {"x": [{"text": "GAT", "start": 3}]}},
}


def alleles(at, alt):
    """Both alleles of a variant of a sequence of nothing but A."""
    variant, own = Variant("chr1", at, "A", alt, "", ""), np.zeros((2, LENGTH), np.uint8)
    own[1, at] = encode(alt)[0]
    return [Allele(variant, each, at, at + 1) for each in own]


# What an experiment embeds, where that is no pattern.
GIVEN = {"variants": [alleles(3, "C"), alleles(40, "G")]}


@pytest.fixture(params=REGISTRY.names)
def experiment(request):
    module = REGISTRY.load(request.param)
    settings = module.Settings(**REQUIRED.get(request.param, {}))
    rng = np.random.default_rng(0)
    return (
        module,
        settings,
        module.conditions(settings, GIVEN.get(request.param, PATTERNS), LENGTH, rng),
    )


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
    codes = np.full((2, LENGTH), 4, np.uint8)
    donors = np.zeros((5, LENGTH), np.uint8)
    for one in conditions:
        assert one.apply(codes, donors).shape == codes.shape


def test_contrasts_need_only_labels_and_cancel(experiment):
    """The tables are made in another job, which has the labels and no edits."""
    module, settings, conditions = experiment
    bare = [Condition(json.loads(json.dumps(one.labels)), ()) for one in conditions]
    contrasts = module.contrasts(settings, bare)
    assert contrasts and all(isinstance(one, Contrast) for one in contrasts)
    for one in contrasts:
        assert sum(one.weights.values()) == pytest.approx(float(one.estimand == LEVEL))
        assert all(index == BACKGROUND or 0 <= index < len(bare) for index in one.weights)
    keys = [(one.estimand, json.dumps(one.labels, sort_keys=True)) for one in contrasts]
    assert len(set(keys)) == len(keys)
    assert len({tuple(one.labels) for one in contrasts}) == 1
    kind = module.__name__.rpartition(".")[2]
    added = (
        summaries.REGISTRY.load(kind).summarise.__doc__ if kind in summaries.REGISTRY.names else ""
    )
    drawn = module.FIGURE.estimand
    assert any(one.estimand == drawn for one in contrasts) or f"``{drawn}``" in added


def test_its_figure_names_a_column(experiment):
    module, settings, conditions = experiment
    assert isinstance(module.FIGURE, Figure)
    listed = module.contrasts(settings, conditions)
    if any(one.estimand == module.FIGURE.estimand for one in listed):
        assert {module.FIGURE.x, module.FIGURE.hue} <= set(listed[0].labels)
    else:
        # A summary makes the rows that are drawn; test_summaries.py holds their columns.
        assert module.__name__.rpartition(".")[2] in summaries.REGISTRY.names


def test_it_is_pure(experiment):
    module, settings, conditions = experiment
    given = GIVEN.get(module.__name__.rpartition(".")[2], PATTERNS)
    again = module.conditions(settings, given, LENGTH, np.random.default_rng(0))
    assert [c.labels for c in again] == [c.labels for c in conditions]
    rng = np.random.default_rng(1)
    codes, donors = (rng.integers(0, 4, (n, LENGTH), dtype=np.uint8) for n in (5, 31))
    # Instances for what is removed.
    codes[:, 9:16] = encode("GATTACA")
    for first, second in zip(conditions, again, strict=True):
        assert (first.apply(codes, donors) == second.apply(codes, donors)).all()


def test_part_of_the_backgrounds_is_edited_as_it_is_among_all(experiment):
    """So that jobs may share backgrounds, whatever an edit reads of its neighbours."""
    _, _, conditions = experiment
    rng = np.random.default_rng(2)
    codes, donors = (rng.integers(0, 4, (n, LENGTH), dtype=np.uint8) for n in (11, 37))
    codes[:, 9:16], codes[:, 40:44] = encode("GATTACA"), encode("CCTA")
    whole = np.concatenate(list(chunks(conditions, codes, donors=donors)))
    for start, stop in ((0, 11), (0, 4), (4, 10), (10, 11), (6, 11)):
        parts = chunks(conditions, codes, 23, donors, within=slice(start, stop))
        assert np.array_equal(np.concatenate(list(parts)), whole[:, start:stop])
