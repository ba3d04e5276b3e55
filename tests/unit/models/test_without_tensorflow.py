"""A plan runs without TensorFlow: importing it would cost each job seconds and 665 MB."""

import subprocess
import sys
from pathlib import Path

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"

PROGRAM = """
import sys
sys.path.insert(0, {path!r})
import numpy as np
from giaflow.models.plan.plan import Op, Plan, from_arrays, to_arrays
from giaflow.models.engine.incremental import IncrementalModel
from giaflow.models.plan.readouts import Target, with_targets

rng = np.random.default_rng(0)
conv = dict(kernel=rng.normal(size=(3, 4, 5)).astype(np.float32), bias=np.zeros(5, np.float32))
settings = dict(stride=1, dilation=1, left=1, groups=1)
ops = (Op("conv", "c", (0,), (1,), settings, conv),
       Op("activation", "a", (1,), (2,), dict(name="gelu", parameters={{}})))
plan = Plan(ops, {{0: (11, 4), 1: (11, 5), 2: (11, 5)}}, {{"h": 2}})
plan = from_arrays(to_arrays(with_targets(plan, [Target("t", "h", 3)])))
codes = rng.integers(0, 4, (2, 11)).astype(np.uint8)
edited = codes[None].repeat(3, 0)
edited[1:, :, 6] = 4
model = IncrementalModel(plan)
got = model.predict_edits(codes, [edited])
assert abs(got[2] - model.predict(edited[2])).max() < 1e-6 and (got[1] != got[0]).any()
heavy = [name for name in ("tensorflow", "keras", "pandas", "matplotlib") if name in sys.modules]
print("loaded", heavy)
"""


def test_a_plan_runs_without_tensorflow():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(path=str(WORKFLOW))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "loaded []"
