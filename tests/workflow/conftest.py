"""A tiny study, run once by the real workflow in a copy of the project."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LENGTH = 60
MOTIF = "TGACTCAGCA"

STUDY = {
    "study": "tiny",
    "seed": 0,
    "length": LENGTH,
    "sources": {"toy": "toy.zip"},
    "sequences": {"peaks": {"source": "toy", "members": ["toy/peaks.fa"]}},
    "models": {
        "small": {
            "train": {
                "positives": {"bound": "peaks"},
                "network": {
                    "architecture": "exponential_cnn",
                    "settings": {"filters": 8, "width": 11, "hidden": 7},
                },
                "test_chromosomes": ["chr2"],
                "schedule": {"epochs": 6, "batch": 32, "learning_rate": 0.02},
            }
        }
    },
    "attribution": {
        "sequences": {"peaks": 300},
        "methods": [{"method": "ism"}, {"method": "saliency"}],
    },
    "motifs": {"sequences": {"bound": ["peaks"]}},
    "nulls": {
        "dinucleotide": {"kind": "dinucleotide", "sequences": ["peaks"], "n": 90},
        "letters": {
            "kind": "mononucleotide",
            "sequences": ["peaks"],
            "n": 270,
            "options": {"purge": [MOTIF], "band": [0.1, 0.9]},
            "inputs": {"target": "bound"},
        },
    },
    "diagnostics": {"auc_permutations": 3, "mmd_permutations": 100, "largest_k": 4},
    "patterns": {"planted": MOTIF, "other": "CCGATAGG"},
    "experiments": {
        "patterns": {"kind": "global_importance", "settings": {"scrambles": 5}},
        "halves": {
            "kind": "spacing",
            "nulls": ["dinucleotide"],
            "settings": {"first": MOTIF[:5], "second": MOTIF[5:], "gaps": [0, 1, 4]},
        },
    },
}


def peaks():
    """FASTA of 400 random sequences, most with the motif somewhere, on two chromosomes."""
    rng = np.random.default_rng(0)
    lines = []
    for i in range(400):
        letters = rng.choice(list("ACGT"), LENGTH)
        if i % 10:
            at = rng.integers(5, LENGTH - 15)
            letters[at : at + len(MOTIF)] = list(MOTIF)
        text = "".join(letters)
        text = text[:9].lower() + text[9:]
        lines += [f">chr{1 + (i % 5 == 0)}:{1000 * i}-{1000 * i + LENGTH}", text]
    # One more with an ambiguous letter, which is dropped.
    lines += [">chr1:7-67", "N" + "A" * (LENGTH - 1)]
    return "\n".join(lines) + "\n"


@dataclass
class Project:
    """A copy of the project in a folder of its own."""

    folder: Path
    made_first: dict = field(default_factory=dict)

    def started(self, *arguments, **options):
        """Start Snakemake there."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=self.folder,
            text=True,
            env={**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": ""},
            **options,
        )

    def snakemake(self, *arguments):
        """Run Snakemake there; returns the finished process."""
        process = self.started(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def write_config(self, study):
        (self.folder / "config" / "config.yaml").write_text(yaml.safe_dump(study, sort_keys=False))

    def planned(self, *arguments):
        """Names of the rules a dry run would execute, without those that follow on any other."""
        done = self.snakemake("-n", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        if "Nothing to be done" in done.stdout + done.stderr:
            return set()
        table = (done.stdout + done.stderr).partition("Job stats:")[2].partition("total")[0]
        rows = [line.split() for line in table.splitlines()]
        return {row[0] for row in rows if len(row) == 2 and row[1].isdigit()} - {"all", "manifest"}

    def append(self, file, text):
        path = self.folder / file
        path.write_text(path.read_text() + text)


def make_project(folder, study):
    """Copy the project into a folder, with a study and its data."""
    folder.mkdir()
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("workflow", "resources", "environment.yml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignore)
        else:
            shutil.copy(source, folder / name)
    (folder / "config").mkdir()
    with zipfile.ZipFile(folder / "toy.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("toy/peaks.fa"), peaks())
    digest = hashlib.sha256((folder / "toy.zip").read_bytes()).hexdigest()
    row = ("toy", "pypi", "toy", "1", "toy.zip", digest, "none", "random sequences")
    with (folder / "resources" / "sources.tsv").open("a") as stream:
        stream.write("\t".join(row) + "\n")
    project = Project(folder)
    project.write_config(study)
    return project


def with_one_null(study):
    """The study without its second null model."""
    nulls = {name: null for name, null in study["nulls"].items() if name != "letters"}
    return {**study, "nulls": nulls}


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The tiny study, run whole with one null model, then with both; tests must leave it so.

    Its store, beside it, has what was expensive.
    """
    project = make_project(tmp_path_factory.mktemp("tiny") / "project", with_one_null(STUDY))
    for study in (with_one_null(STUDY), STUDY):
        project.write_config({**study, "store": {"folder": "../store"}})
        done = project.snakemake("--cores", "2")
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "Where to look" in done.stdout + done.stderr
        if not project.made_first:
            models = project.folder / "results" / "models"
            project.made_first = {p: p.stat().st_mtime_ns for p in models.rglob("*.nc")}
    return project


@pytest.fixture
def project(tmp_path):
    """A fresh copy in which nothing was run yet."""
    return make_project(tmp_path / "project", STUDY)
