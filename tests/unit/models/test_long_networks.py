"""Importing a network on long sequences takes memory that grows with the length, not its square."""

import subprocess
import sys
from pathlib import Path

import pytest

WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"
IMPORT = """
import resource, sys
import keras, numpy as np
from giaflow.models.engine.saved_work import inspect
from giaflow.models.plan.plan import from_arrays
from giaflow.models.planned_model import checked_plan, make_plan
from giaflow.models.probing import probe
from giaflow.models.readers.keras_network import load_model

length, kind, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
sequence = tensor = keras.Input((length, 4))
if kind == "tower":
    for filters in (32, 48, 64, 64):
        tensor = keras.layers.Conv1D(filters, 9, padding="same", activation="relu")(tensor)
        tensor = keras.layers.MaxPooling1D(8)(tensor)
else:
    tensor = keras.layers.Conv1D(1, 7, activation="relu")(tensor)
mean = keras.layers.GlobalAveragePooling1D()(tensor)
network = keras.Model(sequence, keras.layers.Dense(1)(mean))
network.save(path)
model = load_model(path, length)
ops = checked_plan(model, make_plan(model), np.random.default_rng(0))
assert ops
inspect(from_arrays(ops))
probe(model, np.random.default_rng(1))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize(
    ("length", "kind"), [(30_000, "counter"), (32_768, "tower"), (131_072, "tower")]
)
def test_an_import_stays_within_what_its_rule_declares(tmp_path, length, kind):
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(length), kind, str(tmp_path / "long.keras")],
        cwd=WORKFLOW, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    kilobytes = int(done.stdout.split()[-1])
    print(length, kind, kilobytes)
    assert kilobytes < 2_500_000
