"""Files that a config names are sought from the working directory, then beside the config."""

import pytest

from giaflow.base.checks import InputError
from giaflow.config.checks import load_study
from giaflow.config.checks.files import finder


def study(**changes):
    return {
        "study": "s",
        "length": 41,
        "sequences": {"set": {"fasta": ["set.fa"]}},
        "models": {"m": {"path": "m.keras"}},
        "nulls": {"shuffled": {"kind": "dinucleotide", "sequences": ["set"], "n": 50}},
        "experiments": {},
        **changes,
    }


@pytest.fixture
def folders(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "beside").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return [str(tmp_path / "beside")]


def loaded(folders, **changes):
    return load_study(study(**changes), exists=finder_exists, folders=folders)


def finder_exists(path):
    from pathlib import Path

    return Path(path).exists()


def test_files_beside_the_config_are_found(tmp_path, folders):
    for name in ("m.keras", "set.fa"):
        (tmp_path / "beside" / name).write_text("x")
    found = loaded(folders)
    assert found.models["m"].path == "../beside/m.keras"
    assert found.sequences["set"].fasta == ["../beside/set.fa"]


def test_the_working_directory_comes_first(tmp_path, folders):
    for folder in ("beside", "elsewhere"):
        (tmp_path / folder / "m.keras").write_text(folder)
    (tmp_path / "beside" / "set.fa").write_text("x")
    assert loaded(folders).models["m"].path == "m.keras"


def test_a_file_that_is_nowhere_says_where_it_was_sought(folders):
    with pytest.raises(InputError) as error:
        loaded(folders)
    assert f"m.keras not found (sought from the working directory, then {folders[0]})" in str(
        error.value
    )


def test_the_config_given_last_comes_first(tmp_path, folders):
    (tmp_path / "other").mkdir()
    for folder in ("beside", "other"):
        (tmp_path / folder / "a.bed").write_text("x")
    assert finder([str(tmp_path / "other"), *folders])("a.bed") == "../other/a.bed"
    absolute = str(tmp_path / "nowhere.bed")
    assert finder(folders)(absolute) == absolute


def test_every_file_of_a_study_is_looked_for_before_any_job(tmp_path, folders):
    (tmp_path / "beside" / "m.keras").write_text("x")
    changes = {
        "sequences": {"set": {"fasta": ["set.fa", "a{b}.fa"]}},
        "nulls": {
            "real": {
                "kind": "genomic",
                "sequences": ["set"],
                "n": 50,
                "inputs": {"genome": "hg.fa", "regions": ["r.bed"]},
            }
        },
        "experiments": {
            "v": {"kind": "variants", "settings": {"variants": ["v.vcf"], "sequences": ["set"]}}
        },
    }
    with pytest.raises(InputError) as error:
        loaded(folders, **changes)
    said = str(error.value)
    for file in ("'set.fa'", "'hg.fa'", "'r.bed'", "'v.vcf'"):
        assert f"there is no file {file}" in said
    assert "sequences.set.fasta.1: the file name 'a{b}.fa' holds { or }" in said
