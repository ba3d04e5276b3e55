"""The small plan that compiles the engine is a plan that runs, and covers an ordinary network."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from giaflow.models.engine.compile_ahead import LENGTH, small_plan
from giaflow.models.engine.incremental import IncrementalModel

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"
PROGRAM = """
import json, sys
from numba.core import event
sys.path.insert(0, sys.argv[1])
compiled = []
class Listener(event.Listener):
    def on_start(self, event):
        compiled.append(str(event.data["dispatcher"]))
    def on_end(self, event):
        pass
event.register("numba:compile", Listener())
from giaflow.models.engine.compile_ahead import compile_loops, small_plan
compile_loops()
first = len(compiled)
import numpy as np
from giaflow.models.engine.incremental import IncrementalModel
model = IncrementalModel(small_plan())
codes = np.zeros((7, model.length), np.uint8)
edited = codes[None].copy()
edited[:, :, 4:9] = 2
model.predict_edits(codes, [edited])
print(json.dumps([first, len(compiled)]))
"""


def test_its_edits_are_predicted_as_whole_sequences(rng):
    model = IncrementalModel(small_plan())
    codes = rng.integers(0, 4, (3, LENGTH), dtype=np.uint8)
    edited = rng.integers(0, 4, (2, 3, LENGTH), dtype=np.uint8)
    found = model.predict_edits(codes, [edited])
    whole = model.predict(edited.reshape(-1, LENGTH)).reshape(2, 3, 1)
    assert found == pytest.approx(whole, rel=1e-4, abs=1e-5) and np.ptp(whole) > 0


def test_nothing_is_left_to_compile_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    command = [sys.executable, "-c", PROGRAM, str(WORKFLOW)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, all_of_them = json.loads(done.stdout)
    assert first == all_of_them > 20
