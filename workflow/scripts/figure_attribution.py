"""Draw the contributions of the most strongly attributed sequence of each target."""

import numpy as np
import pandas as pd

from giaflow.attribution.shown_example import strongest_window
from giaflow.base.alphabet import one_hot
from giaflow.io.arrays import read_arrays
from giaflow.io.figures import write_figure
from giaflow.io.tables import write_table
from giaflow.plot.maps import draw_maps
from jobs.run import provenance, run

WINDOW = 80


def main(input, output, params, threads):
    scores = dict(zip(params.methods, map(read_arrays, input), strict=True))
    first = next(iter(scores.values()))
    onehot = one_hot(first["codes"].values)
    maps, rows = [], []
    for target in first["target"].values:
        contributions = {
            name: onehot * one["hypothetical"].sel(target=target).values
            for name, one in scores.items()
        }
        sets = params.targets.get(str(target))
        allowed = np.isin(first["set"].values, sets) if sets else np.ones(len(onehot), bool)
        at, start, stop = strongest_window(next(iter(contributions.values())), allowed, WINDOW)
        name = str(first["name"].values[at])
        shown = {method: values[at, start:stop] for method, values in contributions.items()}
        title = f"{target} in {name} ({first['set'].values[at]})"
        maps.append({"title": title, "start": start, "contributions": shown})
        for method, values in shown.items():
            rows.append(
                pd.DataFrame(
                    {
                        "target": target,
                        "sequence": name,
                        "method": method,
                        "position": range(start, stop),
                        "contribution": values.sum(axis=-1),
                    }
                )
            )
    unit = first["hypothetical"].attrs["units"]
    write_figure(draw_maps(maps, params.alphabet, unit), output.svg, output.png)
    write_table(pd.concat(rows, ignore_index=True), output.data, provenance(input, params))


run(main, snakemake)
