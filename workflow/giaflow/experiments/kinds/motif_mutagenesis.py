"""What does each letter of a pattern contribute inside it?

Every single-letter change of the pattern is embedded in the same backgrounds; ``mutation`` is the
effect of the change, mutant minus pattern. A table of measured affinities of variants (for
RBFOX1, Auweter et al. 2006) gives ``affinity_correlation``: do effects follow -log K?
"""

from pydantic import Field, model_validator

from giaflow.base.alphabet import DNA
from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.pattern_references import PatternText
from giaflow.edits.patterns import Instances, draw
from giaflow.statistics.contrasts import Contrast, Figure, effect

FIGURE = Figure(
    "matrix", x="position", x_label="position in the pattern", hue="letter", estimand="mutation"
)


class Settings(Base):
    """The pattern, its place and measured affinities."""

    pattern: PatternText
    """Letters of the pattern, A, C, G, T (U), and N to keep the background's letter; or its name.
    Of sampled instances each position is set to each of the four letters."""
    start: int | None = Field(None, ge=0)
    """Position of the first letter; null centres it."""
    affinities: dict[str, float] = Field(default_factory=dict)
    """Dissociation constants of variants by their letters, smaller is stronger; embedded too."""

    @model_validator(mode="after")
    def _check(self):
        for text in (self.pattern, *self.affinities):
            if not text or set(text.upper()) - set("ACGTUN"):
                raise ValueError(f"{text!r} must be written in A, C, G, T, U and N")
        if self.affinities and (len(self.affinities) < 3 or min(self.affinities.values()) <= 0):
            raise ValueError("affinities must be 3 or more constants above 0")
        return self


def _variants(pattern, instances):
    """Labels, letters and instances of the pattern and of all its single-letter changes."""
    text = pattern.upper().replace("U", "T")
    yield {"role": "pattern", "position": None, "letter": None}, text, instances
    for position, original in enumerate(text):
        for letter in DNA if original != "N" else "":
            changed = instances.letters.copy()
            changed[:, position] = DNA.index(letter)
            if (changed != instances.letters).any():
                labels = {"role": "mutant", "position": position, "letter": letter}
                spelt = text[:position] + letter + text[position + 1 :]
                yield labels, spelt, Instances(changed)


def conditions(settings, patterns, length, rng):
    """The pattern, its mutants, then the variants of known affinity."""
    start = settings.start
    if start is None:
        start = max(0, (length - len(settings.pattern)) // 2)
    listed = list(_variants(settings.pattern, draw(settings.pattern, rng)))
    for text in settings.affinities:
        if len(text) > length:
            raise InputError(f"variant {text!r} is longer than the sequences ({length})")
        labels = {"role": "measured", "position": None, "letter": None}
        listed.append((labels, text, draw(text, rng)))
    return [
        Condition({**labels, "letters": text, "start": start}, (instances.at(start),))
        for labels, text, instances in listed
    ]


def contrasts(settings, conditions):
    """The effect of every variant, and each mutant minus the pattern."""
    listed = [effect(i, condition.labels) for i, condition in enumerate(conditions)]
    for i, condition in enumerate(conditions):
        if condition.labels["role"] == "mutant":
            weights = {i: 1.0, 0: -1.0}
            listed.append(Contrast(condition.labels, weights, "mutation", sweep="mutations"))
    return listed
