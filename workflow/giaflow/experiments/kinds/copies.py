"""Do copies of a pattern add up?

Copies stand at declared slots. Every slot is also embedded alone, and each number of copies in
several sets of slots, so number is not confounded with position. ``additivity_residual`` is the
effect of c copies minus the sum of the same slots' effects alone: zero if copies add. Slots nearer
than 15 letters or two widths also measure spacing: their rows carry the flag ``close_slots``.
``sensitivity`` is how much backgrounds still differ with c copies, as a share of how much they
differ without: at the ceiling of a sigmoid or of a range nothing matters any more (``saturates``).
"""

import numpy as np
from pydantic import Field, model_validator

from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.pattern_references import PatternText
from giaflow.edits.patterns import check_text, draw
from giaflow.statistics.contrasts import BACKGROUND, LEVEL, Contrast, Figure, effect

FIGURE = Figure("profile", x="copies", x_label="copies", hue="arm", below="additivity_residual")


class Settings(Base):
    """The pattern, its slots and how often each number of copies is realised."""

    pattern: PatternText
    """Letters of the pattern, or its name."""
    slots: list[int] = Field(default_factory=list)
    """Positions of the first letter; empty spreads `most` slots evenly."""
    most: int = Field(4, ge=2, le=12)
    """Largest number of copies when `slots` is empty."""
    subsets: int = Field(2, ge=2)
    """Sets of slots per number of copies, as far as there are so many."""

    @model_validator(mode="after")
    def _check(self):
        check_text(self.pattern)
        if len(set(self.slots)) != len(self.slots) or len(self.slots) == 1:
            raise ValueError(f"slots must be at least 2 and all different, got {self.slots}")
        return self


def _slots(settings, length):
    """The declared slots, or `most` of them in the middle of equal parts of the sequence."""
    width = len(settings.pattern)
    if settings.slots:
        return sorted(settings.slots)
    part = length / settings.most
    if part < width:
        raise InputError(f"{settings.most} copies of {settings.pattern!r} do not fit in {length}")
    return [int((i + 0.5) * part - width / 2) for i in range(settings.most)]


def conditions(settings, patterns, length, rng):
    """Each slot alone, then each number of copies at sets of neighbouring or spread slots."""
    instances, slots = draw(settings.pattern, rng), _slots(settings, length)
    listed = []
    for copies in range(1, len(slots) + 1):
        chosen = {}
        for i in range(len(slots)):
            # Spread over all slots, and turned: every slot is used equally often.
            steps = np.arange(copies) * len(slots) // copies
            chosen.setdefault(tuple(sorted(slots[(i + s) % len(slots)] for s in steps)))
        for some in list(chosen)[: len(slots) if copies == 1 else settings.subsets]:
            labels = {"arm": "one set of slots", "copies": copies, "letters": settings.pattern}
            labels["slots"] = " ".join(map(str, some))
            listed.append(Condition(labels, tuple(instances.at(start) for start in some)))
    return listed


def _flags(settings, conditions):
    used = sorted({int(slot) for c in conditions for slot in c.labels["slots"].split()})
    nearest = min(np.diff(used), default=0)
    return "close_slots" if nearest < max(15, 2 * len(settings.pattern)) else ""


def contrasts(settings, conditions):
    """Each arm; per number of copies the mean over sets, and the residual of additivity."""
    flags = _flags(settings, conditions)
    alone = {c.labels["slots"]: i for i, c in enumerate(conditions) if c.labels["copies"] == 1}
    listed = [effect(i, c.labels, flags=flags) for i, c in enumerate(conditions)]
    # For the summary: how much backgrounds still differ once the copies are there.
    listed += [Contrast(c.labels, {i: 1.0}, LEVEL, row=False) for i, c in enumerate(conditions)]
    none = {**dict.fromkeys(conditions[0].labels), "copies": 0}
    listed.append(Contrast(none, {BACKGROUND: 1.0}, LEVEL, row=False))
    for copies in sorted({c.labels["copies"] for c in conditions}):
        sets = [i for i, c in enumerate(conditions) if c.labels["copies"] == copies]
        labels = {**conditions[sets[0]].labels, "arm": "mean over sets", "slots": None}
        mean = {i: 1 / len(sets) for i in sets}
        listed.append(Contrast(labels, {**mean, BACKGROUND: -1.0}, flags=flags))
        if copies == 1:
            continue
        weights = {**mean, BACKGROUND: copies - 1.0}
        for i in sets:
            for slot in conditions[i].labels["slots"].split():
                weights[alone[slot]] = weights.get(alone[slot], 0.0) - mean[i]
        estimand = "additivity_residual"
        listed.append(Contrast(labels, weights, estimand, sweep="residual", flags=flags))
    return listed
