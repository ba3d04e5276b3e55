"""Every kind of file that a study reads takes part by content, whatever its date."""

import os
import shutil

import numpy as np
import pytest
from conftest import LENGTH, STUDY, make_project
from test_reruns import fasta

from giaflow.base.alphabet import decode

SITE = "TGACTCAGCA"
TRAIN = STUDY["models"]["small"]["train"]
INPUTS = {
    "study": "inputs",
    "length": LENGTH,
    "sources": {"toy": "toy.zip"},
    "sequences": {
        "packed": STUDY["sequences"]["peaks"],
        "probes": {"probes": {"file": "probes.tsv", "sequence": "seq"}},
        "sites": {"instances": {"genome": "genome.fa", "regions": "sites.bed", "pattern": SITE}},
    },
    # Nothing that is made here needs it.
    "models": {"small": {"train": {**TRAIN, "positives": {"bound": "packed"}}}},
    "nulls": {
        "real": {
            "kind": "genomic",
            "sequences": ["packed"],
            "n": 11,
            "inputs": {"fasta": ["real.fa"]},
        },
        "cut": {
            "kind": "genomic",
            "sequences": ["packed"],
            "n": 5,
            "inputs": {"genome": "genome.fa", "regions": ["cut.bed"]},
        },
    },
    "patterns": {"site": SITE},
    "experiments": {},
}
MADE = [f"results/sequences/{name}/sequences.nc" for name in INPUTS["sequences"]]
MADE += [f"results/nulls/{name}/backgrounds.nc" for name in INPUTS["nulls"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The project after its sequences and backgrounds were made."""
    project = make_project(tmp_path_factory.mktemp("inputs") / "project", INPUTS)
    letters = decode(np.random.default_rng(5).integers(0, 4, 2000, dtype=np.uint8))
    letters = letters[:500] + SITE + letters[510:]
    texts = {
        "genome.fa": f">chr1\n{letters}\n",
        "sites.bed": "chr1\t480\t530\n",
        "cut.bed": "".join(f"chr1\t{at}\t{at + LENGTH}\n" for at in range(0, 1900, 97)),
        "real.fa": fasta(3),
        "probes.tsv": f"seq\n{letters[:LENGTH]}\n{letters[LENGTH : 2 * LENGTH]}\n",
    }
    for name, text in texts.items():
        (project.folder / name).write_text(text)
    done = project.snakemake("--cores", "2", "--", *MADE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.planned(*MADE) == set()
    return project


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("toy.zip", {"obtain", "sequences", "backgrounds"}),
        ("probes.tsv", {"sequences"}),
        ("sites.bed", {"sequences"}),
        ("cut.bed", {"backgrounds"}),
        ("real.fa", {"backgrounds"}),
        ("genome.fa", {"sequences", "backgrounds"}),
    ],
)
def test_another_content_of_an_older_date(made, file, rules, tmp_path):
    path = made.folder / file
    shutil.copy2(path, tmp_path / file)
    try:
        path.write_bytes(path.read_bytes() + b"\n")
        os.utime(path, (10**9, 10**9))
        assert made.planned(*MADE) == rules
    finally:
        shutil.copy2(tmp_path / file, path)
