"""Any conditions and contrasts, written in the config: an experiment without Python.

Each condition is a list of patterns at places; each contrast a weighted sum of conditions, with
weights that add up to zero over conditions and ``background``. Every condition also has its
effect against the background.
"""

from typing import Literal

from pydantic import Field, model_validator

from giaflow.base.checks import check_name
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.pattern_references import PatternText
from giaflow.edits.patterns import check_text, draw
from giaflow.statistics.contrasts import BACKGROUND, Contrast, Figure, effect

FIGURE = Figure("forest", x="name", x_label="effect", hue="role", below="contrast")


class Part(Base):
    """One pattern at its place."""

    text: PatternText
    """Letters of the pattern, or its name."""
    start: int = Field(ge=0)
    """Position of its first letter."""
    strand: Literal["+", "-"] = "+"
    """Strand of the pattern."""


class Settings(Base):
    """Conditions and contrasts by name."""

    conditions: dict[str, list[Part]] = Field(min_length=1)
    """Name to the patterns that are embedded together; they must not overlap."""
    contrasts: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Name to weights of conditions and ``background``, which add up to 0."""

    @model_validator(mode="after")
    def _check(self):
        for parts in self.conditions.values():
            for part in parts:
                check_text(part.text)
        if "background" in self.conditions:
            raise ValueError("a condition cannot be called 'background'")
        for name, weights in self.contrasts.items():
            for used in weights:
                check_name(used, ("background", *self.conditions), "condition")
            if abs(sum(weights.values())) > 1e-9:
                raise ValueError(
                    f"the weights of contrast {name!r} must add up to 0, not "
                    f"{sum(weights.values()):g}"
                )
        return self


def conditions(settings, patterns, length, rng):
    """Those of the config; equal letters are drawn once, whatever condition they stand in."""
    texts = {part.text for parts in settings.conditions.values() for part in parts}
    drawn = {text: draw(text, rng) for text in sorted(texts)}
    return [
        Condition(
            {"name": name, "role": "condition"},
            tuple(drawn[part.text].strand(part.strand).at(part.start) for part in parts),
        )
        for name, parts in settings.conditions.items()
    ]


def contrasts(settings, conditions):
    """Effects of all conditions, then the contrasts of the config."""
    index = {c.labels["name"]: i for i, c in enumerate(conditions)} | {"background": BACKGROUND}
    listed = [effect(i, condition.labels) for i, condition in enumerate(conditions)]
    for name, weights in settings.contrasts.items():
        labels = {"name": name, "role": "contrast"}
        listed.append(Contrast(labels, {index[k]: w for k, w in weights.items()}, "contrast"))
    return listed
