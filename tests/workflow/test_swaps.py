"""An input that is swapped while a run reads it: nothing wrong is kept, the next run mends it."""

import json
import os
import subprocess
import sys

import pytest
from conftest import make_project
from test_mistakes import fails, network
from test_reruns import fasta, study

SEQUENCES = "results/sequences/peaks/sequences.nc"
RECORD = "results/models/mine/model.json"
PREDICTIONS = "results/models/mine/predictions.nc"
READ, ENDED = "    # read", "    # ended"
# A script of the project's copy swaps its input for what lies in a folder beside, if it does.
SWAP = """
{0}for name in __import__("glob").glob("next/*"):
{0}    __import__("os").replace(name, __import__("os").path.basename(name))
"""
# What every script ends with: the job, to its record, is between the two marks.
JOB = "run(main, snakemake)\n"


def mark(project, script, line, mark):
    """Let a script swap its input before (`READ`) or after (`ENDED`) a line of its own."""
    path = project.folder / "workflow" / "scripts" / script
    text = path.read_text()
    assert text.count(line) == 1
    indent = line[: len(line) - len(line.lstrip())]
    swap = SWAP.format(indent)
    path.write_text(text.replace(line, swap + line if mark == READ else line + swap))


@pytest.fixture
def project(tmp_path):
    """A study on a network and sequences of the user's own; nothing was run yet."""
    made = make_project(tmp_path / "project", study())
    network(made.folder / "mine.keras")
    for seed, name in enumerate(("peaks.fa", "others.fa")):
        (made.folder / name).write_text(fasta(seed))
    (made.folder / "next").mkdir()
    return made


def other(project, file):
    """Put another file, of an older date, where the next swap takes it from."""
    path = project.folder / "next" / file
    if file.endswith("fa"):
        path.write_text(fasta(7))
    else:
        network(path)
        path.write_bytes(path.read_bytes() + b"\0")
    os.utime(path, (10**9, 10**9))
    return path.read_bytes()


def first_letters(project):
    """The letters of the first sequence that a run has read."""
    code = (
        "import sys; sys.path.insert(0, 'workflow')\n"
        "from giaflow.io.arrays import read_arrays\n"
        "from giaflow.base.alphabet import decode\n"
        f"print(decode(read_arrays({SEQUENCES!r})['codes'].values[0]))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def run(project, *targets):
    return project.snakemake("--cores", "2", "--", *targets)


def test_a_fasta_swapped_while_it_is_read(project):
    mark(project, "sequences.py", "    codes, masked, columns, dropped = found\n", READ)
    other(project, "peaks.fa")
    fails(run(project, SEQUENCES), "peaks.fa changed while this run read it", "run the workflow")
    assert not (project.folder / SEQUENCES).exists()
    done = run(project, SEQUENCES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert first_letters(project) == fasta(7).split("\n")[1]
    assert project.planned(SEQUENCES) == set()


def test_a_fasta_swapped_as_its_job_ends(project):
    mark(project, "sequences.py", JOB, ENDED)
    other(project, "peaks.fa")
    done = run(project, SEQUENCES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert first_letters(project) == fasta(0).split("\n")[1]
    assert project.planned(SEQUENCES) == {"sequences"}
    assert run(project, SEQUENCES).returncode == 0
    assert first_letters(project) == fasta(7).split("\n")[1]
    assert project.planned(SEQUENCES) == set()


def test_a_fasta_swapped_between_the_start_and_its_job(project):
    """And swapped back when the run has ended: what the run began with is what must be read."""
    old = (project.folder / "peaks.fa").read_bytes()
    # The log of a job is opened before its input is.
    mark(project, "sequences.py", JOB, READ)
    other(project, "peaks.fa")
    fails(run(project, SEQUENCES), "peaks.fa changed while this run read it")
    (project.folder / "peaks.fa").write_bytes(old)
    assert run(project, SEQUENCES).returncode == 0
    assert first_letters(project) == fasta(0).split("\n")[1]


def test_a_network_swapped_while_it_is_imported(project):
    line = "        model, targets, head, ops = open_file(input.model, params, threads)\n"
    mark(project, "import_model.py", line, ENDED)
    new = other(project, "mine.keras")
    fails(run(project, RECORD), "mine.keras changed while this run read it", "run the workflow")
    assert not (project.folder / RECORD).exists()
    assert run(project, PREDICTIONS).returncode == 0
    assert (project.folder / "mine.keras").read_bytes() == new
    assert project.planned(PREDICTIONS) == set()


def test_a_network_swapped_as_its_import_ends(project):
    mark(project, "import_model.py", JOB, ENDED)
    other(project, "mine.keras")
    fails(run(project, PREDICTIONS), "mine.keras changed while this run read it")
    old = json.loads((project.folder / RECORD).read_text())["sha256"]
    # The same command again, and the study is that of the new network.
    done = run(project, PREDICTIONS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((project.folder / RECORD).read_text())["sha256"] != old
    assert project.planned(PREDICTIONS) == set()
