"""Prove the numbers on models with known effects: `make validate`.

Runs the laboratory studies, each in its own folder of results/validation/, prints what passed by
study and check, and ends with an error that names every failed mark. Then the studies of published
networks and data whose files lie in the folder given first, and the default study, held against
published numbers and known answers.
Further words are handed on to Snakemake.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from commands import paper_studies
from giaflow.io.tables import read_table
from giaflow.validation.published.published import failures

ROOT = Path(__file__).resolve().parents[2]
# The longest first: two run at a time, since each leaves a core without work for minutes.
STUDIES = (
    "laboratory_rna",
    "laboratory_trained_dna",
    "laboratory_trained",
    "laboratory_designs_dna",
    "laboratory_dna",
    "laboratory_designs_rna",
)
# Relative to a study's folder.
WANTED = ("results/tables/calibration.tsv", "results/tables/calibration.png")


def lanes(words):
    """How many studies run at a time, and the words that give each its share of the cores."""
    at = words.index("--cores") + 1 if "--cores" in words else len(words)
    given = words[at] if at < len(words) else "1"
    cores = len(os.sched_getaffinity(0)) if given == "all" else int(given) if given.isdigit() else 1
    if cores < 2:
        return 1, words
    return 2, [*words[:at], str(cores // 2), *words[at + 1 :]]


def run_study(name, words):
    """Run one study; the table of its marks, or None if it has none."""
    folder = ROOT / "results" / "validation" / name
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "config").exists():
        # A study names files of this repository by their path from its root.
        (folder / "config").symlink_to(ROOT / "config")
    command = [sys.executable, "-m", "snakemake", "--quiet", "--keep-going"]
    command += ["--snakefile", str(ROOT / "workflow" / "Snakefile"), "--directory", str(folder)]
    command += ["--configfile", str(ROOT / "config" / "studies" / f"{name}.yaml"), *words]
    # A failed check must not end the run, so the rule that fails on one is not asked for.
    done = subprocess.run([*command, "--", *WANTED])
    table = folder / WANTED[0]
    return read_table(table).assign(study=name) if done.returncode == 0 else None


def counted(table):
    """Marks and failures by study, model and check."""
    failed = table.assign(failed=~table["passed"].astype(bool))
    groups = failed.groupby(["study", "model", "check"], sort=False)
    return groups.agg(marks=("value", "size"), lowest=("value", "min"), highest=("value", "max"),
                      failed=("failed", "sum")).reset_index()  # fmt: skip


def held_against_papers(data, words):
    """Run the studies of papers that can run, print how they fare; whether none failed."""
    fine = True
    for name, some in paper_studies.layouts(paper_studies.PEAKS).items():
        study = paper_studies.complete(some, data)
        if study is None:
            absent = " or ".join(
                ", ".join(str(data / file.place) for file in paper_studies.missing(each, data))
                for each in some
            )
            print(f"skipped: study {name} needs {absent}; `make figures` says where from")
            continue
        print(f"== {name}", flush=True)
        if not paper_studies.run_study(study, data, words, [paper_studies.PUBLISHED], short=True):
            print(f"FAILED: study {name} did not finish")
            fine = False
            continue
        table = read_table(paper_studies.folder_of(study, short=True) / paper_studies.PUBLISHED)
        failed = failures(table)
        judged = int(table["passed"].isin(["yes", "no"]).sum())
        for line in failed:
            print(f"FAILED: {name}: {line}")
        print(f"{name}: {judged - len(failed)} of {judged} published numbers passed")
        fine = fine and not failed
    return fine


def laboratories(words):
    """Run the laboratory studies, print their marks; whether all passed."""
    began = time.monotonic()
    at_once, words = lanes(words)
    print(f"== {', '.join(STUDIES)}, {at_once} at a time", flush=True)
    with ThreadPoolExecutor(at_once) as pool:
        tables = dict(
            zip(STUDIES, pool.map(lambda name: run_study(name, words), STUDIES), strict=True)
        )
    minutes = (time.monotonic() - began) / 60
    broken = [name for name, table in tables.items() if table is None]
    tables = [table for table in tables.values() if table is not None]
    for name in broken:
        print(f"FAILED: study {name} did not finish")
    if not tables:
        return False
    table = pd.concat(tables, ignore_index=True)
    print(counted(table).to_string(index=False, float_format="%.3g"))
    failed = table[~table["passed"].astype(bool)]
    for row in failed.itertuples():
        band = f"[{row.low:.4g}, {row.high:.4g}]"
        print(f"FAILED: {row.model}: {row.check} of {row.design}: {row.value:.4g} outside {band}")
    print(f"{len(table) - len(failed)} of {len(table)} marks passed, {minutes:.1f} minutes")
    return not broken and len(failed) == 0


def main(folder, words):
    """Run all studies; 0 if every mark and published number passed."""
    passed = [laboratories(words), held_against_papers(Path(folder), words)]
    return int(not all(passed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
