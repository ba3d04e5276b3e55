"""Patterns from matrices, real sequences and variants, run by the real workflow."""

import json
import shutil

import numpy as np
import pytest
from conftest import MOTIF, STUDY, Project

from giaflow.base.alphabet import decode, encode
from giaflow.io.arrays import provenance_of, read_arrays
from giaflow.io.files import sha256
from giaflow.io.motifs import write_meme
from giaflow.io.tables import read_table
from giaflow.sequences.pattern_search import occurrences

FOLDER = "results/models/small/experiments/dinucleotide"
SAMPLED = {"file": "motif.meme", "instances": "sampled"}


def study(**more):
    """The tiny study with a motif file, and experiments of its own alone."""
    made = json.loads(json.dumps(STUDY))
    made["patterns"] |= {"sampled": SAMPLED, "jaspar": {"jaspar": "MA0099", "trim": 0.3}}
    made["motifs"]["instances"] = "sampled"
    made["experiments"] = {
        name: {"nulls": ["dinucleotide"], **entry} for name, entry in more.items()
    }
    return made


def counts(shares):
    """A PFM of the motif with so many of 10 counts on its letters."""
    return np.where(np.eye(4)[encode(MOTIF)] > 0, shares, (10 - shares) / 3)


@pytest.fixture(scope="module")
def made(finished, tmp_path_factory):
    """The experiments, finished, in a copy of the tiny study after its run."""
    folder = tmp_path_factory.mktemp("kinds") / "project"
    shutil.copytree(finished.folder, folder)
    project = Project(folder)
    write_meme({"motif": counts(7), "other": counts(4)}, "ACGT", folder / "motif.meme")
    sequences = read_arrays(folder / "results/sequences/peaks/sequences.nc")
    rows, starts = occurrences(sequences["codes"].values, MOTIF).nonzero()
    lines = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT"]
    for row, start in list(zip(rows, starts, strict=True))[:5]:
        chrom, at = sequences["chrom"].values[row], sequences["start"].values[row] + start
        ref = decode(sequences["codes"].values[row, start + 2 : start + 4])
        lines += [f"{chrom}\t{at + 3}\trs{row}\t{ref}\t{decode(3 - encode(ref))}"]
        lines += [f"{chrom}\t{at + 3}\t.\t{ref}\t{ref[0]}"]
    (folder / "v.vcf").write_text("\n".join(lines) + "\n")
    kinds = study(
        into={"kind": "knock_in", "settings": {
            "sequences": ["peaks"], "patterns": ["sampled", "planted"], "scrambles": 3, "draws": 2,
            "lowest": 0.9, "target": "bound"}},
        alleles={"kind": "variants", "settings": {"variants": ["v.vcf"], "sequences": ["peaks"]}},
        stem={"kind": "hairpin", "settings": {"pattern": "sampled", "loop": 11, "wobble": 0.3,
                                              "energy": 7}},
        all={"kind": "global_importance", "settings": {"scrambles": 2}},
    )  # fmt: skip
    kinds["motifs"]["sequences"] = STUDY["motifs"]["sequences"]
    kinds["patterns"]["sampled"]["name"] = "motif"
    targets = [f"{FOLDER}/{name}/figure.png" for name in ("into", "alleles", "stem")]
    targets.append(f"{FOLDER}/all/importance.tsv")
    project.write_config(kinds)
    done = project.snakemake("--cores", "2", "--", *targets)
    assert done.returncode == 0, done.stdout + done.stderr
    return project, targets


def rows_of(made, experiment, table="contrasts"):
    return read_table(made[0].folder / FOLDER / experiment / f"{table}.tsv")


def test_a_pattern_is_enough_in_sequences_without_it(made):
    table = rows_of(made, "into")
    found = table[table["estimand"] == "knock_in"].set_index(["pattern", "role"])
    assert found.loc[("planted", "pattern"), "verdict"] == "effect"
    # Sampled instances are weaker than their consensus, which is planted.
    assert (
        found.loc[("sampled", "pattern"), "estimate"]
        < found.loc[("planted", "pattern"), "estimate"]
    )
    assert (table["flags"].str.contains("conditioned")).all()
    assert found.loc[("planted", "pattern"), "n"] < 60
    assert ("planted", "replaced window") in found.index


def test_alleles_that_break_the_motif_lower_the_prediction(made):
    table = rows_of(made, "alleles")
    table = table[table["estimand"] == "variant_effect"]
    assert len(table) == 10
    assert (table["estimate"] < 0).all()
    assert set(table["n"]) == {1, 89}
    assert table["id"].str.startswith("rs").all()
    log = made[0].folder / "results/logs/experiment/small/dinucleotide/alleles.log"
    assert "5 alleles of another length than their reference are left out" in log.read_text()


def test_hairpins_have_energies(made):
    table = rows_of(made, "stem", "importance").set_index("arm")
    assert table.loc["hairpin alone", "energy"] < table.loc["broken alone", "energy"]
    predicted = read_arrays(made[0].folder / FOLDER / "stem/predictions.nc")
    assert predicted["energy"].sizes["folded"] == 7


def test_discovered_patterns_are_sampled(made):
    folder = made[0].folder
    tiny = read_table(folder / FOLDER / "patterns/importance.tsv")
    whole, drawn = (
        table[table["role"] == "pattern"].set_index("pattern")["estimate"]
        for table in (tiny, rows_of(made, "all", "importance"))
    )
    assert {"sampled", "jaspar"} <= set(drawn.index)
    matrices = folder / "results/models/small/motifs/catalogue.nc"
    made_of = provenance_of(read_arrays(folder / FOLDER / "all/predictions.nc"))
    assert made_of["inputs"]["matrices"] == [sha256(matrices)]
    matrix = read_arrays(matrices)["pfm"]
    for name in matrix["pattern"].values:
        counts = matrix.sel(pattern=name).dropna("position").values
        certain = (counts.max(axis=1) == counts.sum(axis=1)).all()
        assert (whole[name] == drawn[name]) == certain


def test_a_changed_motif_reruns_what_embeds_it_and_no_more(made):
    project, targets = made
    path = project.folder / "motif.meme"
    before = path.read_text()
    try:
        write_meme({"motif": counts(7), "other": counts(5)}, "ACGT", path)
        assert project.planned("--", *targets) == set()
        write_meme({"motif": counts(8), "other": counts(4)}, "ACGT", path)
        assert project.planned("--", f"{FOLDER}/alleles/predictions.nc") == set()
        assert project.planned("--", f"{FOLDER}/stem/predictions.nc") == {"experiment"}
    finally:
        path.write_text(before)
