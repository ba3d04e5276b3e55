"""How much does a pattern change the prediction, averaged over backgrounds?

Estimand: E[f(x with the pattern) - f(x)] over backgrounds x (Koo & Ploenzke 2020). Embedding also
deletes what stood there, so a pattern that means nothing need not have effect zero; its controls
measure that, and ``specific_importance`` is the pattern minus the mean of its scrambled controls.
``redraw`` replaces the same window by a fresh draw from the null model (A/A): zero in truth
wherever a window does not depend on its surroundings, so its interval shows whether the
statistics hold. ``adjusted_importance`` is the pattern minus that draw, on the same backgrounds.
"""

from typing import Literal

from pydantic import Field

from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition, Redraw
from giaflow.edits.patterns import Instances, draw, opposite
from giaflow.statistics.contrasts import BACKGROUND, Contrast, Figure, effect

FIGURE = Figure("forest", x="pattern", x_label="global importance", hue="role")


class Settings(Base):
    """Which patterns are embedded, and where."""

    patterns: list[str] = Field(default_factory=list)
    """Names of configured patterns; empty means all of them."""
    discovered: bool = True
    """Also embed every pattern that TF-MoDISco found."""
    scrambles: int = Field(20, ge=0)
    """Scrambled controls per pattern; 0 for none."""
    random: int = Field(199, ge=0)
    """Controls with the pattern's letters in random order, for an empirical p-value of at least
    1 / (random + 1) (estimand `empirical_rank`); each costs as much as a pattern. 0 for none."""
    reverse: bool = True
    """Also embed the pattern read backwards, not complemented."""
    complement: bool | None = None
    """Also embed the reverse complement, a control for models that read one strand only; null does
    so if the study's alphabet is RNA."""
    redraw: bool = True
    """Also replace the pattern's window by a fresh draw from the null model (A/A control)."""
    start: int | None = Field(None, ge=0)
    """Position of the pattern's first letter; null centres it."""
    scatter: bool = False
    """Draw a position for every background from all that fit, instead of `start`."""
    strand: Literal["+", "-", "either"] = "+"
    """Strand of the pattern; either is drawn for every background."""


def _edit(settings, instances, length, rng):
    """The edit that embeds letters as the settings say, and its start (None if scattered)."""
    last = length - instances.width
    start = max(0, last // 2) if settings.start is None else settings.start
    if settings.scatter or settings.strand == "either":
        starts = range(max(1, last + 1)) if settings.scatter else [start]
        strands = {"either": "+-"}.get(settings.strand, settings.strand)
        edit = instances.scattered(starts, strands, rng)
    else:
        edit = instances.strand(settings.strand).at(start)
    return edit, (None if settings.scatter else start)


def _mixed(instances, rng, attempts=100):
    """The letters in another order; in the same one if all letters are equal.

    The pattern itself counts once in its empirical p-value, not again among its rivals.
    """
    for _ in range(attempts):
        mixed = instances.letters[:, rng.permutation(instances.width)]
        if (mixed != instances.letters).any():
            break
    return Instances(mixed)


def conditions(settings, patterns, length, rng):
    """Each pattern and each of its controls."""
    listed = []

    def add(name, role, letters, instances):
        edit, start = _edit(settings, instances, length, rng)
        labels = {"pattern": name, "role": role, "letters": letters}
        labels |= {"start": start, "strand": settings.strand}
        listed.append(Condition(labels, (edit,)))
        return start

    for pattern in patterns:
        instances = draw(pattern, rng)
        if pattern.control_of:
            add(pattern.control_of, "scrambled control", pattern.text, instances)
            continue
        start = add(pattern.name, "pattern", pattern.text, instances)
        if settings.reverse:
            backwards = Instances(instances.letters[:, ::-1])
            add(pattern.name, "reversed", pattern.text[::-1], backwards)
        if settings.complement:
            add(pattern.name, "reverse complement", opposite(pattern.text), instances.strand("-"))
        for i in range(settings.random):
            add(pattern.name, "random control", f"order {i + 1}", _mixed(instances, rng))
        if settings.redraw and start is not None:
            labels = {**listed[-1].labels, "role": "redrawn window", "letters": None}
            listed.append(Condition(labels, (Redraw(start, start + instances.width),)))
    return listed


def contrasts(settings, conditions):
    """Each pattern and control against the background, and pattern minus scrambled controls."""
    listed = []
    for i, condition in enumerate(conditions):
        labels = condition.labels
        if labels["role"] == "redrawn window":
            weights = {i: 1.0, BACKGROUND: -1.0}
            listed.append(Contrast(labels, weights, "redraw", step=2))
            whole = _pattern_of(labels["pattern"], conditions)
            told, weights = conditions[whole].labels, {whole: 1.0, i: -1.0}
            listed.append(Contrast(told, weights, "adjusted_importance", step=2))
        elif labels["role"] == "random control":
            weights = {i: 1.0, BACKGROUND: -1.0}
            listed.append(Contrast(labels, weights, "random_control", row=False))
        elif labels["role"] != "scrambled control":
            listed.append(effect(i, labels))
        if labels["role"] == "pattern":
            listed += _scrambled(i, labels, conditions)
    return listed


def _pattern_of(name, conditions):
    """Index of the condition that embeds the pattern of this name itself."""
    return next(
        i
        for i, each in enumerate(conditions)
        if (each.labels["pattern"], each.labels["role"]) == (name, "pattern")
    )


def _scrambled(i, labels, conditions):
    """The mean of a pattern's scrambled controls, and the pattern's difference from it."""
    role = "scrambled control"
    controls = [
        j
        for j, other in enumerate(conditions)
        if other.labels["pattern"] == labels["pattern"] and other.labels["role"] == role
    ]
    if not controls:
        return []
    share = {j: 1 / len(controls) for j in controls}
    mean = {**labels, "role": role, "letters": f"{len(controls)} orders"}
    less = {j: -weight for j, weight in share.items()}
    return [
        Contrast(mean, {**share, BACKGROUND: -1.0}),
        Contrast(labels, {i: 1.0, **less}, "specific_importance"),
    ]
