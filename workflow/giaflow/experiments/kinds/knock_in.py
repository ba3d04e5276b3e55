"""Is a pattern enough in real sequences that lack it?

Patterns and their controls are embedded as in ``global_importance``, but into given sequences:
real negatives, or those with the lowest predictions. ``knock_in`` is the prediction with the
pattern minus that of the intact sequence, paired; a sequence is the unit. Embedding also deletes
what stood there: the same window filled with letters that the null model drew, several draws
each, shows what that does (role ``replaced window``), and ``adjusted_importance`` is the pattern
minus the mean over draws. It holds for these sequences, not for an average over a null model.
"""

from dataclasses import replace

import numpy as np
from pydantic import Field, model_validator

from giaflow.base.checks import InputError, check_name
from giaflow.edits.embed import Condition
from giaflow.edits.replace import replace_windows
from giaflow.experiments.kinds import global_importance
from giaflow.sequences.pattern_search import occurrences
from giaflow.statistics.contrasts import BACKGROUND, EFFECT, Contrast, Figure

KNOCK_IN = "knock_in"
WINDOW = "replaced window"

FIGURE = Figure(
    "forest", x="pattern", x_label="effect of the pattern", hue="role", estimand=KNOCK_IN,
    below="adjusted_importance",
)  # fmt: skip


class Settings(global_importance.Settings):
    """Which patterns are embedded, where, and into which sequences."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets that the patterns are embedded into."""
    n: int = Field(500, ge=2)
    """At most this many sequences, drawn at random."""
    absent: bool = True
    """Leave out sequences that hold one of the patterns already, on either strand."""
    lowest: float | None = Field(None, gt=0, le=1)
    """Take the sequences with the lowest predictions of `target`, this share of them; null takes
    all. Rows are then flagged `conditioned`."""
    target: str | None = None
    """Target whose predictions `lowest` reads."""
    redraw: bool = True
    """Also fill the pattern's window with letters of the null model instead."""
    draws: int = Field(10, ge=1)
    """Such fills per sequence; their mean counts."""

    @model_validator(mode="after")
    def _both(self):
        if (self.lowest is None) != (self.target is None):
            raise ValueError("lowest and target go together: a share, and whose predictions")
        return self


def choose(settings, patterns, codes, targets, predict):
    """Rows of codes (N, L) that patterns are embedded into, and what they were chosen by.

    Raises
    ------
    InputError
        If fewer than two are left, or the model has no such target.
    """
    kept = np.ones(len(codes), bool)
    for pattern in patterns:
        if settings.absent and not pattern.control_of:
            kept &= ~occurrences(codes, pattern.text).any(axis=1)
    rows, words = np.flatnonzero(kept), None
    if settings.lowest is not None and len(rows):
        check_name(settings.target, targets, "target")
        values = predict(codes[rows])[:, list(targets).index(settings.target)]
        share = int(np.ceil(settings.lowest * len(rows)))
        rows = np.sort(rows[np.argsort(values, kind="stable")[:share]])
        words = f"the lowest {settings.lowest:g} of predictions of {settings.target}"
    if len(rows) < 2:
        raise InputError(
            f"{len(rows)} of {len(codes)} sequences are left for a knock-in; set absent: false, "
            "take more sequences, or a larger share"
        )
    return rows, words


def conditions(settings, patterns, length, rng):
    """Each pattern and its controls, then the draws of each pattern's window."""
    without = settings.model_copy(update={"redraw": False})
    listed = global_importance.conditions(without, patterns, length, rng)
    width = {pattern.name: len(pattern.text) for pattern in patterns}
    embedded = [c.labels for c in listed if c.labels["role"] == "pattern"]
    for labels in embedded if settings.redraw else ():
        start = labels["start"]
        # A scattered pattern has no window of its own.
        for draw in range(0 if start is None else settings.draws):
            window = (start, start + width[labels["pattern"]])
            own = {**labels, "role": WINDOW, "letters": f"draw {draw + 1}"}
            edit = replace_windows([[list(window)]], draw, settings.draws)
            listed.append(Condition(own, (edit,)))
    return listed


def contrasts(settings, conditions):
    """Patterns and controls against the intact sequence, and patterns minus replaced windows."""
    windows = {}
    for i, condition in enumerate(conditions):
        if condition.labels["role"] == WINDOW:
            windows.setdefault(condition.labels["pattern"], []).append(i)
    first = min((i for draws in windows.values() for i in draws), default=len(conditions))
    listed = []
    for contrast in global_importance.contrasts(settings, conditions[:first]):
        simple = contrast.estimand == EFFECT
        listed.append(replace(contrast, estimand=KNOCK_IN) if simple else contrast)
    for i, condition in enumerate(conditions[:first]):
        labels = condition.labels
        draws = windows.get(labels["pattern"], ())
        if labels["role"] != "pattern" or not draws:
            continue
        mean = {j: 1 / len(draws) for j in draws}
        window = {**labels, "role": WINDOW, "letters": f"{len(draws)} draws"}
        listed.append(Contrast(window, {**mean, BACKGROUND: -1.0}, KNOCK_IN))
        weights = {i: 1.0, **{j: -weight for j, weight in mean.items()}}
        listed.append(Contrast(labels, weights, "adjusted_importance"))
    return listed
