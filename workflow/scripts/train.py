"""Train a network on sequences against their shuffles, or on measured values."""

import numpy as np
import pandas as pd

from giaflow.base.checks import InputError
from giaflow.base.seeds import generator
from giaflow.io.arrays import read_arrays
from giaflow.io.files import atomic
from giaflow.io.tables import write_table
from giaflow.models.training.architectures import REGISTRY
from giaflow.models.training.examples import epochs, held_out, measured_epochs, split
from giaflow.models.training.fitting import fit, masked_loss, masked_square, rescale, save_network
from giaflow.models.training.held_out import mean_correlation
from giaflow.models.training.schedule import Course, Schedule
from giaflow.sequences.places import Places
from jobs.measured_values import read_measured, transformed
from jobs.run import bar, log, provenance, run, warn
from jobs.store import stored


def read_labelled(input, params):
    """Codes of each target's sequences that are not held out, and of its negatives or None."""
    chosen, read = params.train, {}

    def kept(name, file):
        sequences = read_arrays(file)
        tested, learned = held_out(Places.of(sequences), chosen, params.seed, name)
        if left := int((~tested & ~learned).sum()):
            warn(f"{left} of {len(tested)} sequences of {name} have no place: not trained on")
        return sequences["codes"].values[learned]

    for key, files in (("positives", input.sequences), ("negatives", input.negatives)):
        named = [(t, chosen[key][t]) for t in chosen["positives"] if t in chosen[key]]
        read[key] = {t: kept(name, file) for (t, name), file in zip(named, files, strict=True)}
    positives = list(read["positives"].values())
    return positives, [read["negatives"].get(target) for target in read["positives"]]


def read_values(file, params, schedule):
    """Codes (N, L) and values (N, T) to learn from, and those held out to choose the epoch."""
    sequences = read_arrays(file)
    codes, values = sequences["codes"].values, read_measured(sequences, params.values)
    parts = split(len(codes), schedule.validation, params.seed, params.label)
    return [(codes[rows], transformed(values[rows], params.values)) for rows in parts]


def main(input, output, params, threads):
    chosen, label = params.train, params.label
    architecture = REGISTRY.load(chosen["network"]["architecture"])
    settings = architecture.Settings(**chosen["network"]["settings"])
    schedule, seed = Schedule(**chosen["schedule"]), params.seed
    mean, sd, loss, course, best = 0.0, 1.0, masked_loss, Course(schedule), None
    if params.values is None:
        positives, negatives = read_labelled(input, params)
        drawn = epochs(positives, seed, label, course, negatives, params.one_strand)
    else:
        (codes, values), (asked, known) = read_values(input.sequences[0], params, schedule)
        mean, sd, loss = np.nanmean(values, axis=0), np.nanstd(values, axis=0), masked_square
        if not sd.all():
            constant = [t for t, spread in zip(params.values, sd, strict=True) if not spread]
            raise InputError(f"the values of {', '.join(constant)} are all equal: nothing to learn")
        drawn = measured_epochs(codes, (values - mean) / sd, seed, label, course)
        if len(asked):

            def best(predict):
                score = mean_correlation(predict(asked), known)
                log.info("epoch %d: Pearson r %.4f on sequences held out", course.epoch, score)
                return course.record(score)

    def build(keras):
        return architecture.build(keras, params.length, tuple(params.targets), settings)

    drawn = bar(drawn, schedule.epochs, "epoch")
    rng = generator(seed, "weights", label)
    network, losses = fit(build, drawn, rng, schedule.batch, loss, best)
    # Learned in standard deviations; its predictions are in the unit of the values.
    rescale(network, mean, sd)
    with atomic(output.model) as temporary:
        save_network(network, temporary)
    history = {"model": label, "epoch": range(1, len(losses) + 1), "loss": losses}
    history |= {"learning_rate": course.rates, "validation_r": course.scores or np.nan}
    write_table(pd.DataFrame(history), output.history, provenance(input, params))


run(stored(main), snakemake)
