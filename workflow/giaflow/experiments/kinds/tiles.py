"""Which stretches of real sequences are needed?

Windows along the sequence are replaced by letters that the null model drew at the same place,
several draws each, whatever stands there. ``necessity`` is the prediction of the intact sequence
minus the mean over draws; the band holds for all windows at once. A shuffle of a short window
would often return it unchanged (of 8 letters one time in three).
"""

from pydantic import Field

from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.replace import replace_windows
from giaflow.statistics.contrasts import BACKGROUND, Contrast, Figure

FIGURE = Figure(
    "profile", x="start", x_label="first position of the window", hue="width", estimand="necessity"
)


class Settings(Base):
    """The sequences and the windows."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets whose windows are replaced."""
    n: int = Field(500, ge=2)
    """At most this many sequences, drawn at random."""
    width: int = Field(20, ge=2)
    """Letters per window."""
    step: int | None = Field(None, ge=1)
    """Letters from one window to the next; null puts them side by side."""
    draws: int = Field(10, ge=1)
    """Replacements per window; their mean counts."""


def conditions(settings, patterns, length, rng):
    """Each window, replaced in every draw."""
    if settings.width > length:
        raise InputError(f"windows of {settings.width} letters do not fit in {length}")
    starts = range(0, length - settings.width + 1, settings.step or settings.width)
    return [
        Condition(
            {"start": start, "width": f"{settings.width} letters", "draw": draw},
            (replace_windows([[[start, start + settings.width]]], draw, settings.draws),),
        )
        for start in starts
        for draw in range(settings.draws)
    ]


def contrasts(settings, conditions):
    """The necessity of each window."""
    windows = {}
    for i, condition in enumerate(conditions):
        windows.setdefault(condition.labels["start"], []).append(i)
    return [
        Contrast(
            {"start": start, "width": conditions[draws[0]].labels["width"]},
            {BACKGROUND: 1.0, **{i: -1 / len(draws) for i in draws}},
            "necessity",
            sweep="windows",
        )
        for start, draws in windows.items()
    ]
