"""A study cut into coarse jobs gives the same bytes, and notices what changed in between."""

import json

import pytest
from conftest import make_project

from giaflow.io.files import sha256

STUDY = {
    "study": "grain",
    "seed": 3,
    "length": 41,
    "sequences": {"random": {"simulated": 210}},
    "models": {"LabR": {"laboratory": "LabR"}},
    "nulls": {
        "dinucleotide": {"kind": "dinucleotide", "sequences": ["random"], "n": 90},
        "letters": {"kind": "mononucleotide", "sequences": ["random"], "n": "auto", "most": 400},
    },
    "patterns": {"site": "TGCATG"},
    "diagnostics": {"auc_permutations": 3, "mmd_permutations": 100, "largest_k": 3},
    "attribution": {"sequences": {"random": 200}, "methods": [{"method": "ism"}]},
    "experiments": {
        "embed": {"kind": "global_importance", "settings": {"scrambles": 2}},
        "gap_scan": {
            "kind": "spacing",
            "nulls": ["dinucleotide"],
            "settings": {"first": "site", "second": "site", "gaps": [0, 4]},
        },
    },
}
TABLES = "results/tables/global_importance.tsv"
FIGURE = "results/models/LabR/experiments/dinucleotide/embed/figure.png"
FIGURES = "results/models/LabR/index/figures.json"
TABLE = "results/models/LabR/experiments/letters/embed/importance.tsv"


def cut(grain):
    return {**STUDY, "jobs": {"grain": grain}}


def run(project, *targets):
    done = project.snakemake("--cores", "2", "--", *targets)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def made(project):
    """Bytes of every table, array and figure of a project."""
    results = project.folder / "results"
    return {
        str(path.relative_to(results)): path.read_bytes()
        for path in results.rglob("*")
        if path.suffix in (".nc", ".tsv", ".parquet", ".png") and "benchmarks" not in path.parts
    }


@pytest.fixture(scope="module")
def coarse(tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("coarse") / "project", cut("coarse"))
    run(project, TABLES, FIGURES)
    return project


def test_either_grain_gives_the_same_bytes(coarse, tmp_path):
    fine = make_project(tmp_path / "fine", cut("fine"))
    listed = json.loads((coarse.folder / FIGURES).read_text())
    assert listed[FIGURE] == sha256(coarse.folder / FIGURE) and len(listed) == 6
    run(fine, TABLES, FIGURE)
    expected = made(coarse)
    assert len(expected) > 30
    alike = made(fine)
    assert alike == {file: expected[file] for file in alike}
    assert {file for file in expected if file not in alike} == {
        file.removeprefix("results/") for file in listed if file.endswith("png")
    } - {FIGURE.removeprefix("results/")}


def test_a_stage_of_a_model_is_one_job_and_reruns_when_one_experiment_changes(coarse):
    assert coarse.planned(TABLES, FIGURES) == set()
    study = cut("coarse")
    study["statistics"] = {"confidence": 0.9}
    coarse.write_config(study)
    # An automatic half-width is one of the estimates' confidence: that experiment runs again too.
    assert "all_importance" in coarse.planned(TABLES, FIGURES)
    study["statistics"] = {"fold": 3.0}
    coarse.write_config(study)
    assert coarse.planned(TABLES, FIGURES) == {"tables"}
    coarse.write_config(cut("coarse"))


def test_fine_jobs_do_not_trust_the_files_of_coarse_ones(coarse):
    coarse.write_config(cut("fine"))
    assert {"experiment", "importance"} <= coarse.planned(TABLES)
    coarse.write_config(cut("coarse"))


def test_a_changed_file_is_noticed(coarse):
    table = coarse.folder / TABLE
    kept = table.read_bytes()
    table.write_text("changed\n")
    done = coarse.snakemake("--cores", "1", "--forcerun", "tables", "--", TABLES)
    table.write_bytes(kept)
    assert done.returncode
    assert f"{TABLE} is not the file that was made" in done.stdout + done.stderr
    assert "remove results/models/LabR/index" in done.stdout + done.stderr


def test_attributions_are_the_same_bytes_for_1_3_and_7_shards(tmp_path):
    project = make_project(tmp_path / "shards", STUDY)
    scores = "results/models/LabR/attribution/ism.nc"
    found = []
    for shards in (1, 3, 7):
        project.write_config({**STUDY, "jobs": {"attribution_shards": shards}})
        (project.folder / scores).unlink(missing_ok=True)
        run(project, scores)
        found.append((project.folder / scores).read_bytes())
    # 200 sequences are four blocks, so three of the seven shards are empty.
    assert found[1] == found[0] and found[2] == found[0]
    assert not list(project.folder.glob("results/models/LabR/attribution/shards/*/*.nc"))
