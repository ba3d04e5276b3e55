"""The record of a job that did many runs."""

import json
from pathlib import Path

from giaflow.io.manifest import gathered, write_record


def test_a_record_names_the_files_that_an_index_stands_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Path("results/models/m/experiments/null/gaps/importance.tsv")
    index = Path("results/models/m/index/importances.json")
    for path, text in ((made, "a"), (index, json.dumps({str(made): "its hash"}))):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    write_record("results/logs/all.json", "all_importance", [str(index)], "1.0", {"seed": 0})
    entries = gathered("results/logs")
    assert set(entries) == {str(index), str(made)}
    assert entries[str(made)]["bytes"] == 1 and entries[str(made)]["rule"] == "all_importance"


def test_what_tells_times_is_not_in_the_manifest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = [Path("results/models/m/plan.npz"), Path("results/benchmarks/import_model/m.tsv")]
    for path in files:
        path.parent.mkdir(parents=True)
        path.write_text("a")
    write_record("results/logs/import.json", "import_model", list(map(str, files)), "1.0", {})
    assert list(gathered("results/logs")) == [str(files[0])]
