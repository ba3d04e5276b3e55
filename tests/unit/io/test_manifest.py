"""The manifest knows what each job made, and `verified` names what is no longer so."""

import json
import os

import pytest

from giaflow.base.checks import InputError
from giaflow.io.files import sha256, write_json, write_text
from giaflow.io.manifest import INPUT, MANIFEST, gathered, verified, write_record


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A folder of results with two jobs' files, records and a manifest."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"a": "one", "b": "three", "c": "sevenfold"}.items():
        write_text(text, f"results/tables/{name}.tsv")
    params = {"seed": 7, "code": "f00d", "software": ["numpy=2"], "sets": ["peaks"]}
    files = [f"results/tables/{name}.tsv" for name in "ab"]
    write_record("results/logs/tables/x.json", "tables", files, "1.0", params)
    write_record("results/logs/other.json", "other", ["results/tables/c.tsv"], "1.0", {})
    write_json(gathered("results/logs"), MANIFEST)
    return tmp_path


def test_the_manifest_holds_hash_size_and_origin_of_every_file(study):
    entries = json.loads((study / MANIFEST).read_text())
    assert list(entries) == [f"results/tables/{name}.tsv" for name in "abc"]
    entry = entries["results/tables/b.tsv"]
    assert len(entry.pop("params")) == 64
    assert entry == {
        "sha256": sha256("results/tables/b.tsv"),
        "bytes": 5,
        "rule": "tables",
        "giaflow": "1.0",
        "code": "f00d",
        "seed": 7,
        "software": ["numpy=2"],
    }
    assert verified(study) == ([], 3)


def test_other_parameters_have_another_digest(study):
    before = gathered("results/logs")["results/tables/c.tsv"]["params"]
    write_record("results/logs/other.json", "other", ["results/tables/c.tsv"], "1.0", {"n": 1})
    assert gathered("results/logs")["results/tables/c.tsv"]["params"] != before


def test_every_fault_is_named_with_its_rule(study):
    write_text("eno", "results/tables/a.tsv")
    write_text("thre", "results/tables/b.tsv")
    (study / "results/tables/c.tsv").unlink()
    write_text("", "results/tables/mine.tsv")
    assert verified(study) == (
        [
            ("results/tables/a.tsv", "changed", "tables"),
            ("results/tables/b.tsv", "changed (4 bytes, 5 expected)", "tables"),
            ("results/tables/c.tsv", "missing", "other"),
            ("results/tables/mine.tsv", "not in the manifest", ""),
        ],
        3,
    )


def test_the_latest_record_of_a_file_counts_and_files_that_are_gone_do_not(study):
    renamed = "results/logs/a_new_name.json"
    write_record(renamed, "renamed", ["results/tables/c.tsv"], "1.1", {})
    os.utime(renamed, ns=(2**62, 2**62))
    (study / "results/tables/a.tsv").unlink()
    entries = gathered("results/logs", left_out=["results/tables/b.tsv"])
    assert {file: entry["rule"] for file, entry in entries.items()} == {
        "results/tables/c.tsv": "renamed"
    }


@pytest.mark.parametrize(
    ("text", "words"), [(None, "let the study run to its end"), ("{", "is damaged")]
)
def test_without_a_manifest_nothing_can_be_verified(study, text, words):
    (study / MANIFEST).unlink()
    if text:
        write_text(text, MANIFEST)
    with pytest.raises(InputError, match=words):
        verified(study)


def test_an_input_that_is_not_what_results_were_made_from_is_named(study):
    """A copy with an older date, one that is gone; not one that was touched or is a link now."""
    given = {name: f"data/deep/{name}.fa" for name in ("same", "older", "gone")}
    (study / "data/deep").mkdir(parents=True)
    for name, file in given.items():
        (study / file).write_text(name)
    params, files = {}, ["results/tables/c.tsv"]
    digests = {file: sha256(file) for file in given.values()}
    write_record("results/logs/other.json", "other", files, "1.0", params, digests)
    write_json(gathered("results/logs"), MANIFEST)
    # What lies beside an input is none of our business.
    (study / "data/deep/notes.txt").write_text("mine")
    assert verified(study) == ([], 6)
    (study / given["same"]).rename(study / "moved.fa")
    (study / given["same"]).symlink_to(study / "moved.fa")
    (study / given["older"]).write_text("other")
    os.utime(study / given["older"], (10**9, 10**9))
    (study / given["gone"]).unlink()
    assert sorted(verified(study)[0]) == [
        (given["gone"], "missing, although results were made from it", INPUT),
        (given["older"], "its content is not what results were made from", INPUT),
    ]


def test_inputs_of_results_that_are_gone_do_not_count_and_the_latest_record_does(study):
    for time, (made, digest) in enumerate(
        [("results/tables/c.tsv", "old"), ("results/tables/c.tsv", "new"), ("results/x", "gone")]
    ):
        record = f"results/logs/{time}.json"
        write_json({"made": {"rule": "r"}, "files": {made: {}}, "inputs": {"a.fa": digest}}, record)
        os.utime(record, (10**9 + time, 10**9 + time))
    assert gathered("results/logs")["a.fa"]["sha256"] == "new"
    assert gathered("results/logs", inputs={"motifs.meme": "d"})["motifs.meme"]["sha256"] == "d"
