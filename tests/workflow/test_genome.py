"""Null models on a real genome: the megabase of chromosome 22 in Debian's package hisat2."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import make_project

from giaflow.base.alphabet import UNKNOWN, encode
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import read_table
from giaflow.nulls.gc_matched import content
from giaflow.sequences.pattern_search import count_words

GENOME = Path("/usr/share/doc/hisat2/examples/reference/22_20-21M.fa")
LENGTH, REGIONS, N = 200, 311, 283
# No window may touch the first tenth of the megabase.
AVOIDED = 100_000

pytestmark = pytest.mark.skipif(not GENOME.exists(), reason="the package hisat2 is not installed")

STUDY = {
    "study": "chr22",
    "length": LENGTH,
    "sequences": {"regions": {"fasta": ["regions.fa"]}},
    "models": {"oracle": {"laboratory": "LabD"}},
    "nulls": {
        "matched": {
            "kind": "gc_matched",
            "sequences": ["regions"],
            "n": N,
            "inputs": {"genome": str(GENOME), "avoid": ["avoid.bed"]},
        },
        "shuffled": {
            "kind": "dinucleotide",
            "sequences": ["regions"],
            "n": N,
            "options": {"purge": ["AGCCATCA"]},
        },
    },
    "diagnostics": {"auc_permutations": 3, "mmd_permutations": 100, "largest_k": 3},
    "patterns": {"site": "AGCCATCA"},
    "experiments": {},
}


@pytest.fixture(scope="module")
def genome():
    """Name and letters of the only record."""
    name, letters = GENOME.read_text().split("\n", 1)
    return name[1:].split()[0], letters.replace("\n", "")


@pytest.fixture(scope="module")
def folder(genome, tmp_path_factory):
    """The study after the diagnostics of both null models were made."""
    project = make_project(tmp_path_factory.mktemp("genome") / "project", STUDY)
    name, letters = genome
    # Richer in GC than the rest, so that matching has work to do.
    windows = [letters[at : at + LENGTH] for at in range(0, AVOIDED, LENGTH)]
    rich = sorted(windows, key=lambda text: text.count("G") + text.count("C"))[-REGIONS:]
    (project.folder / "regions.fa").write_text(
        "".join(f">region_{i}\n{text.lower()}\n" for i, text in enumerate(rich))
    )
    (project.folder / "avoid.bed").write_text(f"{name}\t0\t{AVOIDED}\n")
    made = [f"results/models/oracle/nulls/{null}/diagnostics.tsv" for null in STUDY["nulls"]]
    done = project.snakemake("--cores", "2", "--", *made)
    assert done.returncode == 0, done.stdout + done.stderr
    return project.folder


def drawn(folder, null):
    return read_arrays(folder / f"results/nulls/{null}/backgrounds.nc")


def regions(folder):
    return read_arrays(folder / "results/sequences/regions/sequences.nc")["codes"].values


def test_matched_windows_are_real_apart_and_of_the_same_gc_content(folder, genome):
    name, letters = genome
    found = drawn(folder, "matched")
    starts = []
    for codes, source in zip(found["codes"].values, found["source"].values, strict=True):
        chrom, _, span = source.rpartition(":")
        start, end = map(int, span.split("-"))
        assert chrom == name and end == start + LENGTH
        assert (codes == encode(letters[start:end])).all()
        starts.append(start)
    assert min(starts) >= AVOIDED and np.diff(sorted(starts)).min() >= LENGTH
    every = np.stack([encode(letters[at : at + LENGTH]) for at in range(AVOIDED, 10**6, LENGTH)])
    assert (every == UNKNOWN).all(axis=1).sum() > 300  # the assembly has gaps here
    wanted, offered, taken = (
        content(codes)[0] for codes in (regions(folder), every, found["codes"].values)
    )
    quantiles = np.linspace(0.05, 0.95, 19)
    spread = np.abs(np.quantile(taken, quantiles) - np.quantile(wanted, quantiles)).max()
    assert spread < 0.02 < wanted.mean() - offered[offered > 0].mean()


def test_shuffles_of_real_sequences_keep_their_pairs(folder):
    found = drawn(folder, "shuffled")
    named = {f"region_{i}": codes for i, codes in enumerate(regions(folder))}
    for codes, source in zip(found["codes"].values, found["source"].values, strict=True):
        origin = named[source][None]
        assert (count_words(codes[None], 2) == count_words(origin, 2)).all()
        assert (codes != origin).mean() > 0.5


def test_the_diagnostics_see_cpg_and_chance_sites_of_a_real_genome(folder):
    tables = {
        null: read_table(folder / f"results/models/oracle/nulls/{null}/diagnostics.tsv")
        for null in STUDY["nulls"]
    }
    found = {null: t.set_index(["diagnostic", "detail"])["value"] for null, t in tables.items()}
    for null, value in found.items():
        record = json.loads(drawn(folder, null).attrs["record"])
        assert record["distinct"] / N == value["distinct_share", f"{record['distinct']} of {N}"]
        # CpG is depleted in the genome, and both null models keep that.
        for side in ("null", "data"):
            assert 0.1 < value["cpg_observed_expected", side] < 0.6
        assert value["pattern_share_null", "AGCCATCA"] < 0.1
    purged = json.loads(drawn(folder, "shuffled").attrs["record"])["purged"]["AGCCATCA"]
    assert found["shuffled"]["purged", "AGCCATCA"] == purged
    assert found["shuffled"]["pattern_share_null", "AGCCATCA"] == 0
    # Pairs are the same to the count; only which regions were drawn is chance.
    assert abs(found["shuffled"]["kmer_jsd_excess", "k=2"]) < 0.001
    assert found["shuffled"]["kmer_jsd_excess", "k=3"] > found["shuffled"]["kmer_jsd_excess", "k=2"]
    judged = pd.concat(tables)["verdict"]
    assert set(judged) <= {"ok", "warn", "fail", "info"} and (judged != "info").sum() > 10
