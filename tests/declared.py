"""What every rule declares, and what its jobs were measured to need."""

import re
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]


def rules():
    """Name -> text of every rule."""
    found = {}
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        text = path.read_text()
        found |= dict(re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", text, re.DOTALL | re.MULTILINE))
    return found


def memory(text):
    """Megabytes that a rule asks for when first tried; the least where it depends on its input."""
    asked = re.search(r"^        mem_mb=growing\((\w+)\),$", text, re.MULTILINE)[1]
    return int(asked) if asked.isdigit() else 1000


def minutes(text):
    """Minutes that a rule asks for."""
    return int(re.search(r"runtime=(\d+)", text)[1])


def measured(results):
    """Rule -> megabytes (`max_rss`) and seconds (`s`) of each of its jobs below a results folder.

    A rule without jobs there is left out.
    """
    found = {}
    for name, text in rules().items():
        place = re.search(r'benchmark:\n +f?"results/benchmarks/(.*)"', text)[1]
        files = Path(results, "benchmarks").glob(re.sub(r"\{\w+\}", "*", place))
        rows = [pd.read_csv(file, sep="\t", na_values="-") for file in sorted(files)]
        if rows:
            found[name] = pd.concat(rows)[["max_rss", "s"]]
    return found
