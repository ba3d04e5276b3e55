"""The tools beside the workflow: make inspect, make docs."""

import os
import subprocess
import sys

from conftest import ROOT


def run(tool, *arguments, cwd=None):
    command = [sys.executable, "-m", f"commands.{tool}", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def test_inspect_tells_the_gain_of_every_sweep(finished):
    done = run("inspect_models", finished.folder / "results/models/small/plan.npz")
    assert done.returncode == 0, done.stderr
    for word in (
        "single letters",
        "motif at every position",
        "second motif",
        "limit",
        "letters: ACGT (assumed)",
    ):
        assert word in done.stdout
