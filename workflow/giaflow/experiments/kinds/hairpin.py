"""Does a pattern act differently in the loop or the stem of a hairpin?

A hairpin is made on the letters of each background: the right arm becomes the reverse complement
of the left. The pattern stands in the loop, in the left arm (the right arm then pairs with it) and
at both places of unpaired backgrounds. ``context_interaction`` is the pattern's effect inside a
context minus its effect at the same place without: a difference of differences on the same
backgrounds. Three further contexts tell structure from letters: a broken stem (the right arm's
letters in the order that pairs least), swapped arms (paired again, other letters), and a stem
moved along the loop. Pairs are A-U and G-C, and with `wobble` G-U too. The column ``energy`` says
how firmly constructs fold: the mean of their minimum free energies as RNA, in kcal/mol.
"""

from pydantic import Field, model_validator

from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition, Hairpin
from giaflow.edits.pattern_references import PatternText
from giaflow.edits.patterns import INSTANCES, check_text, draw
from giaflow.statistics.contrasts import BACKGROUND, Contrast, Figure, effect

FIGURE = Figure(
    "forest", x="arm", x_label="effect", hue="place", below="context_interaction",
    beside="energy", beside_unit="kcal/mol",
)  # fmt: skip


class Settings(Base):
    """The pattern and the geometry of the hairpin."""

    pattern: PatternText
    """Letters of the pattern, or its name."""
    left: int = Field(8, ge=0)
    """First position of the left arm."""
    stem: int = Field(9, ge=3)
    """Letters per arm."""
    loop: int = Field(7, ge=3)
    """Letters of the loop."""
    offset: int = Field(0, ge=0)
    """Letters between the left arm and the pattern in the loop."""
    shift: int = Field(2, ge=0)
    """Letters by which the stem moves while the pattern stays; 0 leaves this context out."""
    wobble: float = Field(0.0, ge=0, le=1)
    """Chance that a G or U (T) of the left arm gets a G-U pair."""
    energy: int = Field(50, ge=0)
    """Fold the constructs of so many backgrounds with ViennaRNA, for the column `energy`; a fold of
    200 letters takes some 0.05 s. 0 folds none."""

    @model_validator(mode="after")
    def _check(self):
        check_text(self.pattern)
        if self.offset + len(self.pattern) > self.loop:
            raise ValueError(
                f"pattern {self.pattern!r} at offset {self.offset} does not fit in a loop of "
                f"{self.loop} letters"
            )
        return self

    def stem_start(self):
        """Position of the pattern in the left arm, or None if the arm is too short."""
        spare = self.stem - len(self.pattern)
        return None if spare < 0 else self.left + spare // 2


def _contexts(settings, wobble):
    """Name and edit of each context; the unpaired one has none."""
    shape = settings.stem, settings.loop
    yield "linear", None
    for name, form in (("hairpin", "paired"), ("broken", "broken"), ("swapped", "swapped")):
        yield name, Hairpin(settings.left, *shape, form, wobble)
    # The loop still has to hold the pattern after the stem has moved.
    room = settings.loop - settings.offset - len(settings.pattern)
    shift = min(settings.shift, settings.left, room)
    if shift:
        yield "shifted", Hairpin(settings.left - shift, *shape, "paired", wobble)


def conditions(settings, patterns, length, rng):
    """Every context without the pattern, with it in the loop, and, if it fits, in the stem."""
    instances, wobble = draw(settings.pattern, rng), None
    if settings.wobble:
        # The same in every context.
        wobble = rng.random((INSTANCES, settings.stem)) < settings.wobble
    places = {"loop": settings.left + settings.stem + settings.offset}
    if settings.stem_start() is not None:
        places["stem"] = settings.stem_start()
    listed = []
    for name, edit in _contexts(settings, wobble):
        if edit is not None:
            labels = {"context": name, "place": "none", "arm": f"{name} alone"}
            listed.append(Condition(labels, (edit,)))
        for place, start in places.items():
            if place == "stem" and name not in ("linear", "hairpin"):
                continue
            # The pattern first: the right arm pairs with what then stands in the left.
            edits = (instances.at(start), *(() if edit is None else (edit,)))
            labels = {"context": name, "place": place, "arm": f"{name}, pattern in {place}"}
            if name == "linear":
                labels["arm"] = f"linear, pattern at {place}"
            listed.append(Condition(labels, edits))
    return listed


def contrasts(settings, conditions):
    """Effects, effects within each context, and their difference from the unpaired one."""
    index = {(c.labels["context"], c.labels["place"]): i for i, c in enumerate(conditions)}
    listed = [effect(i, condition.labels) for i, condition in enumerate(conditions)]
    for (context, place), i in index.items():
        if context == "linear" or place == "none":
            continue
        alone, linear = index[context, "none"], index["linear", place]
        labels = conditions[i].labels
        listed.append(Contrast(labels, {i: 1.0, alone: -1.0}, "context_effect"))
        weights = {i: 1.0, alone: -1.0, linear: -1.0, BACKGROUND: 1.0}
        listed.append(Contrast(labels, weights, "context_interaction"))
    return listed
