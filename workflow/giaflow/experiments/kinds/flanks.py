"""Which letters around or inside a pattern help it?

Every fill of the pattern's wildcards (N) is embedded on the same backgrounds. ``fill`` is the
effect of a fill minus that of the pattern with the background's own letters; ``letter`` is the
mean over all fills with a letter at a wildcard minus the mean over all fills, a balanced main
effect that no neighbour confounds.
"""

from itertools import product

from pydantic import Field, model_validator

from giaflow.base.alphabet import DNA
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition, Embed
from giaflow.edits.pattern_references import PatternText
from giaflow.statistics.contrasts import Contrast, Figure, effect

FIGURE = Figure(
    "matrix", x="position", x_label="position in the pattern", hue="letter", estimand="letter"
)
MOST = 5


class Settings(Base):
    """The pattern with its wildcards, and its place."""

    pattern: PatternText
    """Letters A, C, G, T (U), and an N for each wildcard, 1 to 5 of them: NNTGCATGNN."""
    start: int | None = Field(None, ge=0)
    """Position of the first letter; null centres it."""

    @model_validator(mode="after")
    def _check(self):
        text = self.pattern.upper()
        if set(text) - set("ACGTUN") or not set(text) - {"N"}:
            raise ValueError(f"{self.pattern!r} must be written in A, C, G, T, U and N")
        if not 1 <= text.count("N") <= MOST:
            raise ValueError(
                f"{self.pattern!r} has {text.count('N')} wildcards N; 1 to {MOST} can be filled"
            )
        return self


def conditions(settings, patterns, length, rng):
    """The pattern with the background's letters, then every fill."""
    text = settings.pattern.upper().replace("U", "T")
    start = settings.start
    if start is None:
        start = max(0, (length - len(text)) // 2)
    gaps = [i for i, letter in enumerate(text) if letter == "N"]
    fills = [(None, text)]
    for fill in product(DNA, repeat=len(gaps)):
        letters = dict(zip(gaps, fill, strict=True))
        filled = "".join(letters.get(i, letter) for i, letter in enumerate(text))
        fills.append(("".join(fill), filled))
    return [
        Condition(
            {"role": "pattern" if fill is None else "fill", "fill": fill, "letters": filled,
             "position": None, "letter": None},
            (Embed(filled, start),),
        )
        for fill, filled in fills
    ]  # fmt: skip


def contrasts(settings, conditions):
    """Effects, each fill against the unfilled pattern, and the main effect of each letter."""
    listed = [effect(i, condition.labels) for i, condition in enumerate(conditions)]
    fills = range(1, len(conditions))
    for i in fills:
        listed.append(Contrast(conditions[i].labels, {i: 1.0, 0: -1.0}, "fill"))
    gaps = [i for i, letter in enumerate(settings.pattern.upper()) if letter == "N"]
    for wildcard, position in enumerate(gaps):
        for letter in DNA:
            holds = [conditions[i].labels["fill"][wildcard] == letter for i in fills]
            weights = {
                i: (4.0 if has else 0.0) / len(fills) - 1 / len(fills)
                for i, has in zip(fills, holds, strict=True)
            }
            labels = {"role": "letter", "fill": None, "letters": None}
            labels |= {"position": position, "letter": letter}
            listed.append(Contrast(labels, weights, "letter", sweep="letters"))
    return listed
