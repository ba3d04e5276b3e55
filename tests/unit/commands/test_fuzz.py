"""A minute of mutated files: every reader reads them or says why not, in one clean sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

from commands.fuzz import SEEDS, judged, mutated

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"


@pytest.mark.parametrize("kind", SEEDS)
def test_the_files_that_are_mutated_are_read(kind, tmp_path, monkeypatch):
    """Else the readers would stop at the first line of every case."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.meme").write_text(SEEDS["matrix"][0])
    for text in SEEDS[kind]:
        path = tmp_path / "input.txt"
        path.write_text(text)
        assert judged(kind, path, text.encode()) == ""


def test_a_traceback_a_slow_case_and_an_unclear_message_are_findings(tmp_path, monkeypatch):
    from commands import fuzz
    from giaflow.base.checks import InputError

    for error, words in (
        (ValueError("odd"), "ValueError: odd"),
        (TimeoutError(), "took over 10 s"),
        (InputError("two\nlines"), "a message of 2 lines"),
        (InputError("some file is wrong"), "without the file's name"),
    ):

        def fail(*_, error=error):
            raise error

        monkeypatch.setattr(fuzz, "read", fail)
        assert words in judged("bed", tmp_path / "input.txt", b"")


def test_mutations_repeat_with_their_seed():
    import numpy as np

    made = [mutated(SEEDS["bed"][0], np.random.default_rng(s)) for s in (3, 3, 4)]
    assert made[0] == made[1] != made[2] and made[0] != SEEDS["bed"][0].encode()


def test_a_minute_finds_only_clean_errors(tmp_path):
    command = [sys.executable, "-m", "commands.fuzz", "--seconds", "60", "--seed", "17"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(WORKFLOW)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
