"""The study, checked once; where its files are; and what rules need to know of it."""

import multiprocessing
import os
import shlex
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path

from giaflow.base.code_digest import code_digest, compiled_folder, tree_digest

# Before anything imports numba, here and in every job.
os.environ.setdefault("NUMBA_CACHE_DIR", compiled_folder())

# Snakemake puts this path into shell commands without quotes; its folder may have a space or an
# apostrophe. A shell reads the quoted path as it is meant; an ordinary path stays the same.
if not sys.executable.startswith("'"):
    multiprocessing.set_executable(sys.executable)
    sys.executable = shlex.quote(sys.executable)

from commands.check_config import given
from giaflow import experiments, nulls, validation
from giaflow.experiments import summaries
from giaflow.models import functionals
from giaflow.models.training import architectures
from giaflow.attribution import REGISTRY as METHODS
from giaflow.base.checks import InputError
from giaflow.experiments.positive_controls import KINDS as CONTROL_KINDS
from giaflow.io import run_lock
from giaflow.io.matrices import matrix_of
from giaflow.io.config_lines import locator
from giaflow.io.config_text import check_override
from giaflow.io.text_tables import read_rows
from giaflow.io.sources import read_sources
from giaflow.edits.pattern_references import dumped
from giaflow.base.versions import versions
from giaflow.config.checks import load_study

# What the report page says at its top; only the job that makes the page hands it over.
NOTES = config.pop("notes", [])
# Where files are sought beside the working directory: the config that was given last comes first. The
# report page is made from a copy of the config elsewhere, which says where the files were sought.
FOLDERS = config.pop("folders", None) or list(
    dict.fromkeys(str(Path(file).parent) for file in reversed(workflow.configfiles))
)

# A mistake of the user ends in one sentence; behind a WorkflowError, Snakemake prints a trace.
try:
    run_lock.check_name(Path(workflow.basedir).parent)
    run_lock.check_name(Path.cwd())
    run_lock.check_writable(".")
    # What Snakemake read in them is a number already; what was written stands only here.
    if workflow.is_main_process:
        for pair in given(sys.argv, ("--config", "-C")):
            check_override(pair)
    SOURCES = read_sources(Path(workflow.basedir).parent / "resources" / "sources.tsv")
    study = load_study(
        config,
        locator(workflow.configfiles),
        SOURCES,
        matrix_of,
        read_rows,
        os.path.exists,
        FOLDERS,
    )
except InputError as error:
    sys.exit(f"\nERROR: {error}")

# With its defaults, and with the code that this run began with; jobs find it in the config, where it
# reruns nothing.
config["notes"] = NOTES
config["store"] = study.store and {**study.store.model_dump(), "code": tree_digest()}
# The letters of every pattern, or its matrix: a motif file that changes changes the parameters of
# just those jobs that embed its motif.
LETTERS = {name: dumped(letters) for name, letters in study.letters.items()}
DNN = versions("tensorflow", "keras", "numpy")
ARRAYS = versions("numpy", "pandas", "scipy")
DRAWING = versions("matplotlib", "seaborn", "logomaker")
# What was recorded when a model was imported, its checks and its plan.
PLAN = ["results/models/{model}/model.json", "results/models/{model}/plan.npz"]
NAME = "[A-Za-z0-9][A-Za-z0-9_.-]*"


wildcard_constraints:
    set=NAME,
    model=NAME,
    null=NAME,
    experiment=NAME,
    target=NAME,
    source=NAME,


def plain(settings):
    """A settings object as JSON values: what Snakemake can compare between runs."""
    return settings.model_dump(mode="json")


def megabytes(files):
    """Size of some files (MB), unpacked; of one that does not exist 0, Snakemake refuses it."""
    sizes = {file: os.path.getsize(file) for file in files if os.path.exists(file)}
    # Letters pack to a quarter of a byte or more each, but for stretches of one letter.
    return sum(size * (5 if file.endswith("gz") else 1) for file, size in sizes.items()) / 1e6


def growing(memory):
    """Megabytes of a job, or a function to them, times how often it was tried (`retries`)."""
    if callable(memory):
        return lambda wildcards, attempt: attempt * memory(wildcards)
    return lambda wildcards, attempt: attempt * memory


@cache
def runs():
    """Every (model, null, experiment) of the study."""
    return [
        (model, null, experiment)
        for model in study.models
        for experiment in study.experiments
        if study.takes_part(experiment, model)
        for null in study.nulls_of(experiment)
    ]


def null_files(name):
    """One file name in the folder of every model and null model that an experiment runs on."""
    pairs = dict.fromkeys((model, null) for model, null, _ in runs())
    return [f"results/models/{model}/nulls/{null}/{name}" for model, null in pairs]


def run_files(name):
    """One file name in the folder of every run."""
    return [f"results/models/{m}/experiments/{n}/{e}/{name}" for m, n, e in runs()]
