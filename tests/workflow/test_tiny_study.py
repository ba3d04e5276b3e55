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
from conftest import MOTIF, ROOT, STUDY, make_project, with_one_null

from giaflow.base.alphabet import decode
from giaflow.io.arrays import provenance_of, read_arrays
from giaflow.io.tables import read_provenance, read_table
from giaflow.sequences.pattern_search import occurrences

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
        "results/tables/null_diagnostics.tsv",
        "results/tables/null_robustness.tsv",
        "results/tables/null_robustness.svg",
        "results/tables/replicates.tsv",
        "results/models/small/nulls/letters/backgrounds.nc",
        *(
            f"results/models/small/nulls/{null}/{name}"
            for null in STUDY["nulls"]
            for name in (
                *("diagnostics.tsv", "kmers.tsv", "positions.tsv", "constructs.tsv"),
                "diagnostics.svg",
            )
        ),
        *(
            f"{RUN}/{name}/figure.{kind}"
            for name in STUDY["experiments"]
            for kind in ("svg", "png")
        ),
    ):
        assert (finished.folder / path).stat().st_size > 0, path


def test_the_planted_pattern_has_the_largest_effect(table):
    rows = table[(table["experiment"] == "patterns") & (table["null"] == "dinucleotide")].copy()
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


def test_the_planted_pattern_is_found_to_be_the_positive_control(finished, table):
    """No control is named, so the strongest pattern is the mark, measured on every second place."""
    controls = read_table(finished.folder / "results/models/small/nulls/dinucleotide/controls.tsv")
    row = controls.iloc[0]
    assert (row["target"], row["chosen"], row["experiment"]) == ("bound", "strongest", "patterns")
    mine = table[table["null"] == "dinucleotide"]
    marked = mine["control_pct"] * row["estimate"] / 100
    assert marked.to_numpy() == pytest.approx(mine["estimate"].to_numpy(), rel=1e-4)
    # What is small does not depend on a control that nobody named.
    data = read_arrays(finished.folder / "results/models/small/predictions.nc")["prediction"]
    assert mine["sesoi"].to_numpy() == pytest.approx(0.1 * data.values.std(), rel=1e-4)


def test_shuffles_of_one_sequence_count_as_one(finished):
    folder = finished.folder
    drawn = read_arrays(folder / "results/nulls/letters/backgrounds.nc")
    assert len(set(drawn["locus"].values)) == len(set(drawn["source"].values))
    predicted = read_arrays(folder / f"{RUN}/patterns/predictions.nc")
    whole = read_arrays(folder / "results/nulls/dinucleotide/backgrounds.nc")
    pairs = set(zip(predicted["locus"].values, whole["locus"].values, strict=True))
    assert len(pairs) == len(set(whole["locus"].values)) == len(set(predicted["locus"].values))


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
    for word in (
        "Experiments",
        "Motifs",
        "Attribution",
        "Tables",
        "Models",
        "Global importance",
        "Null models",
    ):
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


def test_a_further_null_model_repeats_no_prediction(finished):
    assert len(finished.made_first) >= 6
    assert finished.made_first == {p: p.stat().st_mtime_ns for p in finished.made_first}


def test_touched_inputs_rerun_nothing(finished):
    later = time.time() + 1
    for path in (finished.folder / "toy.zip", finished.folder / "workflow/report/table.rst"):
        os.utime(path, (later, later))
    time.sleep(2)
    assert finished.planned() == set()


FIGURES = {
    *("figure", "figure_motifs", "figure_attribution", "figure_diagnostics", "figure_robustness"),
}
# What follows once statistics, diagnostics or predictions of an experiment are made anew.
TABLES = {"importance", "figure", "tables", "figure_robustness", "report_page"}
DIAGNOSTICS = {
    *("diagnostics", "figure_diagnostics", "tables", "figure_robustness", "report_page"),
}
PREDICTIONS = {"experiment"} | TABLES | DIAGNOSTICS
CONTROLS = {"positive_controls"}
# What follows once a network is trained anew.
NETWORK = {
    *("train", "import_model", "predict_sequences", "predict_null", "band", "attribution"),
    *("modisco", "catalogue"),
}


@pytest.mark.parametrize(
    ("file", "text", "rules"),
    [
        ("workflow/giaflow/plot/theme.py", "\nX = 1\n", FIGURES | {"report_page"}),
        ("workflow/giaflow/statistics/effect_tables.py", "\nX = 1\n", TABLES | CONTROLS),
        ("workflow/giaflow/statistics/smallest_effects.py", "\nX = 1\n", PREDICTIONS | CONTROLS),
        ("workflow/giaflow/statistics/estimates.py", "\n# only words\n", set()),
        ("workflow/report/table.rst", "More words.\n", {"report_page"}),
        ("workflow/giaflow/experiments/kinds/spacing.py", "\nX = 1\n",
         PREDICTIONS),
        ("workflow/giaflow/nulls/mononucleotide.py", "\nX = 1\n",
         PREDICTIONS | CONTROLS | {"backgrounds", "band", "predict_null"}),
        ("workflow/giaflow/nulls/markov.py", "\nX = 1\n", set()),
        ("workflow/giaflow/nulls/diagnostics/positions.py", "\nX = 1\n", TABLES | DIAGNOSTICS),
        ("workflow/giaflow/statistics/model_replicates.py", "\nX = 1\n",
         {"tables", "figure_robustness", "report_page"}),
        ("workflow/giaflow/statistics/null_robustness.py", "\nX = 1\n",
         {"tables", "figure_robustness", "report_page"}),
        ("workflow/giaflow/config/__init__.py", "\nX = 1\n", set()),
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
        (("statistics",), {"confidence": 0.9}, TABLES | CONTROLS),
        (("statistics",), {"interval": "bca"}, TABLES),
        (("nulls", "dinucleotide", "n"), 91,
         PREDICTIONS | CONTROLS | {"backgrounds", "predict_null"}),
        (("motifs", "trim"), 0.25, PREDICTIONS | CONTROLS | {"catalogue", "figure_motifs"}),
        # RNA has one strand: the network is trained without the other.
        (("alphabet",), "ACGU", PREDICTIONS | CONTROLS | FIGURES | NETWORK),
        (("diagnostics", "auc_warn"), 0.61, DIAGNOSTICS),
        (("diagnostics", "coverage_warn"), 0.97, TABLES | DIAGNOSTICS),
        # The report holds the config; the sets compared with are the same.
        (("nulls", "letters", "reference"), ["peaks"], {"report_page"}),
        (("nulls", "letters", "options", "band"), [0.1, 0.8],
         PREDICTIONS | CONTROLS | {"band", "predict_null"}),
        (("statistics",), {"fold": 3.0}, {"tables", "figure_robustness", "report_page"}),
    ],
)  # fmt: skip
def test_a_changed_key_reruns_exactly_what_reads_it(finished, path, value, rules):
    try:
        finished.write_config(edited(path, value))
        assert finished.planned() == rules
    finally:
        finished.write_config(STUDY)


class TestNulls:
    """Options, diagnostics and robustness of the two null models of the tiny study."""

    def test_the_band_keeps_a_share_of_backgrounds_and_is_on_record(self, finished, table):
        whole = read_arrays(finished.folder / "results/nulls/letters/backgrounds.nc")
        kept = read_arrays(finished.folder / "results/models/small/nulls/letters/backgrounds.nc")
        record = json.loads(kept.attrs["record"])
        assert 0.7 * 270 < kept.sizes["sequence"] == record["band"]["kept"] < 0.9 * 270
        assert "quantiles 0.1 and 0.9" in record["conditioning"]
        assert "model small, target bound" in record["conditioning"]
        assert "conditioning" not in json.loads(whole.attrs["record"])
        rows = table[table["null"] == "letters"]
        assert (rows["n"] == kept.sizes["sequence"]).all()
        assert rows["flags"].str.split(", ").map(lambda flags: "conditioned" in flags).all()
        others = table[table["null"] == "dinucleotide"]
        assert not others["flags"].str.contains("conditioned").any()
        assert record["purged"] == {MOTIF: 0} or not occurrences(whole["codes"].values, MOTIF).any()

    def test_diagnostics_tell_the_nulls_apart(self, finished):
        found = read_table(finished.folder / "results/tables/null_diagnostics.tsv")
        assert set(found["null"]) == set(STUDY["nulls"])
        value = found.set_index(["null", "diagnostic", "detail"])["value"]
        shift = value.xs("kmer_jsd_excess", level=1).unstack(0).loc["k=2"]
        assert abs(shift["dinucleotide"]) < 0.001 < shift["letters"]
        assert value["letters", "pattern_share_null", MOTIF] == 0
        kept = read_arrays(finished.folder / "results/models/small/nulls/letters/backgrounds.nc")
        assert value["letters", "kept_by_band", "backgrounds"] == kept.sizes["sequence"]
        assert value["dinucleotide", "pattern_share_data", MOTIF] == pytest.approx(0.9)
        embedded = found[found["diagnostic"] == "embedding_mmd"]
        assert set(embedded["null"]) == set(STUDY["nulls"])
        assert (
            "1 to 3 letters"
            in (finished.folder / "results/models/small/nulls/letters/diagnostics.svg").read_text()
        )

    def test_constructs_beyond_real_sequences_are_flagged_in_both_tables(self, finished, table):
        found = read_table(finished.folder / "results/tables/null_diagnostics.tsv")
        rows = found[found["diagnostic"] == "constructs_extrapolating"]
        pairs = [detail.partition(":")[0] for detail in rows["detail"]]
        assert sorted(pairs) == ["halves, bound", "patterns, bound", "patterns, bound"]
        for row in rows.itertuples():
            name = row.detail.partition(",")[0]
            mine = table[(table["null"] == row.null) & (table["experiment"] == name)]
            assert mine["flags"].str.contains("extrapolates").any() == (row.value > 0)
            folder = finished.folder / "results/models/small/nulls" / row.null
            each = read_table(folder / "constructs.tsv")
            each = each[each["experiment"] == name]
            assert each["extrapolates"].mean() == pytest.approx(row.value, abs=1e-5)
            effects = mine.loc[mine["estimand"] == "global_importance", "condition"]
            assert set(each["condition"]) & set(effects)
        furthest = found[found["diagnostic"] == "construct_beyond_data"]
        assert (furthest["verdict"] == "warn").tolist() == (rows["value"] > 0).tolist()
        page = (finished.folder / "results/tables/null_models.html").read_text()
        assert page.count("construct beyond data") == 1 + (furthest["verdict"] == "warn").sum()

    def test_effects_stand_side_by_side_where_there_are_two_nulls(self, finished, table):
        found = read_table(finished.folder / "results/tables/null_robustness.tsv")
        assert set(found["experiment"]) == {"patterns"} and (found["nulls"] == 2).all()
        first = found.iloc[0]
        same = (table["condition"] == first["condition"]) & (table["estimand"] == first["estimand"])
        by_null = table[same].set_index("null")["estimate"]
        for null in STUDY["nulls"]:
            assert first[f"estimate_{null}"] == by_null[null]
        flagged = set(found.loc[found["flag"] != "", "condition"])
        marked = table[table["flags"].str.contains("null-dependent")]
        assert set(marked["condition"]) <= flagged

    def test_every_kind_with_inputs_draws_from_them(self, finished):
        """Regions of a genome, given sequences, and values measured or predicted."""
        rng = np.random.default_rng(1)
        folder = finished.folder
        genome = "".join(rng.choice(list("ACGT"), 60_000))
        (folder / "genome.fa").write_text(f">chr1\n{genome[:47_000]}\n>chr2\n{genome[47_000:]}\n")
        (folder / "avoid.bed").write_text("chr1\t0\t30000\nchr9\t1\t2\n")
        regions = [f"chr{1 + i % 2}\t{400 + 97 * i}\t{431 + 97 * i}\n" for i in range(43)]
        (folder / "regions.bed").write_text("".join(regions))
        sequences = read_arrays(folder / "results/sequences/peaks/sequences.nc")
        names = sequences["name"].values
        lines = [f"{name}\t{i}" for i, name in enumerate(names[::-1])]
        (folder / "values.tsv").write_text("\n".join(["peak\tsignal", *lines]) + "\n")
        values = {"values": {"file": "values.tsv", "name": "peak", "value": "signal"}}
        more = {
            "matched": {"kind": "gc_matched", "n": 101, "settings": {"max_shift": 1.0},
                        "inputs": {"genome": "genome.fa", "avoid": ["avoid.bed"]}},
            "regions": {"kind": "genomic", "n": 41,
                        "inputs": {"genome": "genome.fa", "regions": ["regions.bed"]}},
            "low": {"kind": "genomic", "n": 53, "inputs": values,
                    "settings": {"source": "low_activity", "below": 0.2}},
            "measured": {"kind": "quantile", "n": 97, "settings": {"part": 4}, "inputs": values},
            "predicted": {"kind": "quantile", "n": 99, "settings": {"by": "prediction", "part": 4},
                          "inputs": {"model": "small", "target": "bound"}},
        }  # fmt: skip
        study = json.loads(json.dumps(STUDY))
        study["nulls"] |= {name: {"sequences": ["peaks"], **one} for name, one in more.items()}
        files = {name: f"results/nulls/{name}/backgrounds.nc" for name in more}
        try:
            finished.write_config(study)
            done = finished.snakemake("--cores", "2", "--", *files.values())
            assert done.returncode == 0, done.stdout + done.stderr
        finally:
            finished.write_config(STUDY)
        found = {name: read_arrays(folder / file) for name, file in files.items()}
        drawn = {name: list(one["source"].values) for name, one in found.items()}
        for name, one in found.items():
            assert len(set(drawn[name])) == one.sizes["sequence"] == more[name]["n"]
        for name in ("matched", "regions"):
            for codes, source in zip(found[name]["codes"].values, drawn[name], strict=True):
                chrom, _, span = source.partition(":")
                start, end = map(int, span.split("-"))
                offset = 47_000 * (chrom == "chr2")
                assert decode(codes) == genome[offset + start : offset + end]
                assert name == "regions" or chrom == "chr2" or start >= 30_000
        # The values fall along the file: its last sequences have the lowest.
        assert set(drawn["low"]) <= set(names[-80:])
        assert set(drawn["measured"]) <= set(names[:100])
        predictions = read_arrays(folder / "results/models/small/predictions.nc")
        order = np.argsort(predictions["prediction"].values[:, 0])
        assert set(drawn["predicted"]) <= set(names[order[-100:]])
        record = json.loads(found["predicted"].attrs["record"])
        assert "part 4 of 4" in record["conditioning"]
        assert record["conditioning"].endswith("of model small, target bound")


def test_one_core_gives_the_same_bytes_as_two(finished, tmp_path):
    other = make_project(tmp_path / "elsewhere", with_one_null(STUDY))
    tables = [f"{RUN}/patterns/importance.tsv", f"{RUN}/halves/contrasts.tsv"]
    done = other.snakemake("--cores", "1", "--", *tables)
    assert done.returncode == 0, done.stderr[-3000:]
    kept = {".keras", ".npz", ".nc", ".tsv", ".meme", ".bed"}
    found = [path for path in (other.folder / "results").rglob("*") if path.suffix in kept]
    names = [str(path.relative_to(other.folder)) for path in found]
    names = [name for name in names if not name.startswith("results/benchmarks")]
    assert {*tables, "results/models/small/model.keras"} <= set(names) and len(names) > 15
    for name in names:
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
    said = done.stdout + done.stderr
    assert "sequences" in said and "obtain" not in said
