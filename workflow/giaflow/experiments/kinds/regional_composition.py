"""Does the composition of a region change the prediction, or what a pattern does?

Regions near the 5' and the 3' end are filled with a GC-rich and an AT-rich repeat, and with
letters drawn for each background at the same compositions, which no single word can explain.
Every fill is also made without the pattern. ``interaction`` is pattern x fill; ``rich_minus_poor``
the pattern's gain from GC over AT in one region; ``three_minus_five`` the same fill's interaction
at the 3' end minus at the 5' end.
"""

import numpy as np
from pydantic import Field, model_validator

from giaflow.base.alphabet import encode
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.pattern_references import PatternText
from giaflow.edits.patterns import INSTANCES, Instances, check_text, draw
from giaflow.statistics.contrasts import BACKGROUND, Contrast, Figure, effect

FIGURE = Figure("forest", x="arm", x_label="effect", hue="pattern_present")
FILLS = ("GC repeat", "AT repeat", "GC-rich draws", "AT-rich draws")


class Settings(Base):
    """The pattern, the regions and their composition."""

    pattern: PatternText
    """Letters of the pattern, or its name."""
    start: int | None = Field(None, ge=0)
    """Position of the pattern; null centres it."""
    width: int = Field(6, ge=2)
    """Letters of a region."""
    margin: int = Field(1, ge=0)
    """Letters between a region and its end of the sequence."""
    rich: float = Field(0.9, gt=0.5, le=1)
    """Share of G and C in GC-rich draws; AT-rich draws have as much A and T."""

    @model_validator(mode="after")
    def _check(self):
        check_text(self.pattern)
        return self


def _fills(settings, rng):
    """Instances of each fill."""
    for name in FILLS:
        strong = name.startswith("GC")
        if name.endswith("repeat"):
            text = ("GC" if strong else "AT") * settings.width
            yield name, Instances(encode(text[: settings.width])[None])
            continue
        shape = (INSTANCES, settings.width)
        is_rich = rng.random(shape) < settings.rich
        # Codes 1 and 2 are C and G, 0 and 3 are A and T.
        gc, at = rng.integers(1, 3, shape), 3 * rng.integers(0, 2, shape)
        yield name, Instances(np.where(is_rich == strong, gc, at).astype(np.uint8))


def conditions(settings, patterns, length, rng):
    """The pattern alone, and each fill of each region without and with it."""
    instances = draw(settings.pattern, rng)
    start = settings.start
    if start is None:
        start = max(0, (length - instances.width) // 2)
    regions = {"5'": settings.margin, "3'": length - settings.margin - settings.width}
    pattern = instances.at(start)
    labels = {"arm": "pattern", "region": None, "fill": None, "pattern_present": "pattern"}
    listed = [Condition(labels, (pattern,))]
    for name, fill in _fills(settings, rng):
        for region, at in regions.items():
            labels = {"arm": f"{region} {name}", "region": region, "fill": name}
            alone = {**labels, "pattern_present": "no pattern"}
            listed.append(Condition(alone, (fill.at(at),)))
            both = {**labels, "pattern_present": "pattern"}
            listed.append(Condition(both, (fill.at(at), pattern)))
    return listed


def contrasts(settings, conditions):
    """Effects, interactions with the pattern, and differences of interactions."""
    listed = [effect(i, condition.labels) for i, condition in enumerate(conditions)]
    found = {}
    for i, condition in enumerate(conditions):
        labels = condition.labels
        if labels["fill"] and labels["pattern_present"] == "pattern":
            weights = {i: 1.0, i - 1: -1.0, 0: -1.0, BACKGROUND: 1.0}
            found[labels["fill"], labels["region"]] = weights
            listed.append(Contrast(labels, weights, "interaction"))
    for fill, region in found:
        labels = {"arm": f"{region} {fill}", "region": region, "fill": fill}
        labels["pattern_present"] = "pattern"
        if fill.startswith("GC"):
            poor = found[fill.replace("GC", "AT"), region]
            weights = _minus(found[fill, region], poor)
            listed.append(Contrast(labels, weights, "rich_minus_poor"))
        if region == "3'":
            weights = _minus(found[fill, region], found[fill, "5'"])
            listed.append(Contrast(labels, weights, "three_minus_five"))
    return listed


def _minus(first, second):
    """Weights of one contrast minus another."""
    return {i: first.get(i, 0.0) - second.get(i, 0.0) for i in {**first, **second}}
