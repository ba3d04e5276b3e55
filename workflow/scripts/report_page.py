"""Make Snakemake's report of the study: one page with all figures, tables and captions."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

import giaflow
from giaflow.base.checks import InputError
from giaflow.io.arrays import read_arrays
from giaflow.io.files import atomic, read_json
from giaflow.io.tables import read_provenance
from jobs.run import log, run

SNAKEFILE = Path(giaflow.__file__).parents[1] / "Snakefile"


def main(input, output, params, threads):
    # The captions are read by Snakemake itself; everything else it is asked to put on the page.
    named = {*input.captions, *input.models, *input.predictions, *input.catalogues}
    targets = [file for file in input if file not in named]
    notes = [*model_notes(input, params.models), *motif_notes(input, params.models)]
    with tempfile.TemporaryDirectory() as folder, atomic(output[0]) as temporary:
        copied = {
            **params.config,
            "notes": [escaped(note) for note in notes],
            "folders": list(params.folders),
        }
        config = Path(folder) / "study.yaml"
        config.write_text(yaml.safe_dump(copied, sort_keys=False))
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(SNAKEFILE)]
        # This job runs inside a Snakemake that holds the lock; the report only reads.
        command += ["--nolock", "--workflow-profile", "none", "--configfile", str(config)]
        command += ["--report", str(temporary), "--", *targets]
        done = subprocess.run(command, capture_output=True, text=True)
        log.info("%s", done.stderr)
        if done.returncode:
            raise InputError(f"the report cannot be made: {done.stderr.strip().splitlines()[-1]}")


def escaped(text):
    """The text as reStructuredText shows it word for word: a target may be called ``count_``."""
    return re.sub(r"([\\*`_|\[\]<>:])", r"\\\1", text)


def model_notes(input, models):
    """What is wrong with the predictions of each model, a sentence each."""
    for name, record, predictions in zip(models, input.models, input.predictions, strict=True):
        made = read_json(record)
        if made["trust"]:
            yield f"{name} was opened with trust: true: its file may run code of its own"
        on_data = json.loads(read_arrays(predictions).attrs["notes"])
        for note in (*made["probe"]["notes"], *on_data):
            yield f"{name}, {note}"


def motif_notes(input, models):
    """Why a model has no motifs, a sentence a target."""
    for name, table in zip(models, input.catalogues, strict=bool(input.catalogues)):
        for target, reason in read_provenance(table)["no_patterns"].items():
            yield f"{name}, target {target}: no motifs: {reason}"


run(main, snakemake)
