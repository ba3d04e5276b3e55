"""Pairs of motifs removed from a genome, given as FASTA and peaks as BED, through the rules."""

import gzip

import numpy as np
import pytest
import yaml
from test_laboratory_model import snakemake

from giaflow.base.alphabet import decode, encode, reverse_complement
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import read_table
from giaflow.validation.oracles.dna import N_SITE, S_SITE

LENGTH, NEAR, FAR, PAIRS = 200, 12, 60, 37
SETTINGS = {"sequences": ["sites"], "draws": 3, "distances": [30, 70], "per_distance": 5}
STUDY = {
    "study": "genome",
    "length": LENGTH,
    "sequences": {
        "random": {"simulated": 23},
        "sites": {
            "instances": {"genome": "genome.fa.gz", "regions": "peaks.bed", "pattern": "N_site"}
        },
    },
    "models": {"oracle": {"laboratory": "LabD"}},
    "nulls": {"letters": {"kind": "uniform", "sequences": ["random"], "n": 3 * PAIRS}},
    "patterns": {"N_site": N_SITE, "S_site": S_SITE},
    "experiments": {
        "pair": {
            "kind": "double_removal",
            "settings": {**SETTINGS, "first": "N_site", "second": "S_site"},
        }
    },
}
RUN = "results/models/oracle/experiments/letters/pair"


def planted(rng):
    """A chromosome with pairs on either strand, and a peak about each but the last."""
    letters = rng.integers(0, 4, 500 * (PAIRS + 2), dtype=np.uint8)
    peaks, spans = [], []
    for n in range(PAIRS + 1):
        distance, start = (NEAR, FAR)[n % 2], 500 * n + 300
        pair = rng.integers(0, 4, distance + len(S_SITE), dtype=np.uint8)
        pair[: len(N_SITE)], pair[distance:] = encode(N_SITE), encode(S_SITE)
        if n % 3 == 0:
            pair = reverse_complement(pair)
        letters[start : start + len(pair)] = pair
        begin = start if n % 3 else start + len(pair) - len(N_SITE)
        peaks.append(f"chr3\t{begin - 30}\t{begin + 35}\n")
        before = LENGTH // 2 - len(N_SITE) // 2
        first = begin - (before if n % 3 else LENGTH - before - len(N_SITE))
        spans.append(f"chr3:{first}-{first + LENGTH}")
    return decode(letters), peaks[:PAIRS], spans[:PAIRS]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The study's folder after table and figure were made, and where the stretches must lie."""
    path = tmp_path_factory.mktemp("genome")
    text, peaks, spans = planted(np.random.default_rng(5))
    (path / "genome.fa.gz").write_bytes(gzip.compress(f">chr3 toy\n{text}\n".encode()))
    # The same peak twice is one; a chromosome that the genome lacks is left out.
    (path / "peaks.bed").write_text("".join([*peaks, peaks[0], "chrM\t5\t90\n"]))
    (path / "config.yaml").write_text(yaml.safe_dump(STUDY))
    snakemake(path, "--", f"{RUN}/contrasts.tsv", f"{RUN}/figure.png")
    return path, spans


def test_stretches_are_cut_about_the_instances_in_peaks(made):
    folder, spans = made
    found = read_arrays(folder / "results" / "sequences" / "sites" / "sequences.nc")
    assert [name.removesuffix("(-)") for name in found["name"].values.tolist()] == spans
    assert [n % 3 == 0 for n in range(PAIRS)] == (found["strand"].values == "-").tolist()
    start = LENGTH // 2 - len(N_SITE) // 2
    for codes in found["codes"].values:
        assert decode(codes)[start : start + len(N_SITE)] == N_SITE


def test_the_pair_interacts_as_its_oracle_says_by_distance_and_one_way(made):
    table = read_table(made[0] / RUN / "contrasts.tsv")
    for target, expected in (("N", (np.exp(-3 / 50), np.exp(-51 / 50))), ("S", (0, 0))):
        rows = table[(table["target"] == target) & table["estimand"].str.contains("by_distance")]
        rows = rows.set_index(["estimand", "distances"])
        for name, value in zip(("0 to 30", "30 to 70"), expected, strict=True):
            row = rows.loc["interaction_by_distance", name]
            # Letters across both places spell a part of a site now and then.
            assert row["estimate"] == pytest.approx(value, abs=0.005)
            fold = rows.loc["fold_by_distance", name]["estimate"]
            assert (fold > 1.1) if value else fold == pytest.approx(1, abs=0.03)
    assert (made[0] / RUN / "figure.png").stat().st_size > 5000
