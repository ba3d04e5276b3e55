"""Which studies of papers run, with which files, and what is said of the others."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

import make_figures
import paper_studies
import validate_numbers
from giaflow.config import Study
from giaflow.io.rows import read_rows
from giaflow.io.sources import read_sources
from giaflow.io.tables import write_table
from giaflow.validate import load_study
from paper_studies import PEAKS, STUDIES, File, PaperStudy

NEEDY = PaperStudy("needy", (File("a/b.h5", ("models.M.path", "sources.s"), "from its author"),))
LAST = PaperStudy("last", (), configs=("config/base.yaml", "config/studies/{name}.yaml"))
FREE = PaperStudy("free", (File("c.whl", ("sources.s",), "the index", needed=False),), owned=())


def save(folder, study):
    """Make empty files where a study seeks them."""
    for file in study.files:
        path = folder / file.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def merged(raw, other):
    """A configuration under another, as Snakemake merges them."""
    both = isinstance(raw, dict) and isinstance(other, dict)
    return {**raw, **{k: merged(raw.get(k), v) for k, v in other.items()}} if both else other


def holds(raw, key):
    for word in key.split("."):
        if word not in raw:
            return False
        raw = raw[word]
    return True


@pytest.fixture
def ran(monkeypatch, tmp_path):
    """The studies that were run, in a folder of their own; each run ends well."""
    called = []

    def run(study, data, words, wanted=()):
        called.append((study.name, words, tuple(wanted)))
        return study.name not in broken

    broken = set()
    for module in (paper_studies, make_figures):
        monkeypatch.setattr(module, "run_study", run)
        monkeypatch.setattr(module, "STUDIES", (NEEDY, FREE))
    monkeypatch.setattr(paper_studies, "PEAKS", LAST)
    monkeypatch.setattr(paper_studies, "ROOT", tmp_path)
    run.broken, run.called = broken, called
    return run


@pytest.mark.parametrize("study", [*STUDIES, PEAKS], ids=lambda study: study.name)
def test_every_key_is_one_of_its_configuration_and_the_whole_is_valid(study, tmp_path):
    save(tmp_path, study)
    raw = {}
    for file in study.configs:
        text = (paper_studies.ROOT / file.format(name=study.name)).read_text()
        raw = merged(raw, yaml.safe_load(text))
    keys = [key for each in study.files for key in each.keys] + [key for key, _ in study.owned]
    assert [key for key in keys if not holds(raw, key) and not key.startswith("sources.")] == []
    sources = read_sources(paper_studies.ROOT / "resources" / "sources.tsv")
    whole = merged(raw, paper_studies.settings(study, tmp_path))
    checked = load_study(
        whole, sources=sources, read_rows=read_rows, exists=lambda path: Path(path).exists()
    )
    assert isinstance(checked, Study)
    assert Path(checked.published).is_file()


def test_a_study_gets_the_files_that_are_there(tmp_path):
    assert paper_studies.missing(NEEDY, tmp_path) == list(NEEDY.files)
    assert paper_studies.missing(FREE, tmp_path) == []
    assert paper_studies.settings(FREE, tmp_path) == {}
    save(tmp_path, NEEDY)
    save(tmp_path, FREE)
    assert paper_studies.missing(NEEDY, tmp_path) == []
    assert paper_studies.settings(FREE, tmp_path) == {"sources": {"s": str(tmp_path / "c.whl")}}
    path = str(tmp_path / "a" / "b.h5")
    found = paper_studies.settings(NEEDY, tmp_path)
    assert found["models"] == {"M": {"path": path}} and found["sources"] == {"s": path}
    assert Path(found["published"]).parts[-3:] == ("config", "published", "needy.tsv")


def test_the_call_hands_on_words_paths_and_files(tmp_path):
    save(tmp_path, NEEDY)
    words = paper_studies.command(NEEDY, tmp_path, ["--cores", "3"], ["results/one.tsv"])
    assert words[-2:] == ["--", "results/one.tsv"]
    assert words[words.index("--cores") + 1] == "3"
    given = words[words.index("--config") + 1 : words.index("--")]
    values = {key: json.loads(value) for key, _, value in (one.partition("=") for one in given)}
    assert values == paper_studies.settings(NEEDY, tmp_path)
    assert Path(words[words.index("--directory") + 1]).name == "needy"
    words = paper_studies.command(LAST, tmp_path, ["--cores", "3"])
    at = words.index("--configfile") + 1
    assert [Path(file).name for file in words[at : at + 2]] == ["base.yaml", "last.yaml"]
    assert words[at + 2] == "--cores"


def test_figures_of_what_is_there_and_advice_for_the_rest(tmp_path, ran, capsys):
    assert make_figures.main(str(tmp_path), ["--cores", "3"]) == 0
    assert ran.called == [("free", ["--cores", "3"], ())]
    told = capsys.readouterr().out
    assert f"needy: not run\n    supply {tmp_path / 'a' / 'b.h5'}: from its author\n" in told
    save(tmp_path, NEEDY)
    ran.broken.add("needy")
    assert make_figures.main(str(tmp_path), []) == 1
    told = capsys.readouterr().out
    assert "needy: FAILED" in told and "supply" not in told
    assert [name for name, *_ in ran.called] == ["free", "needy", "free"]


def published(study, passed):
    """Write the table of a run: one row for each verdict."""
    path = paper_studies.folder_of(study) / paper_studies.PUBLISHED
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {"number": [f"n{i}" for i in range(len(passed))], "where": "a paper"}
    table = pd.DataFrame({**rows, "passed": passed, "fault": "2 is above 1"})
    write_table(table, path, {})


def test_validation_skips_what_is_absent_and_names_what_fails(tmp_path, ran, capsys, monkeypatch):
    monkeypatch.setattr(validate_numbers, "laboratories", lambda words: True)
    published(LAST, ["yes"])
    published(FREE, ["yes", "", "yes"])
    assert validate_numbers.main(str(tmp_path), ["--cores", "3"]) == 0
    told = capsys.readouterr().out
    assert f"skipped: study needy needs {tmp_path / 'a' / 'b.h5'}" in told
    assert "free: 2 of 2 published numbers passed" in told
    assert "last: 1 of 1 published numbers passed" in told
    assert ran.called == [
        (name, ["--cores", "3"], (paper_studies.PUBLISHED,)) for name in ("free", "last")
    ]
    published(FREE, ["yes", "no", ""])
    assert validate_numbers.main(str(tmp_path), []) == 1
    told = capsys.readouterr().out
    assert "FAILED: free: n1 (a paper): 2 is above 1" in told and "1 of 2" in told
    published(FREE, ["yes"])
    monkeypatch.setattr(validate_numbers, "laboratories", lambda words: False)
    assert validate_numbers.main(str(tmp_path), []) == 1
    ran.broken.add("free")
    monkeypatch.setattr(validate_numbers, "laboratories", lambda words: True)
    assert validate_numbers.main(str(tmp_path), []) == 1
    assert "FAILED: study free did not finish" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "lanes"),
    [
        (["--cores", "5", "-n"], (2, ["--cores", "2", "-n"])),
        (["-n", "--cores", "1"], (1, ["-n", "--cores", "1"])),
        (["--profile", "p"], (1, ["--profile", "p"])),
        (["--cores"], (1, ["--cores"])),
    ],
)
def test_two_laboratories_share_the_cores(words, lanes):
    assert validate_numbers.lanes(words) == lanes


def test_a_laboratory_that_breaks_and_a_mark_that_fails_are_named(monkeypatch, capsys):
    marks = pd.DataFrame(
        {"model": "M", "check": "bias", "design": "d", "value": [0.5, 2.5], "low": 0, "high": 1}
    ).assign(passed=[True, False])
    broken = validate_numbers.STUDIES[1]

    def run(name, words):
        return None if name == broken else marks.assign(study=name)

    monkeypatch.setattr(validate_numbers, "run_study", run)
    assert not validate_numbers.laboratories(["--cores", "2"])
    told = capsys.readouterr().out
    assert f"FAILED: study {broken} did not finish" in told
    assert "FAILED: M: bias of d: 2.5 outside [0, 1]" in told and "3 of 6 marks passed" in told
    monkeypatch.setattr(validate_numbers, "run_study", lambda *_: marks[:1].assign(study="s"))
    assert validate_numbers.laboratories([])
