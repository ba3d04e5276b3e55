"""Does the interaction of two patterns have a period, such as a turn of the double helix?

A spacing scan of every whole distance, with a harmonic regression of the interaction on distance:
a smooth trend (cubic in the logarithm of distance) plus one wave of the declared period. Each
background gives its own two coefficients, and their mean is tested over backgrounds.
"""

from typing import Literal

from pydantic import Field, model_validator

from giaflow.base.settings import Settings as Base
from giaflow.edits.pattern_references import PatternText
from giaflow.edits.patterns import check_text
from giaflow.experiments.kinds import spacing
from giaflow.statistics.contrasts import Figure

FIGURE = Figure(
    "profile", x="gap", x_label="gap (letters between the patterns)", hue="arm", many="arrangement"
)


class Settings(Base):
    """The two patterns, the range of gaps and the period."""

    first: PatternText
    """Letters or name of the pattern that stands still."""
    second: PatternText
    """Letters or name of the pattern that moves, on the right of the first."""
    nearest: int = Field(0, ge=0)
    """Smallest gap: beyond the reach of steric effects."""
    farthest: int = Field(ge=1)
    """Largest gap; at least five periods from the smallest."""
    period: float = Field(10.5, ge=6, le=20)
    """Declared period, in letters."""
    start: int | None = Field(None, ge=0)
    """Position of the first pattern; null centres the widest pair."""
    orientations: list[Literal["++", "+-", "-+", "--"]] = Field(["++"], min_length=1)
    """Strands of the first and the second pattern."""

    @model_validator(mode="after")
    def _check(self):
        for text in (self.first, self.second):
            check_text(text)
        span = self.farthest - self.nearest + 1
        if span < 5 * self.period:
            raise ValueError(
                f"a period of {self.period:g} needs {5 * self.period:g} gaps or more, got {span}"
            )
        return self

    def scan(self):
        """The settings of the spacing experiment underneath."""
        shared = {key: getattr(self, key) for key in ("first", "second", "start", "orientations")}
        return spacing.Settings(gaps=list(range(self.nearest, self.farthest + 1)), **shared)


def conditions(settings, patterns, length, rng):
    """Those of the spacing scan."""
    return spacing.conditions(settings.scan(), patterns, length, rng)


def contrasts(settings, conditions):
    """Those of the spacing scan."""
    return spacing.contrasts(settings.scan(), conditions)
