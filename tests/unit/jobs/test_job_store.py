"""A script takes from the store what was made of the same, and of nothing else."""

import errno
import json
import logging
import os
from pathlib import Path

import pytest

from giaflow.base.checks import InputError
from giaflow.base.code_digest import tree_digest
from giaflow.io.files import write_text
from jobs import run
from jobs import store as wrapper
from jobs.coarse import Named
from jobs.store import asked_of, stored

PARAMS = {
    "sample": {"bound": 3, "other": 5},
    "seed": 7,
    "code": "0123456789abcdef",
    "software": ["keras=3.15.1", "numpy=2.3.1"],
}


class Script:
    """A script whose output tells of its inputs and parameters, and that counts its runs."""

    def __init__(self):
        self.runs = 0

    def __call__(self, input, output, params, threads):
        self.runs += 1
        made = [Path(file).read_text() for file in input]
        for i, file in enumerate(output):
            write_text(json.dumps([i, made, dict(params.items())]), file)


def config(**changes):
    return {"folder": "../store", "max_gb": 1.0, "code": tree_digest()} | changes


@pytest.fixture
def script(tmp_path, monkeypatch):
    """The script in a work directory of its own, with a store beside that."""
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    monkeypatch.setattr(run, "store", config())
    wrapper.opened.cache_clear()
    return Script()


def ask(script, inputs=None, outputs=None, params=None, texts=("ACGT", "GGCC", "TTTT")):
    """Run the script as a rule would; contents of its outputs."""
    files = [f"{name}.txt" for name in "abc"]
    for file, text in zip(files, texts, strict=True):
        Path(file).write_text(text)
    inputs = inputs or {"foreground": "a.txt", "background": ["b.txt", "c.txt"]}
    output = Named(outputs or {"predictions": "out/predictions.nc", "table": "out/table.tsv"})
    stored(script)(Named(inputs), output, Named(PARAMS | (params or {})), 2)
    return [Path(file).read_text() for file in output]


def test_a_second_work_directory_computes_nothing(script, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    first = ask(script)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    names = {"predictions": "elsewhere/predictions.nc", "table": "elsewhere/table.tsv"}
    assert ask(script, outputs=names) == first and script.runs == 1
    lines = [record.getMessage() for record in caplog.records]
    kept = next((tmp_path / "store").iterdir()).stem
    assert lines == [f"not in the store: key {kept}", f"from the store: key {kept}"]


@pytest.mark.parametrize(
    "change",
    [
        {"params": {"seed": 8}},
        {"params": {"code": "0123456789abcdee"}},
        {"params": {"software": ["keras=3.15.1", "numpy=2.3.2"]}},
        {"params": {"sample": {"other": 5, "bound": 3}}},
        {"params": {"new": None}},
        {"texts": ("ACGA", "GGCC", "TTTT")},
        # Foreground and background, and two backgrounds, changed places.
        {"inputs": {"foreground": "b.txt", "background": ["a.txt", "c.txt"]}},
        {"inputs": {"background": "a.txt", "foreground": ["b.txt", "c.txt"]}},
        {"inputs": {"foreground": "a.txt", "background": ["c.txt", "b.txt"]}},
        {"inputs": {"foreground": ["a.txt", "b.txt"], "background": "c.txt"}},
        {"inputs": {"foreground": "a.txt", "background": ["b.txt", "c.txt"], "known": []}},
        {"inputs": {"foreground": "a.txt", "background": "b.txt", "0": "c.txt"}},
        {"outputs": {"table": "predictions.nc", "predictions": "table.tsv"}},
        {"outputs": {"predictions": "predictions.nc", "table": "table.parquet"}},
    ],
    ids=str,
)
def test_what_may_change_a_byte_never_hits(script, change):
    ask(script)
    ask(script, **change)
    assert script.runs == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("processor", lambda: ["x86_64", "skylake-avx512"]),
        ("cards", lambda: ["NVIDIA H200"]),
        ("versions", lambda *names: ["h5py=0"]),
    ],
)
def test_another_machine_or_library_never_hits(script, monkeypatch, name, value):
    ask(script)
    monkeypatch.setattr(wrapper, name, value)
    wrapper._machine.cache_clear()
    try:
        ask(script)
    finally:
        wrapper._machine.cache_clear()
    assert script.runs == 2


def test_a_card_counts_as_this_job_sees_it(monkeypatch):
    monkeypatch.setattr(wrapper, "cards", lambda: ["NVIDIA H200"])
    found = []
    for chosen in (None, "", "-1", "0", "1"):
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if chosen is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
        wrapper._machine.cache_clear()
        found.append(wrapper._machine()["cards"])
    wrapper._machine.cache_clear()
    assert [each[0] for each in found] == ["all", "none", "none", "some", "some"]


def test_unnamed_files_count_and_have_no_name_in_a_coarse_job(script):
    """Snakemake names only what a rule names; a coarse job numbers the rest."""
    for file in "abc":
        Path(f"{file}.txt").write_text(file)

    class Unnamed(list):
        def items(self):
            return iter([])

    params = Named(PARAMS)
    fine = asked_of(Unnamed(["a.txt", "b.txt"]), Unnamed(["x.nc"]), params)
    assert fine == asked_of(Named({"0": "a.txt", "1": "b.txt"}), Named({"0": "y/x.nc"}), params)
    for other in (["b.txt", "a.txt"], ["a.txt"], ["a.txt", "c.txt"]):
        assert asked_of(Unnamed(other), Unnamed(["x.nc"]), params) != fine


def test_without_a_store_nothing_is_written(script, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "store", None)
    ask(script)
    ask(script)
    assert script.runs == 2 and not (tmp_path / "store").exists()


def test_what_is_gathered_of_parts_is_made_anew(script, tmp_path):
    for _ in range(2):
        ask(script, inputs={"sequences": "a.txt", "parts": ["b.txt", "c.txt"]})
    assert script.runs == 2 and not (tmp_path / "store").exists()
    # A job that could have parts and has none is as any other.
    for _ in range(2):
        ask(script, inputs={"sequences": "a.txt", "parts": []})
    assert script.runs == 3


def _flip(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_flip, "is damaged (its table.tsv is not the one that was made)"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "is damaged (its table.tsv"),
        (lambda path: path.write_bytes(b""), "is damaged (its first lines"),
        (Path.unlink, "not in the store: key"),
    ],
)
def test_a_damaged_result_is_computed_and_kept_again(script, tmp_path, caplog, harm, words):
    first = ask(script)
    path = next((tmp_path / "store").iterdir())
    harm(path)
    caplog.clear()
    caplog.set_level(logging.INFO)
    assert ask(script) == first and script.runs == 2
    assert words in caplog.text
    assert ask(script) == first and script.runs == 2


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_store_that_cannot_be_written_only_warns(script, monkeypatch, caplog, number):
    """A file system for reading only, a folder of another user, a full disk."""

    def fail(path):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("giaflow.io.store.atomic", fail)
    first = ask(script)
    assert f"cannot be written: {os.strerror(number)}" in caplog.text
    assert ask(script) == first and script.runs == 2


@pytest.mark.parametrize("folder", ["/proc/giaflow", "a.txt", "absent/store"])
def test_a_folder_that_cannot_be_only_warns(script, monkeypatch, caplog, folder):
    monkeypatch.setattr(run, "store", config(folder=folder))
    ask(script)
    assert script.runs == 1 and "cannot be written: " in caplog.text


def test_a_full_store_only_warns(script, monkeypatch, caplog):
    monkeypatch.setattr(run, "store", config(max_gb=1e-7))
    ask(script)
    assert script.runs == 1 and "max_gb leaves no room" in caplog.text


def test_code_that_was_edited_since_the_run_began_neither_takes_nor_keeps(
    script, tmp_path, monkeypatch, caplog
):
    """The rule's digest is of the code that was there when the run began."""
    monkeypatch.setattr(run, "store", config(code="that of yesterday"))
    ask(script)
    assert "the code changed since this run began" in caplog.text
    digests = iter([config()["code"], "edited while the job ran"])
    monkeypatch.setattr(run, "store", config())
    monkeypatch.setattr(wrapper, "tree_digest", lambda: next(digests))
    ask(script)
    assert script.runs == 2 and not (tmp_path / "store").exists()


def test_an_input_that_changes_while_the_job_runs_is_not_kept(script, tmp_path, caplog):
    def slow(*arguments):
        Path("b.txt").write_text("edited meanwhile")
        script(*arguments)

    ask(slow)
    assert "the code or an input changed while this ran" in caplog.text
    assert not (tmp_path / "store").exists()


def test_a_failed_script_keeps_nothing(script, tmp_path):
    def fail(input, output, params, threads):
        script(input, output, params, threads)
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        ask(fail)
    assert not (tmp_path / "store").exists()
