"""A user's mistake ends in one sentence, exit code 1, and nothing half-written."""

import json

import numpy as np
import pytest
from conftest import LENGTH, STUDY

from giaflow.io.tables import read_provenance

keras = pytest.importorskip("keras")


def study_of_a_file(**model):
    """The tiny study on a network from a file, without attribution."""
    study = json.loads(json.dumps(STUDY))
    for key in ("attribution", "motifs"):
        del study[key]
    # Its band reads a target of the trained network.
    del study["nulls"]["letters"]
    study["models"] = {"mine": model}
    return study


def network(path, length=LENGTH, broken=False):
    sequence = keras.Input((length, 4))
    out = keras.layers.Dense(3)(keras.layers.GlobalAveragePooling1D()(sequence))
    model = keras.Model(sequence, out)
    weights = np.arange(12, dtype=np.float32).reshape(4, 3)
    model.layers[-1].set_weights([weights * np.nan if broken else weights, np.zeros(3)])
    model.save(path)


def fails(done, *words):
    """The run failed with one sentence that holds these words, and no traceback."""
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    for word in words:
        assert word in said, said


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("seeds",), 3, ("config/config.yaml", "seeds", "did you mean 'seed'?")),
        (("nulls", "dinucleotide", "kind"), "dinuc", ("config.yaml:", "unknown kind 'dinuc'")),
        (("nulls", "letters", "kind"), "quantile", ("config.yaml:", "needs inputs: values")),
        (("experiments", "halves", "kind"), "spaces", ("unknown kind 'spaces'", "'spacing'")),
        (("patterns", "planted"), "A" * 61, ("patterns.planted", "has 61 letters", "length 60")),
    ],
)
def test_config_mistakes_stop_before_any_job(project, path, value, words):
    study = json.loads(json.dumps(STUDY))
    here = study
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    project.write_config(study)
    fails(project.snakemake("--cores", "1"), *words)
    assert not (project.folder / "results").exists()


def test_a_network_from_a_file_runs_and_a_swapped_file_is_noticed(project):
    network(project.folder / "mine.keras")
    output = {"targets": {"a": 2, "b": 0}, "unit": "log signal"}
    project.write_config(study_of_a_file(path="mine.keras", output=output))
    done = project.snakemake("--cores", "2", "--", "results/tables/global_importance.tsv")
    assert done.returncode == 0, done.stderr[-3000:]
    text = (project.folder / "results/tables/global_importance.tsv").read_text()
    assert "\ta\tlog signal\t" in text and "\tb\tlog signal\t" in text
    # There is one null model, and no layer before the network's only one.
    made = read_provenance(project.folder / "results/tables/null_robustness.tsv")
    assert made["reason"].startswith("no experiment ran on two null models")
    log = project.folder / "results/logs/predict_null/mine/dinucleotide.log"
    assert "no single layer before its last: nothing is embedded" in log.read_text()
    # The file is swapped, and only the last step is asked for, with the old plan beside it.
    network(project.folder / "mine.keras", broken=True)
    done = project.snakemake("--cores", "2", "--", "results/tables/global_importance.tsv")
    fails(done, "ERROR in rule import_model", "not finite")
    assert not (project.folder / "results/models/mine/model.json").exists()


def test_a_network_of_another_length_is_refused(project):
    network(project.folder / "mine.keras", length=50)
    project.write_config(study_of_a_file(path="mine.keras"))
    done = project.snakemake("--cores", "1", "--", "results/models/mine/model.json")
    fails(done, "the model takes 50 letters, but the config's length is 60")


def test_a_missing_network_is_named(project):
    project.write_config(study_of_a_file(path="none.keras"))
    fails(
        project.snakemake("--cores", "1"), "model none.keras not found", "mine: {path: my_network"
    )


def test_a_source_with_another_hash_is_refused(project):
    (project.folder / "toy.zip").write_bytes(b"PK something else")
    done = project.snakemake("--cores", "1", "--", "results/sequences/peaks/sequences.nc")
    fails(done, "source toy toy.zip has sha256", "is pinned")
    assert not (project.folder / "results/resources/toy/toy.zip").exists()
