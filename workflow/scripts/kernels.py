"""Compile the loops of the engine and of the shuffles, and record for what."""

import numpy as np

from giaflow.base.seeds import generator
from giaflow.io.files import write_json
from giaflow.models.engine.compile_ahead import compile_loops
from giaflow.sequences.shuffle import shuffle
from jobs.run import provenance, run


def main(input, output, params, threads):
    compile_loops()
    shuffle(np.zeros((2, 9), np.uint8), 2, generator(0, "kernels"))
    write_json(provenance(input, params), output[0])


run(main, snakemake)
