"""Download a pinned package as a file, or copy the user's; verify its hash either way."""

import subprocess
import sys
import tempfile
from pathlib import Path

from giaflow.base.checks import InputError
from giaflow.io.files import check_sha256, copy
from giaflow.io.sources import UNPINNED
from jobs.run import log, run


def download(row, folder):
    """Download one file from the package index without installing it."""
    wanted = f"{row['package']}=={row['version']}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
    done = subprocess.run([*command, wanted], capture_output=True, text=True)
    log.info("%s", done.stderr)
    if done.returncode:
        raise InputError(
            f"{wanted} cannot be downloaded; save {row['file']} yourself and give its path as "
            f"sources.{row['name']} in the config. pip says: {done.stderr.strip().splitlines()[-1]}"
        )
    return Path(folder) / row["file"]


def main(input, output, params, threads):
    row = params.source
    with tempfile.TemporaryDirectory() as folder:
        if row["how"] == "manual" and not input.local:
            raise InputError(
                f"{row['file']} is not downloaded for you: save it from {row['package']} and give "
                f"its path as sources.{row['name']} in the config"
            )
        file = input.local or download(row, folder)
        if row["sha256"] != UNPINNED:
            check_sha256(file, row["sha256"], f"source {row['name']}")
        copy(file, output[0])


run(main, snakemake)
