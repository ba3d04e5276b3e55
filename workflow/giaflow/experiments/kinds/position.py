"""Does the effect of a pattern depend on where it stands?

The pattern is embedded at positions from edge to edge, on the same backgrounds. The band of the
sweep holds at all positions at once; ``range`` and ``slope`` (contrasts.tsv) are the largest
minus the smallest effect, chosen on one half of the backgrounds and measured on the other, and
the mean straight-line slope.
"""

from typing import Literal

import numpy as np
from pydantic import Field

from giaflow.base.checks import check_fits
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.patterns import draw
from giaflow.statistics.contrasts import Figure, effect

FIGURE = Figure("profile", x="start", x_label="position of the first letter", hue="pattern")


class Settings(Base):
    """Which patterns, and at which positions."""

    patterns: list[str] = Field(default_factory=list)
    """Names of configured patterns; empty means all of them."""
    starts: list[int] = Field(default_factory=list)
    """Positions of the first letter; empty spreads `points` from edge to edge."""
    points: int = Field(25, ge=2)
    """Positions per pattern when `starts` is empty."""
    strand: Literal["+", "-"] = "+"
    """Strand of the pattern."""


def conditions(settings, patterns, length, rng):
    """Each pattern at each position."""
    listed = []
    for pattern in patterns:
        check_fits(pattern.text, 0, length)
        instances = draw(pattern, rng).strand(settings.strand)
        last = length - instances.width
        spread = np.unique(np.linspace(0, last, settings.points).round().astype(int)).tolist()
        for start in settings.starts or spread:
            labels = {"pattern": pattern.name, "role": "pattern", "letters": pattern.text}
            labels |= {"start": start, "strand": settings.strand}
            listed.append(Condition(labels, (instances.at(start),)))
    return listed


def contrasts(settings, conditions):
    """The effect at each position; the positions of a pattern share a band."""
    return [
        effect(i, condition.labels, sweep=condition.labels["pattern"])
        for i, condition in enumerate(conditions)
    ]
