"""What Snakemake itself costs: planning a large study, and running one that does nothing.

    python tests/benchmarks/bench_scale.py [--short] [--models 245] [--experiments 15]

A study of 245 models, 15 experiments and 3 null models is planned with model files that hold
nothing: number of jobs, wall and processor time of the dry run, and the same once more with every
output in place ("nothing to be done"). The outputs are stubs, made by Snakemake's own --touch,
which also records their provenance. The third number is what Snakemake adds to each job: the
wall time of a run whose jobs are `true`, from 21 and 121 of them. --short plans 10 models.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SNAKEMAKE = [sys.executable, "-m", "snakemake", "--workflow-profile", "none", "--cores", "1"]
NULLS = ("uniform", "mononucleotide", "dinucleotide")
TRIVIAL = """
rule all:
    input: expand("{{n}}.txt", n=range({n}))
rule one:
    output: "{{n}}.txt"
    shell: "touch {{output}}"
"""


def write_study(folder, models, experiments):
    """The configuration of a study with so many models and experiments, and its stub files."""
    random.seed(0)
    letters = ("".join(random.choices("ACGT", k=100)) for _ in range(50))
    fasta = folder / "sequences.fa"
    fasta.write_text("".join(f">{n}\n{text}\n" for n, text in enumerate(letters)))
    (folder / "models").mkdir()
    for m in range(models):
        (folder / "models" / f"{m}.keras").write_text(f"stub {m}")
    study = {
        "study": "scale",
        "length": 100,
        "sequences": {"random": {"fasta": [str(fasta)]}},
        "models": {
            f"model_{m}": {
                "path": str(folder / "models" / f"{m}.keras"),
                "output": {"targets": {"y": 0}},
            }
            for m in range(models)
        },
        "nulls": {kind: {"kind": kind, "sequences": ["random"], "n": 100} for kind in NULLS},
        "patterns": {"one": "TGACTCA", "two": "GATAAG"},
        "experiments": {
            f"experiment_{e}": {"kind": "global_importance", "settings": {"start": e}}
            for e in range(experiments)
        },
        "jobs": {"grain": "coarse"},
    }
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(study, sort_keys=False))
    return path


def timed(command, folder):
    """Output, wall and processor seconds of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout + done.stderr, wall, cpu


def planned(output):
    """Number of jobs in the table of a dry run."""
    rows = (line.split() for line in output.partition("Job stats:")[2].splitlines())
    return next(int(row[1]) for row in rows if len(row) == 2 and row[0] == "total")


def touch_outputs(study, folder):
    """Stubs of everything that the study makes; seconds that took."""
    command = [*SNAKEMAKE, "-s", str(ROOT / "workflow" / "Snakefile"), "--configfile", str(study)]
    listed, _, _ = timed([*command, "--dry-run", "--quiet", "host"], folder)
    for line in listed.splitlines():
        key, _, files = line.strip().partition(": ")
        for file in files.split(", ") if key == "output" else []:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).touch()
    return timed([*command, "--touch", "--quiet", "all"], folder)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--models", type=int)
    parser.add_argument("--experiments", type=int, default=15)
    chosen = parser.parse_args()
    models = chosen.models or (10 if chosen.short else 245)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = write_study(folder, models, chosen.experiments)
        dry = [*SNAKEMAKE, "-s", str(ROOT / "workflow" / "Snakefile"), "--configfile", str(study)]
        dry += ["--dry-run", "--quiet", "rules"]
        load = os.getloadavg()[0]
        output, wall, cpu = timed(dry, folder)
        runs = models * chosen.experiments * len(NULLS)
        print(f"{models} models, {runs} runs: {planned(output)} jobs; load {load:.1f}")
        print(f"dry run                {wall:6.1f} s wall {cpu:6.1f} s cpu   (promised: 15 s)")
        touch_outputs(study, folder)
        output, wall, cpu = timed(dry, folder)
        if "Nothing to be done" not in output:
            sys.exit(f"there is still something to do: {output[-2000:]}")
        print(f"nothing to be done     {wall:6.1f} s wall {cpu:6.1f} s cpu   (promised: 15 s)")
        walls = []
        for n in (21, 121):
            trivial = folder / f"trivial_{n}"
            trivial.mkdir()
            (trivial / "Snakefile").write_text(TRIVIAL.format(n=n))
            walls.append(timed([*SNAKEMAKE, "--quiet", "all"], trivial)[1])
        print(f"Snakemake adds         {(walls[1] - walls[0]) / 100:6.3f} s wall to each job")


if __name__ == "__main__":
    main()
