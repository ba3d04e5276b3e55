"""The studies of published networks and data: which files each needs, and how it is run.

A file that its owner must save stands in one folder (`DATA`) under its `place`; the study's
configuration gets its path. Each study runs in its own folder of results/figures/, and what
`make validate` runs with a shorter training in results/validation/.

A study may know its data in several layouts: entries of one name, of which the first runs whose
files all lie there.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = "results/tables/published.tsv"


@dataclass(frozen=True)
class File:
    """A file that a study reads."""

    place: str
    """Path below the folder of files that users supply."""
    keys: tuple
    """The keys of the configuration that take its path, each as words divided by dots; `[]` behind
    the last makes it a list of one."""
    origin: str
    """Where it comes from, for whom lacks it."""
    needed: bool = True
    """Whether the study cannot run without it; else it is downloaded."""


@dataclass(frozen=True)
class PaperStudy:
    """A study of config/studies/ that is held against a paper."""

    name: str
    files: tuple
    owned: tuple = (("published[]", "config/published/{name}.tsv"),)
    """Keys of the configuration that name a file of this repository, and the file; a list grows
    with each file."""
    over: tuple = ()
    """Configurations of config/studies/ that are laid over the study's own."""
    short: tuple = ()
    """Further ones for `make validate`, which make the study shorter."""
    texts: tuple = ()
    """Keys of the configuration, and what they take below the folder of files, which is not a file:
    a table of models fills in its {column}."""
    base: str = "studies/{name}.yaml"
    """The study's own configuration, in config/."""
    lacks: str = ""
    """What it leaves out that another layout has, in one line."""


RBFOX1 = File(
    "deepbind/RBFOX1_RNCMPT00168_D00210.001_len41.keras",
    ("models.RBFOX1.path",),
    "DeepBind's network of RBFOX1 (Alipanahi et al. 2015) in Keras 3, input (41, 4); row "
    "deepbind of resources/sources.tsv has the address of its weights",
)
VTS1 = File(
    "deepbind/Vts1p_RNCMPT00111_D00162.002_len41.keras",
    ("models.VTS1.path",),
    "the same of Vts1p",
)
INTENSITIES = (
    "RBP24_MSI1_RNCMPT00176.intensity.txt.gz",
    "RBP8_HNRNPC_RNCMPT00025.intensity.txt.gz",
    "RBP15_KHDRBS1_RNCMPT00169.intensity.txt.gz",
)
BPNET = File(
    "bpnet_oskn/bpnet_oskn.keras",
    ("models.BPNet.path", "models.BPNet_wn.path"),
    "BPNet of Oct4, Sox2, Nanog and Klf4 (Avsec et al. 2021) in Keras 3, input (1000, 4), outputs "
    "Oct4_profile, Oct4_counts, ...; row bpnet_oskn of resources/sources.tsv has the address of "
    "its weights",
)
SITES = ("Nanog_sites", "Sox2_sites", "Oct4-Sox2_sites")
GENOME = (
    File(
        "bpnet_oskn/genome.fa",
        tuple(f"sequences.{name}.instances.genome" for name in SITES),
        "the genome of the mouse, mm10, as FASTA",
    ),
    File(
        "bpnet_oskn/peaks.bed",
        tuple(f"sequences.{name}.instances.regions" for name in SITES),
        "peaks of Oct4, Sox2, Nanog or Klf4 on that genome, as BED",
    ),
)
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
            ("published[]", "config/published/{name}.tsv"),
            ("published[]", "config/published/{name}_gc.tsv"),
            ("models.protein.each", "config/studies/{name}.tsv"),
        ),
        short=("rnacompete_short.yaml",),
    ),
    PaperStudy(
        "rnacompete",
        (
            File(
                "rnacompete2013/probes.tsv.gz",
                ("sequences.set_a.probes.file", "sequences.set_b.probes.file"),
                "a table of probes with the columns set (A or B) and seq; row "
                "rnacompete2013_files of resources/sources.tsv has the address",
            ),
            *(
                File(f"rnacompete2013/{name}", (), "intensities, one line per probe in its order")
                for name in INTENSITIES
            ),
            RBFOX1,
            VTS1,
        ),
        (
            ("published[]", "config/published/{name}.tsv"),
            ("models.protein.each", "config/studies/{name}_files.tsv"),
        ),
        over=("rnacompete_files.yaml",),
        short=("rnacompete_short.yaml",),
        texts=(("models.protein.train.measured.values.binding.file", "rnacompete2013/{file}"),),
    ),
    PaperStudy(
        "rnacompete_s",
        (
            File(
                "rnacompete_s_vts1/Vts1_quite_small.fa.gz",
                ("sequences.bound.fasta[]",),
                "40-mers that Vts1p selected; row rnacompete_s of resources/sources.tsv has the "
                "address",
            ),
            File(
                "rnacompete_s_vts1/Pool_quite_small.fa.gz",
                ("sequences.pool.fasta[]",),
                "the pool that they were selected from",
            ),
        ),
    ),
    PaperStudy("deepbind", (RBFOX1, VTS1)),
    PaperStudy("bpnet", (BPNET, *GENOME), over=("bpnet_genome.yaml",)),
    PaperStudy(
        "bpnet",
        (BPNET,),
        lacks="without removals from the genome, which need "
        + " and ".join(file.place for file in GENOME),
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

# Of no paper: the default study, held against what another network learned of the same peaks.
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
    base="config.yaml",
    over=("peaks.yaml",),
)


def layouts(*more):
    """Name of a study to its layouts, of papers and of further studies."""
    found = {}
    for study in (*STUDIES, *more):
        found.setdefault(study.name, []).append(study)
    return found


def complete(some, data):
    """The first of some layouts whose files all lie in the folder, or None."""
    return next((study for study in some if not missing(study, data)), None)


def missing(study, data):
    """Files that a study needs and the folder lacks."""
    return [file for file in study.files if file.needed and not (data / file.place).is_file()]


def advice(some, data):
    """Lines on what must be supplied before a study can run, in one of some layouts."""
    lines = []
    for study in some:
        lines += ["or"] if lines else []
        lines += [f"supply {data / file.place}: {file.origin}" for file in missing(study, data)]
    return lines


def settings(study, data):
    """The part of the configuration that tells a study where its files are, as nested keys."""
    paths = [(key, ROOT / file.format(name=study.name)) for key, file in study.owned]
    paths += [(key, data.resolve() / text) for key, text in study.texts]
    for file in study.files:
        if (data / file.place).is_file():
            paths += [(key, (data / file.place).resolve()) for key in file.keys]
    found = {}
    for key, path in paths:
        *outer, last = key.split(".")
        inner = found
        for word in outer:
            inner = inner.setdefault(word, {})
        if last.endswith("[]"):
            inner.setdefault(last.removesuffix("[]"), []).append(str(path))
        else:
            inner[last] = str(path)
    return found


def folder_of(study, short=False):
    """The folder that a study runs in."""
    return ROOT / "results" / ("validation" if short and study.short else "figures") / study.name


def command(study, data, words, wanted=(), short=False):
    """The call of Snakemake that runs a study, for `wanted` files or all."""
    laid_over = [f"studies/{name}" for name in (*study.over, *(study.short if short else ()))]
    chosen = [study.base.format(name=study.name), *laid_over]
    given = [f"{key}={json.dumps(value)}" for key, value in settings(study, data).items()]
    return [
        sys.executable, "-m", "snakemake", "--quiet", "--keep-going",
        "--snakefile", str(ROOT / "workflow" / "Snakefile"),
        "--directory", str(folder_of(study, short)),
        "--configfile", *(str(ROOT / "config" / name) for name in chosen),
        *words, "--config", *given, "--", *wanted,
    ]  # fmt: skip


def run_study(study, data, words, wanted=(), short=False):
    """Run a study; whether it finished."""
    folder_of(study, short).mkdir(parents=True, exist_ok=True)
    return subprocess.run(command(study, data, words, wanted, short)).returncode == 0
