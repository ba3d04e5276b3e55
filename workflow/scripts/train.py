"""Train a network on sequences of some chromosomes against their shuffles."""

import numpy as np
import pandas as pd

from giaflow.architectures import REGISTRY
from giaflow.checks import InputError
from giaflow.io.arrays import read_arrays
from giaflow.io.files import atomic
from giaflow.io.tables import write_table
from giaflow.model.fitting import fit, save_network
from giaflow.seeds import generator
from giaflow.training import Schedule, epochs
from job import bar, provenance, run


def main(input, output, params, threads):
    chosen, label = params.train, params.label
    architecture = REGISTRY.load(chosen["network"]["architecture"])
    settings = architecture.Settings(**chosen["network"]["settings"])
    schedule = Schedule(**chosen["schedule"])
    targets = tuple(chosen["positives"])
    positives = []
    for target, file in zip(targets, input.positives, strict=True):
        sequences = read_arrays(file)
        kept = ~np.isin(sequences["chrom"].values, chosen["test_chromosomes"])
        if kept.all() or not kept.any():
            raise InputError(
                f"test_chromosomes {chosen['test_chromosomes']} leave {kept.sum()} of {len(kept)} "
                f"sequences of target {target!r} for training; some must be held out and some kept"
            )
        positives.append(sequences["codes"].values[kept])

    def build(keras):
        return architecture.build(keras, params.length, targets, settings)

    drawn = bar(epochs(positives, params.seed, label, schedule), schedule.epochs, "epoch")
    network, losses = fit(build, drawn, generator(params.seed, "weights", label), schedule.batch)
    with atomic(output.model) as temporary:
        save_network(network, temporary)
    history = pd.DataFrame({"model": label, "epoch": range(1, len(losses) + 1), "loss": losses})
    write_table(history, output.history, provenance(input, params))


run(main, snakemake)
