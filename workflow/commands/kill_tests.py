"""Prove that nothing half-made survives a kill: a part of `make validate`.

Kills processes in the middle of their writes, then whole runs of a small study at random times,
continues those with the same command, and holds every byte against an undisturbed run.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
import yaml

from giaflow.io.arrays import write_arrays
from giaflow.io.files import PART, write_json, write_npz, write_text
from giaflow.io.manifest import verified
from giaflow.io.tables import write_table

SNAKEFILE = Path(__file__).resolve().parents[1] / "Snakefile"
# Seconds: writers are killed within the first, whole runs within the second.
WRITING, RUNNING = 0.04, 14.0
# Those differ between runs that are equal: they tell times.
TIMED = {"logs", "benchmarks", "report.html", "manifest.json"}

STUDY = {
    "study": "faults",
    "length": 41,
    "alphabet": "ACGU",
    "sequences": {"rnas": {"simulated": 307}},
    "models": {"oracle": {"laboratory": "LabR"}},
    "nulls": {"shuffled": {"kind": "dinucleotide", "sequences": ["rnas"], "n": 13}},
    "diagnostics": {"auc_permutations": 3, "mmd_permutations": 100, "largest_k": 3},
    "patterns": {"site": "UGCAUG"},
    "experiments": {
        "embed": {"kind": "global_importance", "settings": {"scrambles": 2, "discovered": False}}
    },
}


def writers():
    """By suffix: a function that writes version 0 or 1 of a file, of some 100 kB."""
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 2 + version, (211, 307)) for version in range(2)]
    tables = [pd.DataFrame(array[:, :41]).rename(columns=str) for array in arrays]
    datasets = [xr.Dataset({"codes": (("sequence", "position"), array)}) for array in arrays]
    return {
        ".json": lambda i, path: write_json(arrays[i].tolist(), path),
        ".npz": lambda i, path: write_npz({"codes": arrays[i]}, path),
        ".nc": lambda i, path: write_arrays(datasets[i], path, {"version": i}),
        ".tsv": lambda i, path: write_table(tables[i], path, {"version": i}),
        ".parquet": lambda i, path: write_table(tables[i], path, {"version": i}),
        ".meme": lambda i, path: write_text(str(arrays[i].tolist()), path),
    }


def kill_writers(folder, kills, rng):
    """Kill processes that write without pause.

    Returns
    -------
    (list of str, int)
        Every file that is neither the old one nor the new one; and how many kills came in the
        middle of a write, known by the temporary file they left.
    """
    broken, amid = [], 0
    for suffix, write in writers().items():
        whole = set()
        for version in range(2):
            write(version, folder / f"whole{suffix}")
            whole.add((folder / f"whole{suffix}").read_bytes())
        path = folder / f"file{suffix}"
        for number in range(kills):
            child = os.fork()
            if not child:
                while True:
                    for version in range(2):
                        write(version, path)
            time.sleep(rng.uniform(0, WRITING))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            if path.exists() and path.read_bytes() not in whole:
                broken.append(f"{path.name} after kill {number + 1}")
            left = list(folder.glob(f"{PART}*"))
            amid += bool(left)
            for part in left:
                part.unlink()
    return broken, amid


def command(cores=2):
    """The one command that starts the small study, and that continues it."""
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(SNAKEFILE)),
        *("--configfile", "config.yaml", "--cores", str(cores)),
    ]


def prepare(folder):
    """Write the small study into a folder."""
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(STUDY))
    return folder


def results(folder):
    """Bytes of every result by its path; without what tells times, and without temporary files."""
    top = folder / "results"
    found = {path.relative_to(top): path for path in top.rglob("*") if path.is_file()}
    return {
        str(name): path.read_bytes()
        for name, path in found.items()
        if name.parts[0] not in TIMED and not name.name.startswith(".")
    }


def finish(folder, cores=2):
    """Run the study of a folder to its end; raises RuntimeError with what was said if it fails."""
    done = subprocess.run(command(cores), cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def interrupt(folder, seconds, alone):
    """Start the study, and kill it after some seconds: Snakemake alone, or its jobs as well.

    False if the study came to its end before.
    """
    with (folder / "killed.txt").open("w") as said:
        process = subprocess.Popen(
            command(), cwd=folder, stdout=said, stderr=said, start_new_session=True
        )
        try:
            process.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
            process.wait()
            return True


def kill_runs(folder, expected, kills, rng):
    """Kill and continue one study at random times, then let it end.

    Parameters
    ----------
    folder : pathlib.Path
        Where the study is made.
    expected : dict of str to bytes
        Results of an undisturbed run.
    kills : int
    rng : numpy.random.Generator

    Returns
    -------
    list of str
        Every file that was ever neither absent nor as in the undisturbed run.
    """
    prepare(folder)
    broken = []

    def compare(when):
        for name, content in results(folder).items():
            if content != expected.get(name):
                broken.append(f"{name} {when}")

    for number in range(kills):
        while not interrupt(folder, rng.uniform(2, RUNNING), alone=bool(number % 2)):
            compare("at an end")
            shutil.rmtree(folder / "results")
        compare(f"after kill {number + 1}")
    finish(folder)
    compare("at the end")
    broken += [f"{name} is absent at the end" for name in expected.keys() - results(folder).keys()]
    return broken + [f"{file}: {problem}" for file, problem, _ in verified(folder)[0]]


def main(words):
    """Kill writers and runs; 0 if nothing half-made was ever found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=100, help="kills of each writer")
    parser.add_argument("--runs", type=int, default=8, help="kills of whole runs")
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="of the moments of kills"
    )
    chosen = parser.parse_args(words)
    rng = np.random.default_rng(chosen.seed)
    # Children write and die; the threads of numerical libraries, which do not follow, have no part.
    warnings.filterwarnings("ignore", message=".*fork.*", category=DeprecationWarning)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broken, amid = kill_writers(folder, chosen.writers, rng)
        count = chosen.writers * len(writers())
        print(f"{count} kills of writers, {amid} in the middle of a write: {len(broken)} bad files")
        if chosen.runs:
            finish(prepare(folder / "whole"))
            more = kill_runs(folder / "killed", results(folder / "whole"), chosen.runs, rng)
            print(
                f"{chosen.runs} kills of whole runs, then the same command: {len(more)} bad files"
            )
            broken += more
    for what in broken:
        print(f"FAILED: {what} (seed {chosen.seed})")
    print(f"{(time.monotonic() - began) / 60:.1f} minutes")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
