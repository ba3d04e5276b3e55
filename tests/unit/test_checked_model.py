"""Later jobs open only the file that the import rule has checked."""

import json

import numpy as np
import pytest

from checked_model import open_checked
from giaflow.checks import InputError
from giaflow.io.files import sha256, write_json

keras = pytest.importorskip("keras")


@pytest.fixture
def model_file(tmp_path):
    sequence = keras.Input((13, 4))
    out = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling1D()(sequence))
    keras.Model(sequence, out).save(tmp_path / "m.keras")
    plan = {
        "length": 13, "targets": {"b": 1, "a": 0}, "head": None, "unit": "logit", "batch": 5,
        "sha256": sha256(tmp_path / "m.keras"), "probe": {},
    }  # fmt: skip
    write_json(plan, tmp_path / "model.json")
    return tmp_path / "m.keras"


def test_the_plan_decides_what_is_read(model_file, rng):
    model = open_checked(model_file, model_file.with_name("model.json"), None)
    assert model.targets == ("b", "a") and model.unit == "logit" and model.batch == 5
    assert model.predict(rng.integers(0, 4, (7, 13), dtype=np.uint8)).shape == (7, 2)


def test_a_file_that_changed_is_refused(model_file):
    plan = model_file.with_name("model.json")
    content = json.loads(plan.read_text())
    model_file.write_bytes(model_file.read_bytes() + b" ")
    assert content["sha256"] != sha256(model_file)
    with pytest.raises(InputError, match=r"m\.keras changed since it was checked"):
        open_checked(model_file, plan, None)
