"""A table of probes and one of proteins, through training to effects across the family."""

import gzip
import json
import re

import numpy as np
import pytest
from conftest import make_project

from giaflow.base.alphabet import UNKNOWN, decode
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import read_table
from giaflow.validation.published.published import COLUMNS

STUDY = {
    "study": "array",
    "length": 23,
    "alphabet": "ACGU",
    "sequences": {
        key: {
            "probes": {"file": "probes.tsv.gz", "set_column": "Fold ID", "set": key[-1].upper()},
            "pad": True,
        }
        for key in ("set_a", "set_b")
    },
    "models": {
        "protein": {
            "each": "proteins.tsv",
            "train": {
                "measured": {
                    "sequences": "set_a",
                    "test": "set_b",
                    "values": {
                        "binding": {
                            "file": "intensities.tsv", "name": None, "value": "{column}",
                            "scale": "log",
                        }
                    },
                },
                "network": {
                    "architecture": "residualbind",
                    "settings": {"filters": 12, "width": 5, "hidden": 9, "pool": 5},
                },
                "schedule": {
                    "epochs": 12, "batch": 50, "learning_rate": 0.01, "validation": 0.1,
                    "patience": 5,
                },
            },
            "patterns": {"motif": "{motif}"},
        }
    },
    "nulls": {"profile": {"kind": "profile", "sequences": ["set_b"], "n": 60}},
    "patterns": {"motif": "AAAA"},
    "experiments": {
        "gc": {"kind": "regional_composition", "settings": {"pattern": "motif"}},
        "copies": {"kind": "copies", "settings": {"pattern": "motif", "slots": [1, 8, 15]}},
    },
    "diagnostics": {"auc_permutations": 3, "mmd_permutations": 100, "largest_k": 3},
    "published": ["numbers.tsv", "more.tsv"],
}  # fmt: skip
# Two tables of numbers that the study is held against; the last cannot be met.
PUBLISHED = {
    "numbers.tsv": [
        ("good", "tables/performance.tsv", {"model": "P2"}, "r", "0.6", "1"),
    ],
    "more.tsv": [
        (
            "copies",
            "tables/family_spread.tsv",
            {"estimand": "additivity_share", "copies": 3},
            "models",
            "2",
            "2",
        ),
        (
            "one",
            "tables/families.tsv",
            {"model": "P1", "estimand": "additivity_share", "copies": 3},
            "estimate",
            "5",
            "",
        ),
    ],
}
MOTIFS = {"P1": "UGCA", "P2": "GGAC"}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The study of two proteins whose intensities count their motifs; some were not measured."""
    project = make_project(tmp_path_factory.mktemp("array") / "project", STUDY)
    rng = np.random.default_rng(0)
    probes = ["".join(rng.choice(list("ACGU"), rng.integers(17, 24))) for _ in range(1600)]
    probes = [
        text[:3] + MOTIFS[("P1", "P2")[i % 2]] + text[7:] if i % 3 else text
        for i, text in enumerate(probes)
    ]
    lines = [f"{'AB'[i % 4 == 3]}\t{text}" for i, text in enumerate(probes)]
    content = "Fold ID\tseq\n" + "\n".join(lines) + "\n"
    (project.folder / "probes.tsv.gz").write_bytes(gzip.compress(content.encode()))
    values = [
        [text.count(motif) + 0.1 * rng.random() for motif in MOTIFS.values()] for text in probes
    ]
    rows = [
        "\t".join("NA" if i % 50 == 7 else f"{v:.3f}" for v in row) for i, row in enumerate(values)
    ]
    (project.folder / "intensities.tsv").write_text("c1\tc2\n" + "\n".join(rows) + "\n")
    table = "".join(f"{name}\tc{name[1]}\t{motif}\n" for name, motif in MOTIFS.items())
    (project.folder / "proteins.tsv").write_text("model\tcolumn\tmotif\n" + table)
    for name, numbers in PUBLISHED.items():
        lines = ["\t".join(COLUMNS)]
        for number, table, select, column, low, high in numbers:
            fields = (number, "a paper", "", table, json.dumps(select), column, low, high, "", "")
            lines.append("\t".join(fields))
        (project.folder / name).write_text("\n".join(lines) + "\n")
    targets = ["results/tables/families.png", "results/models/P1/performance.png"]
    targets += ["results/tables/published.tsv"]
    finished = project.snakemake("--cores", "2", *targets)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return project


def test_probes_are_padded_and_keep_their_rows(done):
    found = read_arrays(done.folder / "results/sequences/set_b/sequences.nc")
    assert found["name"].values[:2].tolist() == ["4", "8"] and found.attrs["table_rows"] == 1600
    padded = (found["codes"].values == UNKNOWN).sum(axis=1)
    assert padded.min() == 0 and padded.max() == 6


def test_each_protein_learned_its_own_motif(done):
    quality = read_table(done.folder / "results/tables/performance.tsv").set_index("model")
    assert (quality["r"] > 0.6).all() and quality["sequences"].max() < 400
    effects = read_table(done.folder / "results/tables/global_importance.tsv")
    alone = effects[effects["condition"].str.contains('"arm": "pattern"')].set_index("model")
    assert (alone["estimate"] > 0.5).all() and set(alone["unit"]) == {"SD of log intensity"}
    history = read_table(done.folder / "results/models/P2/training.tsv")
    assert len(history) <= 12 and history["validation_r"].max() > 0.6


def test_chance_hits_are_those_of_each_model_s_own_motif_on_one_strand(done):
    found = read_table(done.folder / "results/tables/null_diagnostics.tsv")
    shares = found[found["diagnostic"] == "pattern_share_data"]
    assert dict(zip(shares["model"], shares["detail"], strict=True)) == MOTIFS
    codes = read_arrays(done.folder / "results/sequences/set_b/sequences.nc")["codes"].values
    probes = [decode(row, "ACGU") for row in codes]
    expected = [np.mean([motif in probe for probe in probes]) for motif in MOTIFS.values()]
    assert shares["value"].to_numpy() == pytest.approx(expected, rel=1e-5)


def test_the_family_stands_side_by_side(done):
    found = read_table(done.folder / "results/tables/families.tsv")
    assert set(found["model"]) == {"P1", "P2"} and set(found["family"]) == {"protein"}
    assert set(found["estimand"]) == {"fill_bias", "end_bias", "additivity_share"}
    # The same arms for both, though their motifs differ.
    assert (found.groupby(["estimand", "condition"]).size() == 2).all()
    spread = read_table(done.folder / "results/tables/family_spread.tsv")
    assert set(spread["models"]) == {2}


def test_numbers_of_several_tables_are_judged(done):
    found = read_table(done.folder / "results/tables/published.tsv")
    assert dict(zip(found["number"], found["passed"], strict=True)) == {
        "good": "yes", "copies": "yes", "one": "no"
    }  # fmt: skip


def test_a_new_row_makes_a_new_model_and_leaves_the_others_alone(done):
    path = done.folder / "proteins.tsv"
    before = path.read_text()
    path.write_text(before + "P3\tc1\tUGCA\n")
    try:
        planned = done.snakemake("-n", "results/tables/families.png")
        assert planned.returncode == 0, planned.stdout + planned.stderr
        # One network is trained: that of the new row.
        assert re.search(r"^train +1$", planned.stdout + planned.stderr, re.MULTILINE)
    finally:
        path.write_text(before)
