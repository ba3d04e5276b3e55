"""How much does a pattern change the prediction, averaged over backgrounds?

Estimand: E[f(x with the pattern) - f(x)] over backgrounds x (Koo & Ploenzke 2020). Embedding also
deletes what stood there, so a pattern that means nothing need not have effect zero; its scrambled
controls measure that, and ``specific_importance`` is the pattern minus the mean of its controls.
"""

from pydantic import Field

from giaflow.design import BACKGROUND, Contrast, Figure, effect
from giaflow.edits import Condition, Embed
from giaflow.settings import Settings as Base

FIGURE = Figure("forest", x="pattern", x_label="global importance", hue="role")


class Settings(Base):
    """Which patterns are embedded, and where."""

    patterns: list[str] = Field(default_factory=list)
    """Names of configured patterns; empty means all of them."""
    discovered: bool = True
    """Also embed every pattern that TF-MoDISco found."""
    scrambles: int = Field(20, ge=0)
    """Scrambled controls per pattern; 0 for none."""
    start: int | None = Field(None, ge=0)
    """Position of the pattern's first letter; null centres it."""


def conditions(settings, patterns, length):
    """One condition per pattern and per scrambled control."""
    listed = []
    for pattern in patterns:
        start = settings.start
        if start is None:
            start = (length - len(pattern.text)) // 2
        labels = {
            "pattern": pattern.control_of or pattern.name,
            "role": "scrambled control" if pattern.control_of else "pattern",
            "letters": pattern.text,
            "start": start,
        }
        listed.append(Condition(labels, (Embed(pattern.text, start),)))
    return listed


def contrasts(settings, conditions):
    """Each pattern, the mean of its controls, and the difference of the two."""
    listed = []
    for i, condition in enumerate(conditions):
        labels = condition.labels
        if labels["role"] != "pattern":
            continue
        listed.append(effect(i, labels))
        controls = [
            j
            for j, other in enumerate(conditions)
            if other.labels["pattern"] == labels["pattern"] and other.labels["role"] != "pattern"
        ]
        if controls:
            share = {j: 1 / len(controls) for j in controls}
            scrambled = {
                **labels,
                "role": "scrambled control",
                "letters": f"{len(controls)} orders",
            }
            listed.append(Contrast(scrambled, {**share, BACKGROUND: -1.0}))
            less = {j: -weight for j, weight in share.items()}
            listed.append(Contrast(labels, {i: 1.0, **less}, "specific_importance"))
    return listed
