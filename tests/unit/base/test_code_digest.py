"""The code digest changes with what a script depends on, and with nothing else."""

import shutil
from pathlib import Path

import pytest

from giaflow.base import code_digest

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"
SCRIPTS = sorted(path.name for path in (WORKFLOW / "scripts").glob("*.py"))
STATISTICS = {"importance.py", "controls.py", "tables.py", "second_order_pairs.py"}
CALIBRATION = {"calibrate.py", "truth.py", "calibration_passed.py", "marks.py", "learned.py"}
PLUGIN = "giaflow.experiments.kinds.spacing"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A copy of workflow/ in which digests are taken."""
    shutil.copytree(WORKFLOW, tmp_path / "workflow")
    monkeypatch.setattr(code_digest, "ROOT", tmp_path / "workflow")
    return tmp_path / "workflow"


def forget():
    """What was read and digested before an edit."""
    code_digest._read.cache_clear()
    code_digest.code_digest.cache_clear()


def digests():
    forget()
    return {script: code_digest.code_digest(script) for script in SCRIPTS}


def changed(tree, file, text="\nEXTRA = 1\n"):
    """Names of the scripts whose digest an edit of a file changes."""
    before = digests()
    path = tree / file
    path.write_text(path.read_text() + text)
    after = digests()
    return {script for script in SCRIPTS if before[script] != after[script]}


@pytest.mark.parametrize(
    ("file", "affected"),
    [
        (
            "giaflow/plot/theme.py",
            {name for name in SCRIPTS if name.startswith("figure")},
        ),
        ("giaflow/plot/page/pages.py", {"tables.py", "calibration.py", "published.py"}),
        (
            "giaflow/statistics/effect_tables.py",
            {"importance.py", "controls.py", "tables.py"} | CALIBRATION,
        ),
        ("giaflow/statistics/estimates.py", STATISTICS | CALIBRATION),
        ("giaflow/models/training/fitting.py", {"train.py"}),
        ("giaflow/attribution/modisco.py", {"modisco.py", "catalogue.py"}),
        ("giaflow/config/__init__.py", set()),
        ("giaflow/base/alphabet.py", None),
    ],
)
def test_an_edit_reaches_exactly_the_scripts_that_import_it(tree, file, affected):
    found = changed(tree, file)
    if affected is None:
        assert {"experiment.py", "train.py", "sequences.py"} <= found
    else:
        assert found == affected


@pytest.mark.parametrize("text", ["\n# a comment\n", "\n\n\n"])
def test_comments_and_blank_lines_do_not_count(tree, text):
    assert changed(tree, "giaflow/statistics/estimates.py", text) == set()


def test_docstrings_of_modules_functions_and_fields_do_not_count(tree):
    before = digests()
    for path in (tree / "giaflow").rglob("*.py"):
        path.write_text(path.read_text().replace('"""', '"""Other words: ', 1))
    path = tree / "giaflow" / "models" / "training" / "examples.py"
    path.write_text(path.read_text().replace("Passes over", "Rounds through"))
    assert digests() == before


def test_a_plug_in_counts_where_it_is_named(tree):
    def both():
        forget()
        digest = code_digest.code_digest
        return digest("experiment.py"), digest("experiment.py", PLUGIN)

    before = both()
    path = tree / "giaflow" / "experiments" / "kinds" / "spacing.py"
    path.write_text(path.read_text() + "\nEXTRA = 1\n")
    after = both()
    assert before[0] == after[0] and before[1] != after[1]


def test_the_digest_does_not_depend_on_where_the_tree_lies(tree):
    here = digests()
    code_digest.ROOT = WORKFLOW
    assert digests() == here


def test_the_digest_of_the_tree_notices_any_edit_as_it_happens(tree):
    before = code_digest.tree_digest()
    assert code_digest.tree_digest() == before
    found = {before}
    for file in ("giaflow/statistics/estimates.py", "scripts/train.py", "jobs/run.py"):
        path = tree / file
        path.write_text(path.read_text() + "\n# a comment\n")
        found.add(code_digest.tree_digest())
    assert len(found) == 4
