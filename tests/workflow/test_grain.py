"""A study cut into coarse jobs or shards gives the same bytes, and notices what changed."""

import json

import pytest
from conftest import make_project

from giaflow.base.alphabet import decode
from giaflow.base.seeds import generator
from giaflow.io.files import sha256
from giaflow.validation.oracles.simulation import simulate

SEED, LENGTH, SEQUENCES = 3, 41, 210
REAL = {"sequences": ["random"]}
STUDY = {
    "study": "grain",
    "seed": SEED,
    "length": LENGTH,
    "sequences": {"random": {"simulated": SEQUENCES}},
    "models": {"LabR": {"laboratory": "LabR"}},
    "nulls": {
        "dinucleotide": {"kind": "dinucleotide", "sequences": ["random"], "n": 300},
        "letters": {"kind": "mononucleotide", "sequences": ["random"], "n": "auto", "most": 400},
    },
    "patterns": {"site": "TGCAT"},
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
# What a job that has only some of the backgrounds could get wrong: kinds that fold the first ones,
# take letters from donors or neighbours, choose their sequences, give the first background away,
# or ask the model what to ask.
SPECIAL = {
    "stem": {"kind": "hairpin", "settings": {"pattern": "site", "wobble": 0.3, "energy": 140}},
    "without": {"kind": "occlusion", "settings": {**REAL, "draws": 1, "sites": 1}},
    "elsewhere": {"kind": "context", "settings": {**REAL, "tiles": {"a": [5, 20]}, "draws": 1}},
    "into": {"kind": "knock_in", "settings": {**REAL, "lowest": 0.8, "target": "R", "draws": 1}},
    "alleles": {"kind": "variants", "settings": {**REAL, "variants": ["v.tsv"], "flank": 4}},
    "sought": {"kind": "context_search", "settings": {**REAL, "width": 11, "draws": 1}},
}
for _one in SPECIAL.values():
    _one["nulls"] = ["dinucleotide"]
STUDY["experiments"] |= SPECIAL
TABLES = "results/tables/global_importance.tsv"
FIGURE = "results/models/LabR/experiments/dinucleotide/embed/figure.png"
FIGURES = "results/models/LabR/index/figures.json"
TABLE = "results/models/LabR/experiments/letters/embed/importance.tsv"
SCORES = "results/models/LabR/attribution/ism.nc"
PREDICTIONS = [
    f"results/models/LabR/experiments/dinucleotide/{name}/predictions.nc"
    for name in STUDY["experiments"]
]


def cut(grain, shards=1, names=()):
    """The study with jobs of one grain and so many shards, of the experiments of some names."""
    each = dict.fromkeys(names, shards) if names else shards
    jobs = {"grain": grain, "attribution_shards": shards, "experiment_shards": each}
    return {**STUDY, "jobs": jobs}


def run(project, *targets, cores=2):
    done = project.snakemake("--cores", str(cores), "--", *targets)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def start(folder, study):
    """The project of the study, with two variants of its random sequences."""
    project = make_project(folder, study)
    codes = simulate(LENGTH, SEQUENCES, generator(SEED, "simulated", "random"))
    lines = ["chrom\tpos\tref\talt"]
    for row in (3, 150):
        ref = decode(codes[row])[17]
        lines.append(f"random_{row}\t17\t{ref}\t{'A' if ref != 'A' else 'G'}")
    (project.folder / "v.tsv").write_text("\n".join(lines) + "\n")
    return project


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
    project = start(tmp_path_factory.mktemp("coarse") / "project", cut("coarse"))
    run(project, TABLES, FIGURES, SCORES)
    return project


def test_either_grain_any_shards_and_any_cores_give_the_same_bytes(coarse, tmp_path):
    expected = made(coarse)
    listed = json.loads((coarse.folder / FIGURES).read_text())
    assert listed[FIGURE] == sha256(coarse.folder / FIGURE) and len(listed) == 18
    assert len(expected) > 50
    fine = start(tmp_path / "fine", cut("fine", 7, ["embed", "stem", "without"]))
    run(fine, TABLES, FIGURE, SCORES, cores=8)
    alike = made(fine)
    assert alike == {file: expected[file] for file in alike}
    assert {file for file in expected if file not in alike} == {
        file.removeprefix("results/") for file in listed if file.endswith("png")
    } - {FIGURE.removeprefix("results/")}
    fine.write_config(cut("fine", 3))
    run(fine, *PREDICTIONS, SCORES, cores=1)
    assert made(fine) == alike
    # 300 backgrounds are three tiles, 200 attributed sequences four blocks: some shards have none.
    logs = fine.folder / "results/logs"

    def parts(last):
        return {file.parent.name for file in logs.glob(f"experiment/LabR/dinucleotide/*/{last}")}

    assert parts("7_of_7.log") == {"embed", "stem", "without"}
    assert parts("3_of_3.log") == set(STUDY["experiments"]) - {"sought"}
    # What looks at its backgrounds before it knows how many it needs is one job.
    assert not list(logs.glob("experiment/LabR/letters/*/*_of_*.log"))
    assert (logs / "attribution/LabR/7_of_7.log").exists()
    assert not list(fine.folder.glob("results/models/LabR/**/shards/**/*.nc"))


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
