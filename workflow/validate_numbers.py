"""Prove the numbers on models with known effects: `make validate`.

Runs the laboratory studies, each in its own folder of results/validation/, prints what passed by
study and check, and ends with an error that names every failed mark. Further words are handed on
to Snakemake.
"""

import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from giaflow.io.tables import read_table

ROOT = Path(__file__).resolve().parents[1]
STUDIES = ("laboratory_rna", "laboratory_dna", "laboratory_trained", "laboratory_trained_dna")
# Relative to a study's folder.
WANTED = ("results/tables/calibration.tsv", "results/tables/calibration.png")


def run_study(name, words):
    """Run one study; the table of its marks, or None if it has none."""
    folder = ROOT / "results" / "validation" / name
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--quiet", "--keep-going"]
    command += ["--snakefile", str(ROOT / "workflow" / "Snakefile"), "--directory", str(folder)]
    command += ["--configfile", str(ROOT / "config" / "studies" / f"{name}.yaml"), *words]
    # A failed mark is no failed job: the last rule of the study, which makes it one, is not asked.
    done = subprocess.run([*command, "--", *WANTED])
    table = folder / WANTED[0]
    return read_table(table).assign(study=name) if done.returncode == 0 else None


def counted(table):
    """Marks and failures by study, model and check."""
    failed = table.assign(failed=~table["passed"].astype(bool))
    groups = failed.groupby(["study", "model", "check"], sort=False)
    return groups.agg(marks=("value", "size"), lowest=("value", "min"), highest=("value", "max"),
                      failed=("failed", "sum")).reset_index()  # fmt: skip


def main(words):
    """Run all studies; 0 if every mark passed."""
    began, tables, broken = time.monotonic(), [], []
    for name in STUDIES:
        print(f"== {name}", flush=True)
        table = run_study(name, words)
        if table is None:
            broken.append(name)
        else:
            tables.append(table)
    minutes = (time.monotonic() - began) / 60
    for name in broken:
        print(f"FAILED: study {name} did not finish")
    if not tables:
        return 1
    table = pd.concat(tables, ignore_index=True)
    print(counted(table).to_string(index=False, float_format="%.3g"))
    failed = table[~table["passed"].astype(bool)]
    for row in failed.itertuples():
        band = f"[{row.low:.4g}, {row.high:.4g}]"
        print(f"FAILED: {row.model}: {row.check} of {row.design}: {row.value:.4g} outside {band}")
    print(f"{len(table) - len(failed)} of {len(table)} marks passed, {minutes:.1f} minutes")
    return int(bool(broken) or len(failed) > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
