"""Say what models gain from predicting edits by what they change: `make inspect`.

Takes plan.npz files; by default those of every model in results/. `limit` is how many times fewer
multiplications a sweep of edits needs.
"""

import sys
from pathlib import Path

import pandas as pd

from giaflow.io.files import read_json, read_npz
from giaflow.models.engine.saved_work import inspect, layers
from giaflow.models.plan.plan import from_arrays


def letter_order(record):
    """The order of letters that the network's channels were taken to have."""
    if not record.exists():
        return f"letters: unknown, there is no {record}"
    found = read_json(record)
    return f"letters: {found['letters']}" + (" (assumed)" if found["letters_assumed"] else "")


def main(files):
    """Print the gains and the layers of each plan."""
    for file in map(Path, files) if files else sorted(Path("results/models").glob("*/plan.npz")):
        arrays = read_npz(file)
        print(f"\n{file}")
        print(letter_order(file.with_name("model.json")))
        if not arrays:
            print("no plan: a formula, or a network that is not a graph of layers")
            continue
        plan = from_arrays(arrays)
        for rows in (inspect(plan), layers(plan)):
            print(pd.DataFrame(rows).to_string(index=False, float_format="%.3g", na_rep="-"))


if __name__ == "__main__":
    main(sys.argv[1:])
