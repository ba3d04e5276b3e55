"""The whole workflow on a tiny study: what it makes, and what it does not make twice."""

import json
import os
import re
import subprocess
import sys
import time
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT, STUDY, make_project

from giaflow.io.arrays import provenance_of, read_arrays
from giaflow.io.tables import read_provenance, read_table

RUN = "results/models/small/experiments/dinucleotide"


@pytest.fixture
def table(finished):
    return read_table(finished.folder / "results/tables/global_importance.tsv")


def test_everything_promised_exists(finished):
    for path in (
        "results/report.html",
        "results/tables/global_importance.tsv",
        "results/tables/global_importance.parquet",
        "results/tables/contrasts.tsv",
        "results/tables/performance.tsv",
        "results/sequences/peaks/sequences.nc",
        "results/nulls/dinucleotide/backgrounds.nc",
        "results/models/small/model.json",
        "results/models/small/attribution/ism.nc",
        "results/models/small/attribution/saliency.nc",
        "results/models/small/motifs/catalogue.tsv",
        "results/models/small/motifs/catalogue.meme",
        "results/models/small/motifs/hits.bed",
        *(
            f"{RUN}/{name}/figure.{kind}"
            for name in STUDY["experiments"]
            for kind in ("svg", "png")
        ),
    ):
        assert (finished.folder / path).stat().st_size > 0, path


def test_the_planted_pattern_has_the_largest_effect(table):
    rows = table[table["experiment"] == "patterns"].copy()
    rows["label"] = [json.loads(text) for text in rows["condition"]]
    rows["pattern"] = [label["pattern"] for label in rows["label"]]
    rows["role"] = [label["role"] for label in rows["label"]]
    real = rows[rows["role"] == "pattern"].set_index("pattern")
    assert real.loc["planted", "verdict"] == "effect"
    assert real.loc["planted", "ci_low"] > real.loc["other", "ci_high"]
    control = rows[(rows["role"] == "scrambled control") & (rows["pattern"] == "planted")]
    assert abs(control["estimate"].item()) < 0.2 * real.loc["planted", "estimate"]


def test_the_halves_need_each_other_at_gap_zero(finished):
    contrasts = read_table(finished.folder / RUN / "halves/contrasts.tsv")
    contrasts = contrasts[contrasts["estimand"] == "interaction"].set_index("gap")
    assert contrasts.loc[0, "ci_low"] > contrasts.loc[[1, 4], "ci_high"].max()


def test_modisco_finds_the_planted_motif_and_its_places(finished):
    folder = finished.folder / "results/models/small/motifs"
    found = read_table(folder / "catalogue.tsv")
    complement = str.maketrans("ACGT", "TGCA")
    strongest = found.iloc[0]["consensus"]
    assert "GACTCA" in strongest or "GACTCA" in strongest.translate(complement)[::-1]
    hits = pd.read_csv(folder / "hits.bed", sep="\t", header=None)
    assert (hits[2] - hits[1]).isin(found["width"]).all() and hits[0].isin(["chr1", "chr2"]).all()
    sequences = read_arrays(finished.folder / "results/sequences/peaks/sequences.nc")
    origin = dict(zip(sequences["start"].values, sequences["codes"].values, strict=True))
    core = []
    for row in hits[hits[3] == found.iloc[0]["pattern"]].itertuples(index=False):
        start = row[1] // 1000 * 1000
        codes = origin[start][row[1] - start : row[2] - start]
        codes = 3 - codes[::-1] if row[5] == "-" else codes
        core.append("".join("ACGT"[c] for c in codes))
    assert np.mean([word == strongest for word in core]) > 0.5


def test_soft_masked_letters_are_kept_and_ambiguous_records_dropped(finished):
    sequences = read_arrays(finished.folder / "results/sequences/peaks/sequences.nc")
    assert sequences.sizes == {"sequence": 400, "position": 60}
    assert sequences.attrs["dropped_ambiguous"] == 1
    assert sequences["masked"].values[:, :9].all() and not sequences["masked"].values[:, 9:].any()


def test_attributions_are_hypothetical_and_the_two_methods_agree(finished):
    scores = {}
    for method in ("ism", "saliency"):
        found = read_arrays(finished.folder / f"results/models/small/attribution/{method}.nc")
        assert found["hypothetical"].dims == ("sequence", "position", "letter", "target")
        assert found["hypothetical"].attrs["units"] == "logit"
        scores[method] = found["hypothetical"].values
        assert np.abs(scores[method].mean(axis=2)).max() < 1e-4
    assert np.corrcoef(scores["ism"].ravel(), scores["saliency"].ravel())[0, 1] > 0.6


def test_every_result_tells_what_it_was_made_from(finished):
    made = read_provenance(finished.folder / f"{RUN}/patterns/importance.tsv")
    assert made["giaflow"] and made["params"]["statistics"] and len(made["inputs"]["data"][0]) == 64
    made = provenance_of(read_arrays(finished.folder / f"{RUN}/patterns/predictions.nc"))
    assert made["params"]["seed"] == 0 and any(
        "tensorflow=" in v for v in made["params"]["software"]
    )
    plan = json.loads((finished.folder / "results/models/small/model.json").read_text())
    assert made["inputs"]["model"] == [plan["sha256"]]


def test_the_report_needs_no_network(finished):
    page = (finished.folder / "results/report.html").read_text()
    assert not re.search(r"<(script|img|iframe)[^>]*\ssrc=\"(http|//)", page)
    assert not re.search(r"<link[^>]*\shref=\"(http|//)", page)
    for word in ("Experiments", "Motifs", "Attribution", "Tables", "Models", "Global importance"):
        assert word in page


def test_figures_are_valid_and_name_their_unit(finished):
    text = (finished.folder / RUN / "halves/figure.svg").read_text()
    ElementTree.fromstring(text)
    assert "logit" in text and "gap (letters between the patterns)" in text


def test_every_rule_has_a_log_and_a_benchmark(finished):
    for kind in ("logs", "benchmarks"):
        files = [p for p in (finished.folder / "results" / kind).rglob("*") if p.is_file()]
        assert len(files) >= 17
    log = (finished.folder / "results/logs/train/small.log").read_text()
    assert "rule train" in log and log.rstrip().endswith("done")


def test_a_second_run_does_nothing(finished):
    before = (finished.folder / "results/report.html").stat().st_mtime_ns
    done = finished.snakemake("--cores", "2")
    assert done.returncode == 0 and "Nothing to be done" in done.stdout + done.stderr
    assert (finished.folder / "results/report.html").stat().st_mtime_ns == before


def test_touched_inputs_rerun_nothing(finished):
    later = time.time() + 1
    for path in (finished.folder / "toy.zip", finished.folder / "workflow/report/table.rst"):
        os.utime(path, (later, later))
    time.sleep(2)
    assert finished.planned() == set()


FIGURES = {"figure", "figure_motifs", "figure_attribution"}
# What follows once an experiment's predictions, or its statistics, are made anew.
TABLES = {"importance", "figure", "tables", "report_page"}


@pytest.mark.parametrize(
    ("file", "text", "rules"),
    [
        ("workflow/giaflow/plot/theme.py", "\nX = 1\n", FIGURES | {"report_page"}),
        ("workflow/giaflow/importance.py", "\nX = 1\n", TABLES),
        ("workflow/giaflow/stats.py", "\n# only words\n", set()),
        ("workflow/report/table.rst", "More words.\n", {"report_page"}),
        ("workflow/giaflow/experiments/spacing.py", "\nX = 1\n",
         TABLES | {"experiment"}),
        ("workflow/giaflow/config.py", "\nX = 1\n", set()),
    ],
)  # fmt: skip
def test_an_edit_reruns_exactly_what_depends_on_it(finished, file, text, rules):
    path = finished.folder / file
    before = path.read_text()
    try:
        finished.append(file, text)
        assert finished.planned() == rules
    finally:
        path.write_text(before)


def edited(path, value):
    study = json.loads(json.dumps(STUDY))
    here = study
    for step in path[:-1]:
        here = here.setdefault(step, {})
    here[path[-1]] = value
    return study


@pytest.mark.parametrize(
    ("path", "value", "rules"),
    [
        (("statistics",), {"confidence": 0.9}, TABLES),
        (("nulls", "dinucleotide", "n"), 91,
         TABLES | {"backgrounds", "experiment"}),
        (("motifs", "trim"), 0.25,
         TABLES | {"catalogue", "figure_motifs", "experiment"}),
        (("alphabet",), "ACGU", TABLES | FIGURES | {"catalogue", "experiment"}),
    ],
)  # fmt: skip
def test_a_changed_key_reruns_exactly_what_reads_it(finished, path, value, rules):
    try:
        finished.write_config(edited(path, value))
        assert finished.planned() == rules
    finally:
        finished.write_config(STUDY)


def test_one_core_gives_the_same_bytes_as_two(finished, tmp_path):
    other = make_project(tmp_path / "elsewhere", STUDY)
    tables = [f"results/tables/{name}.tsv" for name in ("global_importance", "contrasts")]
    done = other.snakemake("--cores", "1", "--", *tables)
    assert done.returncode == 0, done.stderr[-3000:]
    for name in [*tables, "results/models/small/model.keras", f"{RUN}/patterns/predictions.nc"]:
        assert (other.folder / name).read_bytes() == (finished.folder / name).read_bytes(), name


def test_the_default_study_can_be_planned():
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-n", "--directory", str(ROOT)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_study_in_another_folder_can_be_planned(finished, tmp_path):
    """As a user has it who keeps a study apart from the clone."""
    (tmp_path / "mine.fa").write_text(">a\n" + "ACGT" * 15 + "\n")
    study = json.loads(json.dumps(STUDY)) | {"sources": {}}
    study["sequences"] = {"peaks": {"fasta": ["mine.fa"]}}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study))
    snakefile = str(finished.folder / "workflow" / "Snakefile")
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "-n",
        "-s",
        snakefile,
        "--configfile",
        "mine.yaml",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "obtain" not in done.stdout + done.stderr and "mine.fa" in done.stdout + done.stderr
