"""What a model gains from carrying differences, told from its plan alone."""

import numpy as np

from giaflow.model.program import Program, step_macs
from giaflow.model.windows import Windows, union

MOTIF, GAP = 8, 20


def layers(plan):
    """The steps of a plan and their part of the work.

    Parameters
    ----------
    plan : Plan
        With targets.

    Returns
    -------
    list of dict
        In order of computation: ``layer`` (Keras's name), ``op`` (its kind and fused activation),
        ``positions`` and ``channels`` of its output, ``incremental``, ``macs`` (multiplications
        for a whole sequence), and ``reason`` (why it is not incremental, else empty).
    """
    program, rows = Program(plan), []
    for step in program.steps:
        length, channels = plan.shapes[step.output]
        rows.append(
            {
                "layer": step.name,
                "op": " ".join([step.kind, *_fused(step)]),
                "positions": length,
                "channels": channels,
                "incremental": True,
                "macs": int(step_macs(step, plan.shapes) * plan.shapes[step.inputs[0]][0]),
                "reason": "",
            }
        )
    if program.opaque is not None:
        length, channels = plan.shapes[program.opaque.output]
        settings = program.opaque.settings
        rows.append(
            {
                "layer": program.opaque.name,
                "op": "opaque",
                "positions": length,
                "channels": channels,
                "incremental": False,
                "macs": settings["macs"],
                "reason": settings["reason"],
            }
        )
    return rows


def _fused(step):
    acts = [step.act[0]] + (["add", step.act_after[0]] if step.skip is not None else [])
    return [name for name in acts if name != "linear"]


def inspect(plan):
    """How many times fewer multiplications a plan needs for the usual sweeps of one sequence.

    The background itself is counted, and nothing but multiplications: what is measured is below.

    Parameters
    ----------
    plan : Plan
        With targets.

    Returns
    -------
    list of dict
        ``sweep``, ``predictions`` (how many edited sequences), ``gain`` (multiplications of whole
        sequences divided by those of differences) and ``path`` ("differences", or "whole" where
        the gain is below 1.5) for all single letters, a motif of 8 letters at every start, two
        such motifs 20 letters apart at every start, and a second motif at every start beside a
        fixed first one, which becomes a new background.
    """
    program = Program(plan)
    full, length = program.full_macs(), plan.length
    starts = np.arange(length)
    single = program.costs(_spans(starts, 1))[0]
    sweeps = [("single letters", np.repeat(single, 3), 1)]
    if length >= MOTIF:
        motif = program.costs(_spans(np.arange(length - MOTIF + 1), MOTIF))[0]
        sweeps += [("motif of 8", motif, 1), ("second motif of 8", motif, 2)]
    apart = length - 2 * MOTIF - GAP + 1
    if apart > 0:
        first = _spans(np.arange(apart), MOTIF)
        second = _spans(np.arange(apart) + MOTIF + GAP, MOTIF)
        sweeps.insert(2, ("pair of motifs", program.costs(union(first, second))[0], 1))
    rows = []
    for name, costs, backgrounds in sweeps:
        gain = full * len(costs) / (full * backgrounds + costs.sum())
        path = "differences" if gain >= 1.5 else "whole"
        rows.append({"sweep": name, "predictions": len(costs), "gain": gain, "path": path})
    return rows


def _spans(starts, width):
    rows = np.arange(len(starts) + 1)
    return Windows(rows, starts.astype(np.int64), rows * width)
