"""Which k letters change the prediction most?

Every word of k letters is embedded at one position and ranked by its effect: motif discovery
without attributions, for short sequences too (Koo & Ploenzke 2020). The mean over all words of a
site-independent null is zero, so effects are relative to the average word. The strongest words
are aligned to the best one and averaged, weighted by effect, into a matrix (``word_matrix`` in
contrasts.tsv). The best of 4^k words was chosen for its size: read its interval with q.
"""

from itertools import product

from pydantic import Field

from giaflow.base.alphabet import DNA
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition, Embed
from giaflow.statistics.contrasts import Figure, effect

FIGURE = Figure("forest", x="letters", x_label="effect", hue="role", top=20)


class Settings(Base):
    """Which words, and where."""

    k: int = Field(6, ge=1, le=7)
    """Letters per word; 4^k words are embedded."""
    start: int | None = Field(None, ge=0)
    """Position of the first letter; null centres the words."""
    aligned: int = Field(10, ge=1)
    """Strongest words that make the matrix."""


def conditions(settings, patterns, length, rng):
    """Every word, in alphabetical order."""
    start = max(0, (length - settings.k) // 2) if settings.start is None else settings.start
    return [
        Condition({"letters": "".join(word), "start": start, "role": "word"},
                  (Embed("".join(word), start),))
        for word in product(DNA, repeat=settings.k)
    ]  # fmt: skip


def contrasts(settings, conditions):
    """The effect of every word."""
    return [effect(i, condition.labels) for i, condition in enumerate(conditions)]
