"""What a job says when the machine fails it, and what it leaves."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from giaflow.io import run_lock
from giaflow.io.failures import failures

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"
JOB = """
import errno, os, signal, sys
from types import SimpleNamespace
sys.path.insert(0, {workflow!r})
from giaflow.io.files import atomic, write_text
from jobs import run as runner

def main(input, output, params, threads):
    {body}

class Params(dict):
    pass

runner.run(main, SimpleNamespace(
    log=["results/logs/train/small.log"], rule="train", threads=1, input={given},
    output=["results/models/a.tsv"], params=Params(seed=3, code="f00d"),
    resources={{"mem_mb": 71}}, config={{"store": None, "content": {content}}},
))
"""


@pytest.fixture
def run(tmp_path):
    """A function that runs a job whose main function has this body."""

    def run(body, given=(), content=()):
        known = {"given": list(given), "content": dict(content)}
        code = JOB.format(workflow=str(WORKFLOW), body=body, **known)
        command = [sys.executable, "-c", code]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    (tmp_path / "results").mkdir()
    return run


RECORD = Path("results/logs/train/small.json")


def test_a_job_records_what_it_made(run, tmp_path):
    done = run("write_text('abc', output[0])")
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / RECORD).read_text())
    assert record["files"]["results/models/a.tsv"]["bytes"] == 3
    assert record["made"]["rule"] == "train" and record["made"]["seed"] == 3
    assert failures(tmp_path, 0) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise OSError(errno.ENOSPC, 'No space left on device')",
         ("No space left on device: ", " MB are free", "free some space")),
        ("raise MemoryError", ("out of memory; it asked for 71 MB", "train:mem_mb")),
        ("import numpy; numpy.zeros((1 << 62,), 'u1')", ("out of memory",)),
        ("raise OSError(errno.EIO, 'Input/output error')", ("see results/logs/train/small.log",)),
    ],
)  # fmt: skip
def test_a_fault_of_the_machine_is_one_sentence(run, tmp_path, body, words):
    done = run(body)
    assert done.returncode == 1 and done.stderr.startswith("ERROR in rule train: ")
    assert len(done.stderr.splitlines()) == 1
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / RECORD).exists()
    # The same sentence is found in the log, to be said again when the run ends.
    assert failures(tmp_path, 0) == [done.stderr.strip()]


def test_a_killed_job_leaves_no_record_and_is_found_by_its_log(run, tmp_path):
    done = run("""
    with atomic(output[0]) as temporary:
        temporary.write_text('half')
        os.kill(os.getpid(), signal.SIGKILL)""")
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / RECORD).exists() and not (tmp_path / "results/models/a.tsv").exists()
    (reason,) = failures(tmp_path / "results/logs", 0)
    assert "train/small.log was killed" in reason and "memory" in reason
    assert len(run_lock.sweep(tmp_path / "results")) == 1


def test_a_job_that_outlives_its_run_changes_nothing(run, tmp_path):
    """While it works, its run ends and another one takes the folder."""
    done = run("""
    from giaflow.io import run_lock
    write_text('ours', output[0])
    run_lock.take('results')
    write_text("the orphan's", output[0])""")
    assert done.returncode == 1 and "the run that started this job" in done.stderr
    assert (tmp_path / "results/models/a.tsv").read_text() == "ours"
    assert not (tmp_path / RECORD).exists()
    assert [path.name for path in (tmp_path / "results/models").iterdir()] == ["a.tsv"]


GIVEN = {"a.fa": hashlib.sha256(b"ACGTACG").hexdigest()}
SWAP = "os.replace('b.fa', 'a.fa')"
# What the main process remembers of input files.
MEMORY = Path("results/logs/.contents")


@pytest.fixture
def inputs(tmp_path):
    """An input, another file of the same size and an older date, and what is remembered."""
    (tmp_path / "a.fa").write_text("ACGTACG")
    (tmp_path / "b.fa").write_text("TTTTTTT")
    os.utime(tmp_path / "b.fa", (10**9, 10**9))
    (tmp_path / MEMORY).parent.mkdir(parents=True)
    (tmp_path / MEMORY).write_text("{}")
    return tmp_path


def test_a_job_records_what_it_read(run, inputs):
    done = run("write_text(open('a.fa').read(), output[0])", ["a.fa", "b.fa"], GIVEN)
    assert done.returncode == 0, done.stderr
    assert json.loads((inputs / RECORD).read_text())["inputs"] == GIVEN
    assert (inputs / MEMORY).exists()


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (f"{SWAP}; write_text(open('a.fa').read(), output[0])", GIVEN),
        (f"text = open('a.fa').read(); {SWAP}; write_text(text, output[0])", GIVEN),
        ("write_text('abc', output[0])", {"a.fa": "what is remembered was wrong"}),
    ],
    ids=["before", "behind", "never"],
)
def test_an_input_that_is_not_what_the_run_began_with_ends_the_job(run, inputs, body, content):
    done = run(body, ["a.fa"], content)
    said = "a.fa changed while this run read it, so nothing is made from it; run the workflow again"
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"ERROR in rule train: {said}" in done.stderr
    assert not (inputs / "results/models/a.tsv").exists() and not (inputs / RECORD).exists()
    # The next run hashes the file itself.
    assert not (inputs / MEMORY).exists()
