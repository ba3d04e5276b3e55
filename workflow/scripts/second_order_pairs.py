"""List the strongest pairs of second-order maps, held against those of shuffled sequences."""

import pandas as pd

from giaflow.attribution.second_order_pairs import pair_table
from giaflow.base.alphabet import decode
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import write_table
from jobs.run import provenance, run


def main(input, output, params, threads):
    maps = read_arrays(input[0])
    sequences = pd.DataFrame({key: maps[key].values for key in ("set", "name")})
    sequences["letters"] = [decode(row, params.alphabet) for row in maps["codes"].values]
    arrays = (maps[key].values for key in ("strength", "pairing", "shuffled_strength"))
    targets = [str(target) for target in maps["target"].values]
    start = int(maps["position"].values[0])
    table = pair_table(*arrays, sequences, targets, start, params.top)
    write_table(table, output[0], provenance(input, params))


run(main, snakemake)
