"""Do two or more patterns do more, or less, together than the sum of each?

Every subset of the patterns is embedded at the same places on the same backgrounds. The
interaction of a subset is its Moebius sum, for two AB - A - B + background: what is left after all
smaller subsets are accounted for. It is additive in the model's unit; on an output that is a
logarithm or a logit that already is the multiplicative scale, on a positive output `log` adds it.
"""

from itertools import combinations

from pydantic import Field, model_validator

from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.pattern_references import PatternText
from giaflow.edits.patterns import check_text, draw
from giaflow.statistics.contrasts import BACKGROUND, Contrast, Figure, effect

FIGURE = Figure("forest", x="subset", x_label="effect", hue="patterns")


class Part(Base):
    """One pattern at its place."""

    text: PatternText
    """Letters of the pattern, or its name."""
    start: int = Field(ge=0)
    """Position of its first letter."""


class Settings(Base):
    """The patterns and their places."""

    parts: dict[str, Part] = Field(min_length=2, max_length=5)
    """Two to five patterns by name; they must not overlap."""
    log: bool = False
    """Also give interactions of the logarithms of predictions (positive outputs only)."""
    direction: list[str] = Field(default_factory=list)
    """Two targets, the first read by the first pattern and the second by the second: adds an
    index from -1 to 1 that says on which of the two outputs their interaction acts."""

    @model_validator(mode="after")
    def _check(self):
        for part in self.parts.values():
            check_text(part.text)
        if self.direction and (len(set(self.direction)) != 2 or len(self.parts) != 2):
            raise ValueError(
                f"direction needs two patterns and two different targets, got {self.direction}"
            )
        return self


def conditions(settings, patterns, length, rng):
    """Every subset of the patterns, smaller ones first."""
    edits = {name: draw(part.text, rng).at(part.start) for name, part in settings.parts.items()}
    return [
        Condition(
            {"subset": " + ".join(names), "patterns": size}, tuple(edits[name] for name in names)
        )
        for size in range(1, len(edits) + 1)
        for names in combinations(edits, size)
    ]


def contrasts(settings, conditions):
    """The effect of every subset, and the Moebius sum of every subset of two or more."""
    index = {frozenset(c.labels["subset"].split(" + ")): i for i, c in enumerate(conditions)}
    listed = [effect(i, condition.labels) for i, condition in enumerate(conditions)]
    for names, i in index.items():
        if len(names) < 2:
            continue
        weights = {BACKGROUND: (-1.0) ** len(names)}
        for other, j in index.items():
            if other <= names:
                weights[j] = (-1.0) ** (len(names) - len(other))
        labels = conditions[i].labels
        listed.append(Contrast(labels, weights, "interaction"))
        if settings.log:
            listed.append(Contrast(labels, weights, "log_interaction", log=True))
    return listed
