"""A second work directory takes from the store what the first one computed, and nothing else."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import STUDY, make_project

from commands.kill_tests import STUDY as SMALL
from commands.kill_tests import command

LAB = {
    **SMALL,
    "attribution": {"sequences": {"rnas": 70}, "methods": [{"method": "ism"}]},
    "store": {"folder": "../store"},
}
MANIFEST = "results/manifest.json"
DRAWN = "results/nulls/shuffled/backgrounds.nc"
PREDICTED = "results/models/oracle/experiments/shuffled/embed/predictions.nc"
# Every rule of the study below that takes part.
STORED = {"attribution", "backgrounds", "experiment", "predict_null", "predict_sequences"}


def run(folder, study, *targets):
    """Run a study in a folder of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(study))
    arguments = ["--", *targets] if targets else []
    done = subprocess.run([*command(), *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def answers(folder):
    """Rule -> what its logs say of the store: a list of words such as `from`, in order of files."""
    found = {}
    for path in sorted((folder / "results" / "logs").rglob("*.log")):
        text = path.read_text()
        if rule := re.search(r" INFO rule (\w+), ", text):
            words = re.findall(r" (from|not in) the store: key [0-9a-f]{64}$", text, re.MULTILINE)
            found.setdefault(rule[1], []).extend(words)
    return {rule: words for rule, words in found.items() if words}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The small study after one whole run, which filled the store."""
    folder = tmp_path_factory.mktemp("stores") / "first"
    run(folder, LAB)
    assert answers(folder) == {rule: ["not in"] for rule in STORED}
    return folder


def test_a_second_work_directory_computes_nothing_and_ends_with_the_same_manifest(first):
    second = first.parent / "second"
    run(second, LAB)
    assert answers(second) == {rule: ["from"] for rule in STORED}
    expected, found = (json.loads((folder / MANIFEST).read_text()) for folder in (first, second))
    # The report tells times.
    for entries in (expected, found):
        del entries["results/report.html"]
    assert found == expected and len(expected) > 20
    for file in expected:
        assert (second / file).read_bytes() == (first / file).read_bytes(), file
        assert not (second / file).is_symlink() and (second / file).stat().st_nlink == 1
    # Without the store nothing runs again.
    assert "Nothing to be done" in run(second, {**LAB, "store": None})


def test_coarse_jobs_take_what_fine_ones_kept(first):
    coarse = first.parent / "coarse"
    study = {**LAB, "jobs": {"grain": "coarse"}}
    run(coarse, study, "results/models/oracle/index/experiments.json")
    assert answers(coarse) == {
        "all_experiment": ["from"], "all_predict_null": ["from"], "backgrounds": ["from"]
    }  # fmt: skip
    assert (coarse / PREDICTED).read_bytes() == (first / PREDICTED).read_bytes()


def test_another_seed_never_hits(first):
    other = first.parent / "other"
    run(other, {**LAB, "seed": 1}, PREDICTED)
    found = answers(other)
    assert len(found) == 3 and {word for words in found.values() for word in words} == {"not in"}
    assert (other / PREDICTED).read_bytes() != (first / PREDICTED).read_bytes()


def test_a_damaged_result_is_computed_again(first):
    shutil.copytree(first.parent / "store", first.parent / "damaged")
    for path in (first.parent / "damaged").iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    mended = first.parent / "mended"
    run(mended, {**LAB, "store": {"folder": "../damaged"}}, DRAWN)
    assert (mended / DRAWN).read_bytes() == (first / DRAWN).read_bytes()
    log = (mended / "results/logs/backgrounds/shuffled.log").read_text()
    assert "is damaged (its backgrounds.nc is not the one that was made)" in log


def test_a_store_that_cannot_be_is_one_warning(first):
    alone = first.parent / "alone"
    said = run(alone, {**LAB, "store": {"folder": "../absent/store", "max_gb": 3.5}}, DRAWN)
    assert "WARNING: nothing is kept in the store ../absent/store: No such file" in said
    assert answers(alone) == {"backgrounds": ["not in"]}


def test_training_attribution_and_motifs_are_taken_too(finished, tmp_path):
    store = {"folder": str(finished.folder.parent / "store")}
    project = make_project(tmp_path / "project", {**STUDY, "store": store})
    done = project.snakemake("--cores", "2", "--", "results/models/small/motifs/catalogue.tsv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert answers(project.folder) == {
        rule: ["from"] for rule in ("attribution", "modisco", "train")
    }
    for file in ("model.keras", "training.tsv", "attribution/ism.nc", "attribution/saliency.nc",
                 "motifs/bound/modisco.h5"):  # fmt: skip
        path = Path("results/models/small") / file
        assert (project.folder / path).read_bytes() == (finished.folder / path).read_bytes(), file
