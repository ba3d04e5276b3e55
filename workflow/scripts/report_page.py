"""Make Snakemake's report of the study: one page with all figures, tables and captions."""

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

import giaflow
from giaflow.base.checks import InputError
from giaflow.io.files import atomic
from jobs.run import log, run

SNAKEFILE = Path(giaflow.__file__).parents[1] / "Snakefile"


def main(input, output, params, threads):
    # The captions are read by Snakemake itself; everything else it is asked to put on the page.
    targets = [file for file in input if file not in set(input.captions)]
    with tempfile.TemporaryDirectory() as folder, atomic(output[0]) as temporary:
        config = Path(folder) / "study.yaml"
        config.write_text(yaml.safe_dump(params.config, sort_keys=False))
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(SNAKEFILE)]
        # This job runs inside a Snakemake that holds the lock; the report only reads.
        command += ["--nolock", "--workflow-profile", "none", "--configfile", str(config)]
        command += ["--report", str(temporary), "--", *targets]
        done = subprocess.run(command, capture_output=True, text=True)
        log.info("%s", done.stderr)
        if done.returncode:
            raise InputError(f"the report cannot be made: {done.stderr.strip().splitlines()[-1]}")


run(main, snakemake)
