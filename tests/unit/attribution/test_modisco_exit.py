"""Runs of TF-MoDISco that fail: what ends a study, and what only leaves it without motifs."""

import signal
import subprocess
import sys

import numpy as np
import pytest

from giaflow.attribution.modisco import arguments, check_scores
from giaflow.attribution.modisco_exit import why_it_stopped
from giaflow.base.alphabet import encode, one_hot
from giaflow.base.checks import InputError
from giaflow.io.motifs import write_modisco_input

SITE, N, LENGTH = "TGACTCA", 300, 60


def ended(code):
    """Exit code and standard error of a Python process that runs some code."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("max([])", "max() arg is an empty sequence"),
        ("raise BaseException('Cannot accept NaN weights.')", "Cannot accept NaN weights."),
        ("raise ValueError('Input X contains NaN.\\nSee also\\nhttps://x')", "contains NaN."),
        ("import numpy as np; np.linalg.inv(np.zeros((2, 2)))", "Singular matrix"),
        ("assert False", "AssertionError"),
        ("import sys\ntry: 1/0\nexcept Exception: sys.stderr.write('w\\n'); raise", "by zero"),
        ("import atexit\natexit.register(print, 'late', file=__import__('sys').stderr)\n1/0",
         "division by zero"),
        ("class A:\n def __del__(self): 1 + ''\na = A()\nraise KeyError('first')", "first"),
        ("try: 1/0\nexcept Exception: raise IndexError('the second') from None", "the second"),
        ("try: 1/0\nexcept Exception: raise IndexError('the second')", "the second"),
    ],
)  # fmt: skip
def test_contributions_that_cannot_be_used_are_a_reason_in_one_line(code, words):
    reason = why_it_stopped(*ended(code))
    assert reason.startswith("TF-MoDISco cannot use the contributions (")
    assert words in reason and "\n" not in reason and len(reason) < 300


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import absent_package", "No module named 'absent_package'"),
        ("raise OSError(28, 'No space left on device')", "No space left on device"),
        ("open('absent')", "FileNotFoundError"),
        ("raise KeyboardInterrupt", "ended by SIGINT"),
        ("import sys; sys.exit('Error: no such option')", "exit code 1: Error: no such option"),
        ("import sys; sys.exit(2)", "exit code 2: no message"),
    ],
)
def test_faults_of_the_installation_end_the_study(code, words):
    with pytest.raises(InputError) as error:
        why_it_stopped(*ended(code))
    assert words in str(error.value)


def test_want_of_memory_ends_the_study():
    with pytest.raises(MemoryError):
        why_it_stopped(*ended("raise MemoryError"))
    with pytest.raises(MemoryError):
        why_it_stopped(*ended("import numpy; numpy.empty(2**50)"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_killed_run_ends_the_study_and_names_the_signal(number):
    with pytest.raises(InputError, match=f"ended by {number.name}") as error:
        why_it_stopped(*ended(f"import os; os.kill(os.getpid(), {int(number)})"))
    assert ("modisco:mem_mb" in str(error.value)) == (number == signal.SIGKILL)


def contributions(rng):
    """Sequences with one site each, and scores that are 0 everywhere else."""
    codes, scores = rng.integers(0, 4, (N, LENGTH), dtype=np.uint8), np.zeros((N, LENGTH, 4))
    for i, at in enumerate(rng.integers(0, LENGTH - len(SITE), N)):
        codes[i, at : at + len(SITE)] = encode(SITE)
        scores[i, at : at + len(SITE)] = np.eye(4)[encode(SITE)] - 0.25
    return codes, scores


@pytest.mark.parametrize("kind", ["sign by sequence", "one negative letter"])
def test_tf_modisco_itself_fails_with_a_reason(kind, tmp_path):
    """What it cannot cluster: affinities that are nan, and no seqlets."""
    codes, scores = contributions(np.random.default_rng(1))
    if kind == "sign by sequence":
        scores[1::2] *= -1  # A leiden library raises a bare BaseException.
    else:
        scores[0, 0] = -1e-3
    check_scores(codes, scores)
    program = "from modiscolite.cli import cli; cli()"
    command = [sys.executable, "-c", program, "motifs", *arguments(LENGTH, 8, 2000)]
    command += write_modisco_input(one_hot(codes), scores, tmp_path)
    command += ["-o", str(tmp_path / "modisco.h5")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    assert "cannot use the contributions" in why_it_stopped(done.returncode, done.stderr)
