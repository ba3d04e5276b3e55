"""How long the usual edits of a network take, by each way there is: measured once, at its import.

Without a graphics card nothing is chosen by these times. Which way an edit goes follows from
counted multiplications alone (`incremental.WORTH`): the ways differ in the last bits, and the same
study must give the same bytes however busy a machine was when it opened the model. What is measured
shows whether the count was right. Whole sequences run through the engine's own loops in every job,
not through TensorFlow: those loops take no longer, and a job without TensorFlow saves seconds and
memory.

A card may well take less for whole sequences than a processor for what an edit changes. There, and
only there, the faster way by these times is taken (`planned.chosen_plan`), once, for all jobs.
"""

import logging
import statistics
import time
from functools import partial

import numpy as np

from giaflow.base.alphabet import one_hot
from giaflow.models.batch_memory import has_card
from giaflow.models.engine.program import Program
from giaflow.models.engine.saved_work import inspect
from giaflow.models.engine.usual_sweeps import SWEEPS

log = logging.getLogger(__name__)

# Rounds, in each of which all ways take turns, and multiplications of a way in one round.
ROUNDS, WORK = 3, 3e9
MEASURED = ("single letters", "motif at every position", "occlusion of 20 letters")
BATCH = 256
COLUMNS = (
    *("sweep", "predictions", "limit", "path"),
    *("edits", "whole", "traced", "xla", "gain", "of_limit"),
)
# Edits that take so much longer than whole sequences are worth a warning.
SLOWER = 1.1


def measure(model, plan, network, rng):
    """Processor time of predictions in all ways.

    Parameters
    ----------
    model : IncrementalModel or PlannedModel
        Runs from the plan.
    plan : Plan
    network : callable
        The network in Keras (`export.heads_function`): one-hot (N, L, 4) to its heads.
    rng : numpy.random.Generator

    Returns
    -------
    list of dict
        For each of `MEASURED`: what `gains.inspect` says; microseconds of processor time (with a
        card, of time on the wall) for one prediction of ``edits`` (as the engine does them on one
        thread, the sequence itself included), of ``whole`` sequences from the plan, and in Keras
        ``traced`` and compiled with ``xla`` (nan where that fails); ``gain``, the faster of the
        last two divided by the first; and
        ``of_limit``, the gain as part of the limit.
    """
    full = Program(plan).full_macs()
    n = int(np.clip(WORK / max(full, 1), 4, BATCH))
    codes = rng.integers(0, 4, (n, plan.length), dtype=np.uint8)
    counted = {row["sweep"]: row for row in inspect(plan)}
    sweeps = [sweep for sweep in SWEEPS if sweep.name in MEASURED and sweep.name in counted]
    ways = {"whole": partial(model.predict, codes), **_in_keras(network, codes)}
    edits = {}
    for sweep in sweeps:
        # As many predictions as take the time of n whole sequences: of part of the edits of one
        # sequence, or of several sequences, as a study has them.
        wanted, count = int(n * counted[sweep.name]["limit"]), sweep.count(plan.length)
        some = codes[: max(1, wanted // count)]
        edits[sweep.name] = sweep.edited(some, max(4, wanted))
        ways[sweep.name] = partial(model.predict_edits, some, [edits[sweep.name]])
    taken = {way: statistics.median(times) for way, times in _alternately(ways).items()}
    whole = {way: 1e6 * taken.get(way, np.nan) / n for way in ("whole", "traced", "xla")}
    rows = []
    for sweep in sweeps:
        row = counted[sweep.name]
        predicted, sequences, _ = edits[sweep.name].shape
        total = 1e6 * taken[sweep.name] / sequences
        # The sequence itself is a part of all its edits, of which some were predicted.
        background = min(total, whole["whole"])
        each = (total - background) / predicted + background / row["predictions"]
        gain = float(np.nanmin([whole["traced"], whole["xla"]])) / each
        rows.append({**row, "edits": each, **whole, "gain": gain, "of_limit": gain / row["limit"]})
        _say(rows[-1])
    return rows


def _alternately(ways):
    """Seconds of each way in each round, after a round that is not counted."""
    # What a card does takes no processor time.
    clock = time.perf_counter if has_card() else time.process_time
    times = {way: [] for way in ways}
    for number in range(1 + ROUNDS):
        for way, function in ways.items():
            begin = clock()
            function()
            if number:
                times[way].append(clock() - begin)
    return times


def _in_keras(network, codes):
    from giaflow.models.readers.keras_batches import PlainPredictor

    onehot, ways = one_hot(codes), {}
    for way in ("traced", "xla"):
        predictor = PlainPredictor(network, len(codes), xla=way == "xla")
        try:
            predictor(onehot)
        except Exception as error:
            log.info("%s batches are not measured: %s", way, str(error).partition("\n")[0])
        else:
            ways[way] = partial(predictor, onehot)
    return ways


def _say(row):
    log.info(
        "%s: predicted as %s, %.1f times as fast as Keras (%.1f times fewer multiplications)",
        *(row["sweep"], row["path"], row["gain"], row["limit"]),
    )
    if row["gain"] * SLOWER < 1:
        log.warning("edits take longer than whole sequences in Keras: %s", row["sweep"])
