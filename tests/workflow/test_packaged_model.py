"""A network of Keras 2 that takes any length, out of a downloaded package."""

import hashlib
import json
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
from conftest import make_project

from giaflow.io.tables import read_table

keras = pytest.importorskip("keras")
MEMBER = "toy_nets/models/old.h5"
# The convolution reads 5 letters: copies of 4 letters 8 apart share no unit.
STUDY = {
    "study": "packaged",
    "seed": 1,
    "length": 37,
    "sources": {"nets": "nets.zip"},
    "sequences": {"random": {"simulated": 11}},
    "models": {"old": {"source": "nets", "member": MEMBER, "output": {"targets": {"score": 0}}}},
    "nulls": {"uniform": {"kind": "uniform", "sequences": ["random"], "n": 60}},
    "patterns": {"site": "ACTA"},
    "experiments": {
        "copies": {"kind": "copies", "settings": {"pattern": "site", "slots": [3, 11, 19, 27]}}
    },
}


def write_old(path):
    """A network as Keras 2.1 wrote it: variable length, means over positions."""
    sequence = keras.Input((None, 4), name="input_5")
    hidden = keras.layers.Conv1D(7, 5, padding="same", name="conv")(sequence)
    hidden = keras.layers.Activation("relu", name="activation_5")(hidden)
    hidden = keras.layers.GlobalAveragePooling1D(name="pool")(hidden)
    network = keras.Model(sequence, keras.layers.Dense(1, name="dense3")(hidden))
    rng = np.random.default_rng(0)
    network.set_weights([rng.normal(size=weights.shape) for weights in network.get_weights()])
    network.save(path)
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        [first] = [one for one in config["config"]["layers"] if one["class_name"] == "InputLayer"]
        first["config"] = {
            "batch_input_shape": [None, None, 4], "dtype": "float32", "sparse": False,
            "name": "input_5",
        }  # fmt: skip
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.1.3"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose sources.tsv has a package with one network."""
    made = make_project(tmp_path_factory.mktemp("packaged") / "project", STUDY)
    write_old(made.folder / "old.h5")
    with zipfile.ZipFile(made.folder / "nets.zip", "w") as archive:
        archive.write(made.folder / "old.h5", MEMBER)
    digest = hashlib.sha256((made.folder / "nets.zip").read_bytes()).hexdigest()
    row = ("nets", "pypi", "nets", "1", "nets.zip", digest, "none", "a network")
    made.append("resources/sources.tsv", "\t".join(row) + "\n")
    return made


def test_copies_add_up_exactly_in_a_mean_over_positions(project):
    done = project.snakemake(
        "--cores", "2", "results/tables/global_importance.tsv", "results/tables/contrasts.tsv"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    taken = project.folder / "results" / "models" / "old" / "member" / "old.h5"
    assert taken.read_bytes() == (project.folder / "old.h5").read_bytes()
    found = read_table(project.folder / "results" / "tables" / "contrasts.tsv")
    residuals = found[found["estimand"] == "additivity_residual"]
    assert len(residuals) == 3
    assert residuals["estimate"].to_numpy() == pytest.approx(np.zeros(3), abs=1e-6)
    effects = read_table(project.folder / "results" / "tables" / "global_importance.tsv")
    labels = pd.DataFrame([json.loads(text) for text in effects["condition"]])
    alone = effects["estimate"][(labels["copies"] == 1) & (labels["arm"] == "one set of slots")]
    together = effects["estimate"][(labels["copies"] == 4) & (labels["arm"] == "one set of slots")]
    assert len(alone) == 4 and alone.abs().min() > 1e-3
    assert together.item() == pytest.approx(alone.sum(), abs=1e-5)


def test_a_member_that_is_not_there_is_named(project):
    old = {**STUDY["models"]["old"], "member": "toy_nets/models/odl.h5"}
    project.write_config({**STUDY, "models": {"old": old}})
    done = project.snakemake("--cores", "1", "results/models/old/model.json")
    assert done.returncode == 1
    assert "unknown member of nets.zip 'toy_nets/models/odl.h5'" in done.stdout + done.stderr
    assert "did you mean 'toy_nets/models/old.h5'" in done.stdout + done.stderr
