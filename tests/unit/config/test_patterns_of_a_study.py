"""Patterns from matrices and by name, from the config to what an experiment embeds."""

import json

import numpy as np
import pytest
from test_checks import RAW, changed

from giaflow.base.checks import InputError
from giaflow.config.checks import load_study
from giaflow.edits.pattern_references import Letters, dumped, loaded
from giaflow.edits.patterns import Pattern, draw
from giaflow.experiments import REGISTRY
from giaflow.io.matrices import matrix_of

JASPAR = {"jaspar": "MA0142.1"}
COUNTS = np.array([[1, 0, 2, 7], [3, 4, 3, 0], [0, 0, 10, 0]], float)


@pytest.fixture
def motif_file(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("A C G T\n2 3 2 3\n1 0 2 7\n3 4 3 0\n0 0 10 0\n")
    return str(path)


def loaded_study(patterns, kind=None, settings=None):
    raw = changed(("patterns",), {**RAW["patterns"], **patterns})
    if kind:
        raw["experiments"] = {"x": {"kind": kind, "settings": settings}}
    return load_study(raw, sources=["janggu"], read_matrix=matrix_of)


def test_a_matrix_is_its_consensus_or_sampled(motif_file):
    sources = {
        "plain": JASPAR,
        "sampled": {**JASPAR, "instances": "sampled"},
        "own": {"file": motif_file, "trim": 0.3, "instances": "sampled"},
    }
    letters = loaded_study(sources).letters
    assert letters["plain"] == "CTTTGTTATGCAAAT"
    assert type(letters["plain"]) is str
    assert str(letters["sampled"]) == letters["plain"]
    # Only the even first position has less than 0.3 bits.
    np.testing.assert_array_equal(letters["own"].matrix, COUNTS)


def test_sampled_instances_have_the_frequencies_of_the_matrix(rng):
    drawn = draw(Pattern.of("own", Letters("TCG", COUNTS)), rng).letters
    assert drawn.shape == (4096, 3)
    found = np.stack([np.bincount(column, minlength=4) for column in drawn.T]) / 4096
    np.testing.assert_allclose(found, COUNTS / 10, atol=0.03)
    assert (found[COUNTS == 0] == 0).all()


NAMED = {
    "spacing": {"first": "own", "second": "MARE", "gaps": [1, 4]},
    "periodicity": {"first": "own", "second": "own", "farthest": 60},
    "copies": {"pattern": "own"},
    "interaction": {"parts": {"a": {"text": "own", "start": 3}, "b": {"text": "GCC", "start": 90}}},
    "hairpin": {"pattern": "own"},
    "regional_composition": {"pattern": "own"},
    "motif_mutagenesis": {"pattern": "own"},
    "custom": {"conditions": {"x": [{"text": "own", "start": 3}]}},
    "position": {"patterns": ["own"]},
    "global_importance": {"patterns": ["own"]},
}


@pytest.mark.parametrize("kind", NAMED)
def test_an_experiment_embeds_sampled_instances_of_a_named_pattern(kind, motif_file, rng):
    sampled = {"file": motif_file, "instances": "sampled", "trim": 0.3}
    study = loaded_study({"own": sampled}, kind, NAMED[kind])
    # What reaches a job has been JSON.
    settings = study.experiments["x"].settings.model_dump(mode="json")
    settings = REGISTRY.load(kind).Settings(**json.loads(json.dumps(settings)))
    patterns = [Pattern.of("own", loaded(json.loads(json.dumps(dumped(study.letters["own"])))))]
    conditions = REGISTRY.load(kind).conditions(settings, patterns, 200, rng)
    codes = np.full((500, 200), 4, np.uint8)
    edited = np.stack([condition.apply(codes) for condition in conditions])
    # The first position of the motif is A, G or T in the shares 1, 2 and 7.
    assert (np.ptp(edited, axis=1).max(axis=1) > 0).any()
    two = [[c for c in np.unique(each) if c < 4] for each in edited.transpose(0, 2, 1)[0]]
    assert [0, 2, 3] in two


@pytest.mark.parametrize("kind", ["spacing", "copies", "hairpin"])
def test_a_named_text_is_the_same_as_its_letters(kind):
    named = json.loads(json.dumps(NAMED[kind]).replace('"own"', '"octamer"'))
    spelt = json.loads(json.dumps(NAMED[kind]).replace('"own"', '"ATGCAAA"'))
    if kind == "spacing":
        named["second"] = spelt["second"] = "TGCTGACTCAGCA"
    one, other = (
        loaded_study({"octamer": "ATGCAAA"}, kind, s).experiments["x"].settings
        for s in (named, spelt)
    )
    assert one == other


def test_arrangements_of_sampled_instances_are_not_collapsed():
    # A palindrome as a consensus; its instances are none.
    letters = Letters("ACGT", np.eye(4) + 0.1)
    spacing = REGISTRY.load("spacing")
    strands = ["++", "+-", "-+", "--"]
    text = spacing.Settings(first="ACGT", second="ACGT", gaps=[1], orientations=strands)
    drawn = spacing.Settings(first=letters, second=letters, gaps=[1], orientations=strands)
    assert len(spacing.arrangements(text)) == 1
    assert len(spacing.arrangements(drawn)) == 4


def test_letters_with_a_matrix_are_not_the_same_text():
    one, other = Letters("TCG", COUNTS), Letters("TCG", COUNTS + 1)
    assert one == loaded(dumped(one))
    assert one != other
    text = "TCG"
    assert one != text
    assert text != one
    assert len({one, other, text}) == 3


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({"jaspar": "MA0142.7"}, r"patterns.own: no matrix 'MA0142.7' in JASPAR2026; there are"),
        ({**JASPAR, "release": "JASPAR25"}, "patterns.own: unknown JASPAR release 'JASPAR25'"),
        ({"file": "absent.meme"}, "patterns.own: cannot read motif file absent.meme: No such file"),
        ({}, "patterns.own: give either jaspar or file"),
        ({**JASPAR, "file": "x"}, "patterns.own: give either jaspar or file"),
        ({**JASPAR, "name": "x"}, "release goes with jaspar, and name and rows with file"),
        ({**JASPAR, "trim": 1.99}, "patterns.own: no position has 1.99 bits; the best has 1"),
        ({**JASPAR, "trim": 2}, r"patterns.own.trim: .*less than 2"),
        ({"jasper": "MA0142.1"}, "patterns.own.jasper: unknown key 'jasper';.*mean 'jaspar'"),
        ({**JASPAR, "instances": "drawn"}, "patterns.own.instances: .*'consensus' or 'sampled'"),
        (3, "patterns.own: .*got 3"),
    ],
)
def test_a_matrix_that_is_none_is_one_sentence(pattern, message):
    with pytest.raises(InputError, match=message) as caught:
        loaded_study({"own": pattern}, "copies", {"pattern": "own"})
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("patterns", "name", "message"),
    [
        ({}, "octamre", r"has the letter 'E'; .*octamer, Oct-Sox, MARE; did you mean 'octamer'\?"),
        ({"GATA": "AGATAAG"}, "GATA", "both letters and the name of a pattern, AGATAAG: give"),
        ({}, 7, "letters or the name of a pattern are asked for, got 7"),
    ],
)
def test_a_name_that_is_none_is_one_sentence(patterns, name, message):
    with pytest.raises(InputError, match=message):
        loaded_study(patterns, "copies", {"pattern": name})
