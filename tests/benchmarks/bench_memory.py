"""Memory and time that each rule declares against what its jobs needed; and that runs leave none.

    python tests/benchmarks/bench_memory.py [results folder ...] [--short]

The first table is made from `results/benchmarks/` of the folders given, by default of this one's
`results/`, where there is one: for each rule the most that any of its jobs took. Snakemake looks at
a job now and then, so a job of less than a second has no number.

Then a coarse job (`jobs.grain: coarse`) predicts 1, 4 and 12 experiments on one model: its peak
must be that of its largest run, not of their sum. --short leaves this out.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from declared import measured, memory, minutes, rules  # noqa: E402

STUDY = {
    "study": "memory",
    "length": 200,
    "sequences": {"random": {"simulated": 1500}},
    "models": {"net": {"path": "net.keras", "output": {"targets": {"y": 0}}}},
    "nulls": {"uniform": {"kind": "uniform", "sequences": ["random"], "n": 1500}},
    "patterns": {"one": "TGACTCA"},
    "jobs": {"grain": "coarse"},
}


def table(folders):
    """Print declared and measured needs of every rule that ran."""
    found = {}
    for folder in folders:
        for name, jobs in measured(folder).items():
            found.setdefault(name, []).append(jobs.max())
    print(f"{'rule':24}{'declared, MB':>14}{'most':>10}{'declared, min':>15}{'measured, s':>12}")
    for name, text in rules().items():
        if name in found:
            most = max(each["max_rss"] for each in found[name])
            longest = max(each["s"] for each in found[name])
            mark = "  TOO MUCH" if most > memory(text) or longest > 60 * minutes(text) else ""
            print(f"{name:24}{memory(text):14}{most:9.0f}{minutes(text):15}{longest:12.0f}{mark}")


def network(path):
    """A network of the usual kind, written as a Keras file."""
    code = (
        "import keras, sys; from keras import layers as l; keras.utils.set_random_seed(1)\n"
        "x = i = keras.Input((200, 4))\n"
        "x = l.Dense(16)(l.Flatten()(l.MaxPooling1D(4)(l.Conv1D(32, 11, activation='relu')(x))))\n"
        "keras.Model(i, l.Dense(1)(l.ReLU()(x))).save(sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True)


def coarse_peak(folder, experiments):
    """Peak (MB) of the coarse job that predicts so many equal experiments."""
    shown = {"kind": "kmer_screen", "settings": {"k": 4}}
    study = {**STUDY, "experiments": {f"screen_{e}": shown for e in range(experiments)}}
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "workflow" / "Snakefile")]
    command += ["--workflow-profile", "none", "--cores", "1", "--configfile", "study.yaml"]
    command += ["--", "results/models/net/index/experiments.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    return measured(folder / "results")["all_experiment"].max()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("folders", nargs="*", default=[ROOT / "results"], type=Path)
    chosen = parser.parse_args()
    table(chosen.folders)
    if chosen.short:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        network(folder / "net.keras")
        print(f"\na coarse job; load {os.getloadavg()[0]:.1f}")
        for experiments in (1, 4, 12):
            most = coarse_peak(folder, experiments)
            print(f"{experiments:3} runs {most['max_rss']:8.0f} MB {most['s']:8.0f} s")


if __name__ == "__main__":
    main()
