"""The tools beside the workflow: make inspect, make docs."""

import subprocess
import sys

from conftest import ROOT


def run(tool, *arguments):
    command = [sys.executable, str(ROOT / "workflow" / tool), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_inspect_tells_the_gain_of_every_sweep(finished):
    done = run("inspect_model.py", finished.folder / "results/models/small/plan.npz")
    assert done.returncode == 0, done.stderr
    for word in ("single letters", "motif at every position", "second motif", "limit", "gain"):
        assert word in done.stdout
