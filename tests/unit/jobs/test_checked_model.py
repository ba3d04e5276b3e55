"""Later jobs open only the file that the import rule has checked."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from giaflow.base.alphabet import one_hot
from giaflow.base.checks import InputError
from giaflow.io.files import sha256, write_json, write_npz
from giaflow.models.plan.plan import from_arrays, to_arrays
from giaflow.models.planned_model import PlannedModel, checked_plan, make_plan
from jobs.models import open_checked

keras = pytest.importorskip("keras")
WORKFLOW = Path(__file__).resolve().parents[3] / "workflow"


@pytest.fixture
def model_file(tmp_path):
    sequence = keras.Input((13, 4))
    out = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling1D()(sequence))
    keras.Model(sequence, out).save(tmp_path / "m.keras")
    plan = {
        "length": 13, "targets": {"b": 1, "a": 0}, "head": None, "unit": "logit", "batch": 5,
        "letters": "ACGT",
        "sha256": sha256(tmp_path / "m.keras"), "laboratory": None,
    }  # fmt: skip
    write_json(plan, tmp_path / "model.json")
    write_npz({}, tmp_path / "plan.npz")
    return tmp_path / "m.keras"


def recorded(model_file):
    """The two files of the import rule."""
    return [model_file.with_name("model.json"), model_file.with_name("plan.npz")]


def test_the_plan_decides_what_is_read(model_file, rng):
    model = open_checked(model_file, recorded(model_file), None)
    assert model.targets == ("b", "a") and model.unit == "logit" and model.batch == 5
    assert model.predict(rng.integers(0, 4, (7, 13), dtype=np.uint8)).shape == (7, 2)


def test_a_file_that_changed_is_refused(model_file):
    plan = model_file.with_name("model.json")
    content = json.loads(plan.read_text())
    model_file.write_bytes(model_file.read_bytes() + b" ")
    assert content["sha256"] != sha256(model_file)
    with pytest.raises(InputError, match=r"m\.keras changed since it was checked"):
        open_checked(model_file, recorded(model_file), None)


def test_a_plan_that_predicts_otherwise_than_keras_is_not_used(model_file, rng, caplog):
    model = open_checked(model_file, recorded(model_file), None)
    arrays = make_plan(model)
    assert checked_plan(model, arrays, rng) is arrays
    assert checked_plan(model, {}, rng) == {}
    plan = from_arrays(arrays)
    for op in plan.ops:
        if "kernel" in op.weights:
            op.weights["kernel"] = op.weights["kernel"] * 1.01
    assert checked_plan(model, to_arrays(plan), rng) == {}
    assert "the plan is not used: it differs from Keras by" in caplog.text


def test_a_network_runs_from_its_plan_as_it_does_in_keras(model_file, rng):
    """What predict, predict_edits and gradient say is the network's, to float32's precision."""
    keras_model = open_checked(model_file, recorded(model_file), None)
    write_npz(make_plan(keras_model), model_file.with_name("plan.npz"))
    planned = open_checked(model_file, recorded(model_file), 1)
    assert isinstance(planned, PlannedModel) and planned.targets == keras_model.targets
    codes = rng.integers(0, 5, (7, 13), dtype=np.uint8)
    assert planned.predict(codes) == pytest.approx(keras_model.predict(codes), abs=1e-6)
    edited = np.stack([codes, codes[:, ::-1], np.roll(codes, 3, axis=1)])
    expected = keras_model.predict_edits(codes, iter([edited]))
    assert planned.predict_edits(codes, iter([edited])) == pytest.approx(expected, abs=1e-6)
    onehot = one_hot(codes)
    for target in planned.targets:
        expected = keras_model.gradient(onehot, target)
        assert planned.gradient(onehot, target) == pytest.approx(expected, abs=1e-6)


def test_a_plan_needs_no_tensorflow(model_file):
    keras_model = open_checked(model_file, recorded(model_file), None)
    write_npz(make_plan(keras_model), model_file.with_name("plan.npz"))
    code = (
        "import sys, numpy as np; from jobs.models import open_checked\n"
        "model = open_checked(sys.argv[1], sys.argv[2:4], 1)\n"
        "model.predict(np.zeros((3, 13), np.uint8))\n"
        "sys.exit(' '.join({'tensorflow', 'keras'} & set(sys.modules)) or 0)"
    )
    files = map(str, (model_file, *recorded(model_file)))
    command = [sys.executable, "-c", code, *files]
    done = subprocess.run(command, cwd=WORKFLOW, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_functionals_are_read_by_later_jobs_as_they_were_prepared(tmp_path, rng):
    """From the plan, and from Keras where there is none."""
    sequence = keras.Input((13, 4))
    heads = {
        "p": keras.layers.Conv1D(2, 3, padding="same", name="p")(sequence),
        "c": keras.layers.Dense(2, name="c")(keras.layers.GlobalAveragePooling1D()(sequence)),
    }
    keras.Model(sequence, heads).save(tmp_path / "m.keras")
    settings = {"profile": "p", "counts": "c", "positions": [4, 7]}
    record = {
        "length": 13, "targets": {"t": {"functional": "counts_at_summit", "settings": settings}},
        "head": None, "unit": "counts", "batch": 5, "sha256": sha256(tmp_path / "m.keras"),
        "laboratory": None, "letters": "ACGT",
    }  # fmt: skip
    write_json(record, tmp_path / "model.json")
    write_npz({}, tmp_path / "plan.npz")
    in_keras = open_checked(tmp_path / "m.keras", recorded(tmp_path / "m.keras"), None)
    arrays = make_plan(in_keras)
    write_npz(arrays, tmp_path / "plan.npz")
    planned = open_checked(tmp_path / "m.keras", recorded(tmp_path / "m.keras"), 1)
    assert isinstance(planned, PlannedModel) and planned.targets == in_keras.targets == ("t",)
    codes = rng.integers(0, 5, (7, 13), dtype=np.uint8)
    assert planned.predict(codes) == pytest.approx(in_keras.predict(codes), abs=1e-6)
    assert checked_plan(in_keras, arrays, rng) is arrays
