"""Compile the loops of the engine and of the shuffles, and record for what."""

import numpy as np

from giaflow.io.files import write_json
from giaflow.model.warm import compile_loops
from giaflow.seeds import generator
from giaflow.shuffle import shuffle
from job import provenance, run


def main(input, output, params, threads):
    compile_loops()
    shuffle(np.zeros((2, 9), np.uint8), 2, generator(0, "kernels"))
    write_json(provenance(input, params), output[0])


run(main, snakemake)
