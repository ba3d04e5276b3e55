"""How does the distance between two patterns change their joint effect?

The first pattern stands still and the second moves away from it. Beside each pair stand the
second pattern alone at the same position and the first alone, on the same backgrounds, so each
row has an effect of the pair and an interaction AB - A - B + background (additive in the model's
unit), both with paired intervals.
"""

from pydantic import Field, model_validator

from giaflow.design import BACKGROUND, Contrast, Figure, effect
from giaflow.edits import Condition, Embed
from giaflow.patterns import check_text
from giaflow.settings import Settings as Base

FIGURE = Figure("profile", x="gap", x_label="gap (letters between the patterns)", hue="arm")


class Settings(Base):
    """The two patterns and the gaps between them."""

    first: str
    """Letters of the pattern that stands still."""
    second: str
    """Letters of the pattern that moves; it follows the first."""
    gaps: list[int] = Field(min_length=1)
    """Letters between the end of the first pattern and the start of the second."""
    start: int | None = Field(None, ge=0)
    """Position of the first pattern; null centres the widest pair."""

    @model_validator(mode="after")
    def _check(self):
        for text in (self.first, self.second):
            check_text(text)
        if min(self.gaps) < 0 or len(set(self.gaps)) != len(self.gaps):
            raise ValueError(f"gaps must be 0 or more and all different, got {self.gaps}")
        return self


def _labels(settings, gap, arm):
    first, second = len(settings.first), len(settings.second)
    return {
        "arm": arm,
        "gap": gap,
        "start_distance": None if gap is None else gap + first,
        "centre_distance": None if gap is None else gap + (first + second) / 2,
    }


def conditions(settings, patterns, length):
    """The first pattern alone, then the second alone and the pair at every gap."""
    widest = len(settings.first) + max(settings.gaps) + len(settings.second)
    start = settings.start if settings.start is not None else max(0, (length - widest) // 2)
    first = Embed(settings.first, start)
    listed = [Condition(_labels(settings, None, "first alone"), (first,))]
    for gap in settings.gaps:
        second = Embed(settings.second, first.stop + gap)
        listed.append(Condition(_labels(settings, gap, "second alone"), (second,)))
        listed.append(Condition(_labels(settings, gap, "pair"), (first, second)))
    return listed


def contrasts(settings, conditions):
    """Effects of every arm, and the interaction of every pair."""
    listed = [effect(i, condition.labels) for i, condition in enumerate(conditions)]
    for i, condition in enumerate(conditions):
        if condition.labels["arm"] == "pair":
            weights = {i: 1.0, i - 1: -1.0, 0: -1.0, BACKGROUND: 1.0}
            listed.append(Contrast(condition.labels, weights, "interaction"))
    return listed
