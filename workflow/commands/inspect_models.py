"""Say what models gain from predicting edits by what they change: `make inspect`.

Takes plan.npz files; by default those of every model in results/. `limit` is how many times fewer
multiplications a sweep of edits needs, and `gain` how many times less processor time it took than
whole sequences in Keras when the model was imported.
"""

import sys
from pathlib import Path

import pandas as pd

from giaflow.io.files import read_npz
from giaflow.io.tables import read_table
from giaflow.models.engine.saved_work import inspect, layers
from giaflow.models.plan.plan import from_arrays


def gains(plan, measured):
    """What `inspect` counts, beside what was measured at the import if that is known."""
    counted = pd.DataFrame(inspect(plan))
    if measured.exists():
        columns = ["sweep", "gain", "of_limit"]
        counted = counted.merge(read_table(measured)[columns], on="sweep", how="left")
    return counted


def main(files):
    """Print the gains and the layers of each plan."""
    for file in map(Path, files) if files else sorted(Path("results/models").glob("*/plan.npz")):
        arrays = read_npz(file)
        print(f"\n{file}")
        if not arrays:
            print("no plan: a formula, or a network that is no graph of layers")
            continue
        plan = from_arrays(arrays)
        measured = file.parents[2] / "benchmarks" / "edits" / f"{file.parent.name}.tsv"
        for table in (gains(plan, measured), pd.DataFrame(layers(plan))):
            print(table.to_string(index=False, float_format="%.3g", na_rep="-"))


if __name__ == "__main__":
    main(sys.argv[1:])
