"""The studies of published networks and data: which files each needs, and how it is run.

A file that its owner must save stands in one folder (`DATA`) under its `place`; the study's
configuration gets its path. Each study runs in its own folder of results/figures/.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = "results/tables/published.tsv"


@dataclass(frozen=True)
class File:
    """A file that a study reads."""

    place: str
    """Path below the folder of files that users supply."""
    keys: tuple
    """The keys of the configuration that take its path, each as words divided by dots."""
    origin: str
    """Where it comes from, for whom lacks it."""
    needed: bool = True
    """Whether the study cannot run without it; else it is downloaded."""


@dataclass(frozen=True)
class PaperStudy:
    """A study of config/studies/ that is held against a paper."""

    name: str
    files: tuple
    owned: tuple = (("published", "config/published/{name}.tsv"),)
    """Keys of the configuration that name a file of this repository, and the file."""
    configs: tuple = ("config/studies/{name}.yaml",)
    """Its configuration; each further file is laid over those before it."""


STUDIES = (
    PaperStudy(
        "rnacompete",
        (
            File(
                "rnacompete2013/sequences.tsv.gz",
                ("sequences.set_a.probes.file", "sequences.set_b.probes.file"),
                "the table of probes in the supplementary software of DeepBind (Alipanahi et al. "
                "2015); row rnacompete2013_deepbind of resources/sources.tsv has the address",
            ),
            File(
                "rnacompete2013/targets.tsv.gz",
                ("models.protein.train.measured.values.binding.file",),
                "the intensities of the same probes, from the same archive",
            ),
        ),
        (
            ("published", "config/published/{name}.tsv"),
            ("models.protein.each", "config/studies/{name}.tsv"),
        ),
    ),
    PaperStudy(
        "bpnet",
        (
            File(
                "bpnet_oskn/bpnet_oskn.keras",
                ("models.BPNet.path",),
                "BPNet of Oct4, Sox2, Nanog and Klf4 (Avsec et al. 2021) in Keras 3, input "
                "(1000, 4), outputs Oct4_profile, Oct4_counts, ...; row bpnet_oskn of "
                "resources/sources.tsv has the address of its weights",
            ),
        ),
    ),
    PaperStudy(
        "splicing",
        (
            File(
                "mmsplice-2.4.0-py2.py3-none-any.whl",
                ("sources.mmsplice",),
                "the PyPI package mmsplice 2.4.0, which is downloaded if it is not there",
                needed=False,
            ),
        ),
    ),
)

# Not of a paper: the default study, held against what another network learned of the same peaks.
PEAKS = PaperStudy(
    "peaks",
    (
        File(
            "janggu-0.10.2-py2.py3-none-any.whl",
            ("sources.janggu",),
            "the PyPI package janggu 0.10.2, which is downloaded if it is not there",
            needed=False,
        ),
    ),
    configs=("config/config.yaml", "config/studies/{name}.yaml"),
)


def missing(study, data):
    """Files that a study needs and the folder lacks."""
    return [file for file in study.files if file.needed and not (data / file.place).is_file()]


def advice(study, data):
    """One line for each file that must be supplied before a study can run."""
    return [f"supply {data / file.place}: {file.origin}" for file in missing(study, data)]


def settings(study, data):
    """The part of the configuration that tells a study where its files are, as nested keys."""
    paths = [(key, ROOT / file.format(name=study.name)) for key, file in study.owned]
    for file in study.files:
        if (data / file.place).is_file():
            paths += [(key, (data / file.place).resolve()) for key in file.keys]
    found = {}
    for key, path in paths:
        *outer, last = key.split(".")
        inner = found
        for word in outer:
            inner = inner.setdefault(word, {})
        inner[last] = str(path)
    return found


def folder_of(study):
    """The folder that a study runs in."""
    return ROOT / "results" / "figures" / study.name


def command(study, data, words, wanted=()):
    """The call of Snakemake that runs a study, for `wanted` files or all."""
    chosen = [str(ROOT / file.format(name=study.name)) for file in study.configs]
    given = [f"{key}={json.dumps(value)}" for key, value in settings(study, data).items()]
    return [
        sys.executable, "-m", "snakemake", "--quiet", "--keep-going",
        "--snakefile", str(ROOT / "workflow" / "Snakefile"), "--directory", str(folder_of(study)),
        "--configfile", *chosen, *words, "--config", *given, "--", *wanted,
    ]  # fmt: skip


def run_study(study, data, words, wanted=()):
    """Run a study; whether it finished."""
    folder_of(study).mkdir(parents=True, exist_ok=True)
    return subprocess.run(command(study, data, words, wanted)).returncode == 0
