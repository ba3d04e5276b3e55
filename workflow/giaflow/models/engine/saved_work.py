"""What a model gains from carrying differences, told from its plan alone."""

import numpy as np

from giaflow.models.engine.incremental import WORTH
from giaflow.models.engine.letter_changes import Changes, sizes, windows
from giaflow.models.engine.program import Program, step_macs
from giaflow.models.engine.usual_sweeps import SWEEPS

# Edits of a sweep that are counted; more are counted at even distances.
COUNTED = 1024


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

    What is remembered of the sequence is counted too, and nothing but multiplications: that is the
    most that differences can gain where a multiplication takes the same time on either way and none
    is with zero. After a rectifier many are, which differences skip.

    Parameters
    ----------
    plan : Plan
        With targets.

    Returns
    -------
    list of dict
        For each of `sweeps.SWEEPS` that fits the length: ``sweep``, ``predictions`` (how many
        edited sequences), ``limit`` (multiplications of whole sequences divided by those of
        differences) and ``path``: what `incremental.IncrementalModel` does, "differences", or
        "whole" where an edit saves less than a third of the multiplications (1.5 times fewer).
    """
    program = Program(plan)
    full, tables = program.full_macs(), program.tables()[:1]
    codes, rows = np.zeros((1, plan.length), np.uint8), []
    for sweep in SWEEPS:
        count = sweep.count(plan.length)
        if not count:
            continue
        edited, shared = sweep.edited(codes, COUNTED), sweep.shared(codes)
        none = np.zeros(len(edited), np.int64)
        found = (*(codes, shared), np.arange(len(edited)), none, none)
        changes = Changes.between(codes, edited)
        macs = program.costs(windows(*found, changes)[0])[0].mean()
        limit = full * count / (full * sweep.backgrounds + macs * count)
        path = (
            "differences"
            if np.median(sizes(*found, changes, tables)[0]) <= WORTH * full
            else "whole"
        )
        rows.append({"sweep": sweep.name, "predictions": count, "limit": limit, "path": path})
    return rows
