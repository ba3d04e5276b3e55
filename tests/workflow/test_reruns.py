"""What a user edits reruns exactly what depends on it: a network, sequences, experiments, nulls."""

import json
import os
import shutil

import numpy as np
import pytest
from conftest import LENGTH, STUDY, make_project
from test_mistakes import network

WANTED = [
    "results/tables/global_importance.tsv",
    "results/models/mine/experiments/dinucleotide/embed/figure.png",
]
STATISTICS = {"importance", "figure", "tables"}
EFFECTS = STATISTICS | {"experiment", "diagnostics", "positive_controls"}


def study(**experiments):
    embed = {"kind": "global_importance", "settings": {"scrambles": 2, "discovered": False}}
    return {
        **{key: STUDY[key] for key in ("seed", "length", "diagnostics")},
        "study": "reruns",
        "sequences": {"peaks": {"fasta": ["peaks.fa"]}, "others": {"fasta": ["others.fa"]}},
        "models": {"mine": {"path": "mine.keras", "output": {"targets": {"a": 0, "b": 2}}}},
        "nulls": {"dinucleotide": {"kind": "dinucleotide", "sequences": ["peaks"], "n": 13}},
        "patterns": {"planted": "TGACTCAGCA"},
        "experiments": {"embed": embed, **experiments},
    }


def edited(path, value):
    """The study with one key changed."""
    made = json.loads(json.dumps(study()))
    here = made
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return made


def fasta(seed):
    letters = np.random.default_rng(seed).choice(list("ACGT"), (53, LENGTH))
    return "".join(f">{i}\n{''.join(row)}\n" for i, row in enumerate(letters))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The study on a network and sequences of the user's own, after its run."""
    project = make_project(tmp_path_factory.mktemp("reruns") / "project", study())
    network(project.folder / "mine.keras")
    for seed, name in enumerate(("peaks.fa", "others.fa")):
        (project.folder / name).write_text(fasta(seed))
    done = project.snakemake("--cores", "2", "--", *WANTED)
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.planned(*WANTED) == set()
    return project


@pytest.mark.parametrize(
    ("path", "value", "rules"),
    [
        (("patterns", "planted"), "TGACTCAGCC", EFFECTS),
        (("experiments", "embed", "settings", "scrambles"), 3, EFFECTS),
        (("experiments", "second"), {"kind": "position", "settings": {"patterns": ["planted"]}},
         EFFECTS - {"figure", "positive_controls"}),
        (("nulls", "dinucleotide", "n"), 17, EFFECTS | {"backgrounds", "predict_null"}),
        (("models", "mine", "output", "targets"), {"a": 0, "b": 1},
         EFFECTS | {"import_model", "predict_null", "predict_sequences"}),
        (("statistics",), {"confidence": 0.9}, STATISTICS | {"positive_controls"}),
        # The tables of performance and diagnostics name the study.
        (("study",), "renamed", STATISTICS | {"predict_sequences", "diagnostics"}),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else None,
)  # fmt: skip
def test_an_edit_of_the_config(made, path, value, rules):
    try:
        made.write_config(edited(path, value))
        assert made.planned(*WANTED) == rules
    finally:
        made.write_config(study())


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("peaks.fa", EFFECTS | {"sequences", "backgrounds", "predict_null", "predict_sequences"}),
        # Predictions of all sets are in one file; the experiments do not read it.
        ("others.fa", STATISTICS | {"sequences", "predict_sequences", "diagnostics"}),
        ("mine.keras", EFFECTS | {"import_model", "predict_null", "predict_sequences"}),
    ],
)
def test_an_edit_of_a_file(made, file, rules, tmp_path):
    """Also where the new content carries an older date, as a copy that keeps dates does."""
    path = made.folder / file
    shutil.copy2(path, tmp_path / file)
    try:
        if file.endswith("fa"):
            path.write_text(fasta(7))
        else:
            network(path, broken=True)
        # Older than all results, as if it had been copied there with its date.
        os.utime(path, (10**9, 10**9))
        assert made.planned(*WANTED) == rules
    finally:
        shutil.copy2(tmp_path / file, path)
    assert made.planned(*WANTED) == set()


@pytest.mark.parametrize("file", ["peaks.fa", "mine.keras"])
def test_a_file_of_the_same_content_reruns_nothing(made, file, tmp_path):
    """Touched, copied anew, or reached through a link."""
    path = made.folder / file
    path.touch()
    assert made.planned(*WANTED) == set()
    shutil.copyfile(path, tmp_path / file)
    path.unlink()
    path.symlink_to(tmp_path / file)
    assert made.planned(*WANTED) == set()
    path.unlink()
    shutil.copyfile(tmp_path / file, path)
