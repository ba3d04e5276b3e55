"""Train a network on sequences against their shuffles, or on measured values."""

import numpy as np
import pandas as pd

from giaflow.architectures import REGISTRY
from giaflow.checks import InputError
from giaflow.io.arrays import read_arrays
from giaflow.io.files import atomic
from giaflow.io.tables import write_table
from giaflow.model.fitting import fit, masked_loss, masked_square, rescale, save_network
from giaflow.seeds import generator
from giaflow.training import Schedule, epochs, measured_epochs
from job import bar, provenance, run
from measured import read_measured


def read_positives(files, chosen):
    """Codes of each target's sequences that are not held out."""
    positives = []
    for target, file in zip(chosen["positives"], files, strict=True):
        sequences = read_arrays(file)
        kept = ~np.isin(sequences["chrom"].values, chosen["test_chromosomes"])
        if kept.all() or not kept.any():
            raise InputError(
                f"test_chromosomes {chosen['test_chromosomes']} leave {kept.sum()} of {len(kept)} "
                f"sequences of target {target!r} for training; some must be held out and some kept"
            )
        positives.append(sequences["codes"].values[kept])
    return positives


def main(input, output, params, threads):
    chosen, label = params.train, params.label
    architecture = REGISTRY.load(chosen["network"]["architecture"])
    settings = architecture.Settings(**chosen["network"]["settings"])
    schedule, seed = Schedule(**chosen["schedule"]), params.seed
    mean, sd, loss = 0.0, 1.0, masked_loss
    if params.values is None:
        positives = read_positives(input.sequences, chosen)
        drawn = epochs(positives, seed, label, schedule)
    else:
        sequences = read_arrays(input.sequences[0])
        values = read_measured(sequences["name"].values, params.values)
        mean, sd, loss = np.nanmean(values, axis=0), np.nanstd(values, axis=0), masked_square
        if not sd.all():
            constant = [t for t, spread in zip(params.values, sd, strict=True) if not spread]
            raise InputError(f"the values of {', '.join(constant)} are all equal: nothing to learn")
        scaled = (values - mean) / sd
        drawn = measured_epochs(sequences["codes"].values, scaled, seed, label, schedule)

    def build(keras):
        return architecture.build(keras, params.length, tuple(params.targets), settings)

    drawn = bar(drawn, schedule.epochs, "epoch")
    network, losses = fit(build, drawn, generator(seed, "weights", label), schedule.batch, loss)
    # Learned in standard deviations; its predictions are in the unit of the values.
    rescale(network, mean, sd)
    with atomic(output.model) as temporary:
        save_network(network, temporary)
    history = pd.DataFrame({"model": label, "epoch": range(1, len(losses) + 1), "loss": losses})
    write_table(history, output.history, provenance(input, params))


run(main, snakemake)
