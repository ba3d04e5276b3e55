"""Which studies of papers run, with which files, and what is said of the others."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from commands import figures, paper_studies, validate
from commands.paper_studies import PEAKS, STUDIES, File, PaperStudy
from giaflow.config import Study
from giaflow.config.checks import load_study
from giaflow.edits.patterns import Pattern
from giaflow.experiments.kinds import motif_pairs
from giaflow.io.sources import read_sources
from giaflow.io.tables import write_table
from giaflow.io.text_tables import read_rows

NEEDY = PaperStudy("needy", (File("a/b.h5", ("models.M.path", "sources.s"), "from its author"),))
# The same study with its data in other files, laid over and shortened.
OTHER = PaperStudy(
    "needy",
    (File("one.txt", (), "who made it"), File("two.fa", ("sequences.x.fasta[]",), "the web")),
    (("published[]", "first.tsv"), ("published[]", "{name}.tsv")),
    ("over.yaml",),
    ("short.yaml",),
    (("models.M.values", "folder/{file}"),),
    lacks="without the rest",
)
LAST = PaperStudy("last", (), base="base.yaml", over=("last.yaml",))
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
    for word in key.removesuffix("[]").split("."):
        if word not in raw:
            return False
        raw = raw[word]
    return True


@pytest.fixture
def ran(monkeypatch, tmp_path):
    """The studies that were run, in a folder of their own; each run ends well."""
    called = []

    def run(study, data, words, wanted=(), short=False):
        called.append((study, words, tuple(wanted), short))
        return study.name not in broken

    broken = set()
    for module in (paper_studies, figures):
        monkeypatch.setattr(module, "run_study", run)
    monkeypatch.setattr(paper_studies, "STUDIES", (NEEDY, FREE, OTHER))
    monkeypatch.setattr(paper_studies, "PEAKS", LAST)
    monkeypatch.setattr(paper_studies, "ROOT", tmp_path)
    run.broken, run.called = broken, called
    return run


def read_config(name):
    return yaml.safe_load((paper_studies.ROOT / "config" / name).read_text())


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize(
    "study", [*STUDIES, PEAKS], ids=lambda study: f"{study.name}{len(study.over)}"
)
def test_every_key_is_one_of_its_configuration_and_the_whole_is_valid(study, short, tmp_path):
    save(tmp_path, study)
    raw = read_config(study.base.format(name=study.name))
    for name in (*study.over, *(study.short if short else ())):
        raw = merged(raw, read_config(f"studies/{name}"))
    keys = [key for each in study.files for key in each.keys]
    keys += [key for key, _ in (*study.owned, *study.texts)]
    assert [key for key in keys if not holds(raw, key) and not key.startswith("sources.")] == []
    sources = read_sources(paper_studies.ROOT / "resources" / "sources.tsv")
    whole = merged(raw, paper_studies.settings(study, tmp_path))
    checked = load_study(
        whole, sources=sources, read_rows=read_rows, exists=lambda path: Path(path).exists()
    )
    assert isinstance(checked, Study)
    assert checked.published_files and all(map(os.path.isfile, checked.published_files))
    needed = [file.place for file in study.files if file.needed]
    assert [place for place in needed if str(tmp_path / place) not in str(checked)] == []


def test_all_pairs_of_bpnet_are_a_study_too():
    raw = merged(read_config("studies/bpnet.yaml"), read_config("studies/bpnet_all_pairs.yaml"))
    study = load_study(raw, read_rows=read_rows)
    entry = study.experiments["pairs"]
    patterns = [Pattern.of(name, text) for name, text in study.letters.items()]
    rng = np.random.default_rng(0)
    found = motif_pairs.conditions(entry.settings, patterns, study.length, rng)
    pairs = {one.labels["pair"] for one in found if one.labels["arm"] == "pair"}
    assert len(pairs) == 11 * 11 and study.jobs.shards("pairs") > 1
    assert len(found) == 11 * 2 * (1 + 150) + 121 * 4 * 150
    # Directions have the names that the published numbers look for.
    met = list(dict.fromkeys(one.labels["pair"] for one in found if one.labels["pair"]))
    nine = read_config("studies/bpnet.yaml")["experiments"]["pairs"]["settings"]
    order = [f"{side} -> {centre}" for centre in nine["centres"] for side in nine["sides"]]
    assert [pair for pair in met if pair in order] == order
    # Each motif is read by one factor, on either strand.
    listed = motif_pairs.contrasts(entry.settings, found)
    folds = [one for one in listed if one.estimand == "interaction"]
    assert len(folds) == 121 * 4 * 150 and all(one.only for one in folds)
    targets = study.models["BPNet"].output.targets
    for motif, read in entry.settings.targets.items():
        for strand, target in read.items():
            settings = targets[target].settings
            assert settings.pattern == motif
            assert settings.reverse is (strand == "-")


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
    [table] = found["published"]
    assert Path(table).parts[-3:] == ("config", "published", "needy.tsv")


def test_a_layout_gives_lists_tables_and_texts(tmp_path):
    save(tmp_path, OTHER)
    found = paper_studies.settings(OTHER, tmp_path)
    assert [Path(table).name for table in found["published"]] == ["first.tsv", "needy.tsv"]
    assert found["sequences"] == {"x": {"fasta": [str(tmp_path / "two.fa")]}}
    assert found["models"]["M"]["values"] == str(tmp_path / "folder" / "{file}")


def test_the_first_layout_whose_files_all_lie_there_is_run(tmp_path, ran):
    some = paper_studies.layouts()["needy"]
    assert some == [NEEDY, OTHER] and list(paper_studies.layouts()) == ["needy", "free"]
    assert paper_studies.complete(some, tmp_path) is None
    assert paper_studies.advice(some, tmp_path) == [
        f"supply {tmp_path / 'a' / 'b.h5'}: from its author",
        "or",
        f"supply {tmp_path / 'one.txt'}: who made it",
        f"supply {tmp_path / 'two.fa'}: the web",
    ]
    save(tmp_path, OTHER)
    assert paper_studies.complete(some, tmp_path) is OTHER
    save(tmp_path, NEEDY)
    assert paper_studies.complete(some, tmp_path) is NEEDY


def test_the_call_hands_on_words_paths_and_files(tmp_path):
    save(tmp_path, NEEDY)
    words = paper_studies.command(NEEDY, tmp_path, ["--cores", "3"], ["results/one.tsv"])
    assert words[-2:] == ["--", "results/one.tsv"]
    assert words[words.index("--cores") + 1] == "3"
    given = words[words.index("--config") + 1 : words.index("--")]
    values = {key: json.loads(value) for key, _, value in (one.partition("=") for one in given)}
    assert values == paper_studies.settings(NEEDY, tmp_path)
    assert Path(words[words.index("--directory") + 1]).parts[-2:] == ("figures", "needy")


def test_validation_shortens_a_study_in_a_folder_of_its_own(tmp_path):
    def told(short):
        words = paper_studies.command(OTHER, tmp_path, ["--cores", "3"], short=short)
        files = words[words.index("--configfile") + 1 : words.index("--cores")]
        folder = Path(words[words.index("--directory") + 1])
        return [Path(file).name for file in files], folder.parent.name

    words = paper_studies.command(LAST, tmp_path, ["--cores", "3"])
    at = words.index("--configfile") + 1
    assert [Path(file).name for file in words[at : at + 3]] == ["base.yaml", "last.yaml", "--cores"]
    assert told(short=False) == (["needy.yaml", "over.yaml"], "figures")
    assert told(short=True) == (["needy.yaml", "over.yaml", "short.yaml"], "validation")


def test_figures_of_what_is_there_and_advice_for_the_rest(tmp_path, ran, capsys):
    assert figures.main(str(tmp_path), ["--cores", "3"]) == 0
    assert ran.called == [(FREE, ["--cores", "3"], (), False)]
    told = capsys.readouterr().out
    said = f"needy: not run\n    supply {tmp_path / 'a' / 'b.h5'}: from its author\n    or\n"
    assert f"{said}    supply {tmp_path / 'one.txt'}: who made it\n" in told
    save(tmp_path, NEEDY)
    ran.broken.add("needy")
    assert figures.main(str(tmp_path), []) == 1
    told = capsys.readouterr().out
    assert "needy: FAILED" in told and "supply" not in told and OTHER.lacks not in told
    assert [study for study, *_ in ran.called] == [FREE, NEEDY, FREE]
    (tmp_path / "a" / "b.h5").unlink()
    save(tmp_path, OTHER)
    ran.broken.clear()
    assert figures.main(str(tmp_path), []) == 0
    told = capsys.readouterr().out
    assert f"from report.html on\n    {OTHER.lacks}\n" in told


def published(study, passed):
    """Write the table of a run: one row for each verdict."""
    path = paper_studies.folder_of(study) / paper_studies.PUBLISHED
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {"number": [f"n{i}" for i in range(len(passed))], "where": "a paper"}
    table = pd.DataFrame({**rows, "passed": passed, "fault": "2 is above 1"})
    write_table(table, path, {})


def test_validation_skips_what_is_absent_and_names_what_fails(tmp_path, ran, capsys, monkeypatch):
    monkeypatch.setattr(validate, "laboratories", lambda words: True)
    published(LAST, ["yes"])
    published(FREE, ["yes", "", "yes"])
    assert validate.main(str(tmp_path), ["--cores", "3"]) == 0
    told = capsys.readouterr().out
    places = [tmp_path / place for place in ("a/b.h5", "one.txt", "two.fa")]
    assert "skipped: study needy needs {} or {}, {};".format(*places) in told
    assert "free: 2 of 2 published numbers passed" in told
    assert "last: 1 of 1 published numbers passed" in told
    assert ran.called == [
        (study, ["--cores", "3"], (paper_studies.PUBLISHED,), True) for study in (FREE, LAST)
    ]
    published(FREE, ["yes", "no", ""])
    assert validate.main(str(tmp_path), []) == 1
    told = capsys.readouterr().out
    assert "FAILED: free: n1 (a paper): 2 is above 1" in told and "1 of 2" in told
    published(FREE, ["yes"])
    monkeypatch.setattr(validate, "laboratories", lambda words: False)
    assert validate.main(str(tmp_path), []) == 1
    ran.broken.add("free")
    monkeypatch.setattr(validate, "laboratories", lambda words: True)
    assert validate.main(str(tmp_path), []) == 1
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
    assert validate.lanes(words) == lanes


def test_a_laboratory_that_breaks_and_a_mark_that_fails_are_named(monkeypatch, capsys):
    marks = pd.DataFrame(
        {"model": "M", "check": "bias", "design": "d", "value": [0.5, 2.5], "low": 0, "high": 1}
    ).assign(passed=[True, False])
    broken = validate.STUDIES[1]

    def run(name, words):
        return None if name == broken else marks.assign(study=name)

    monkeypatch.setattr(validate, "run_study", run)
    assert not validate.laboratories(["--cores", "2"])
    told = capsys.readouterr().out
    assert f"FAILED: study {broken} did not finish" in told
    n = len(validate.STUDIES) - 1
    assert "FAILED: M: bias of d: 2.5 outside [0, 1]" in told
    assert f"{n} of {2 * n} marks passed" in told
    monkeypatch.setattr(validate, "run_study", lambda *_: marks[:1].assign(study="s"))
    assert validate.laboratories([])
