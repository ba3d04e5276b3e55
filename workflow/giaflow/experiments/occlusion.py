"""Are the instances of a pattern in real sequences needed?

Every instance of a pattern, on either strand, is replaced by letters that the null model drew at
the same place, several draws each; a draw never spells a known pattern anew. ``necessity`` is the
prediction of the intact sequence minus the mean over draws without the instances, averaged over
the sequences that hold the pattern: they are the unit, not instances or draws. Two patterns are
also removed together: ``interaction`` is the double-mutant cycle, intact - without A - without B +
without both, over the sequences that hold both without shared letters.
"""

from itertools import combinations

from pydantic import Field

from giaflow.checks import check_fits
from giaflow.design import BACKGROUND, Contrast, Figure
from giaflow.edits import Condition, Occlude
from giaflow.settings import Settings as Base

FIGURE = Figure("forest", x="pattern", x_label="necessity", hue="removed", estimand="necessity")


class Settings(Base):
    """The sequences, and what is removed from them."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets in which instances are sought."""
    n: int = Field(500, ge=2)
    """At most this many sequences, drawn at random."""
    patterns: list[str] = Field(default_factory=list)
    """Names of configured patterns; empty means all of them."""
    discovered: bool = False
    """Also remove every pattern that TF-MoDISco found."""
    draws: int = Field(10, ge=1)
    """Replacements per sequence; their mean counts."""
    mismatches: int = Field(0, ge=0, le=3)
    """Letters in which an instance may differ from the pattern."""
    pairs: bool = True
    """Also remove each pair of patterns together."""


def conditions(settings, patterns, length, rng):
    """Each pattern, and each pair of patterns, removed in every draw."""
    known = tuple(pattern.text for pattern in patterns)
    listed = []
    for size in (1, 2) if settings.pairs else (1,):
        for some in combinations(patterns, size):
            for draw in range(settings.draws):
                labels = {"pattern": " and ".join(p.name for p in some), "draw": draw}
                labels["removed"] = "both" if size == 2 else "one pattern"
                edits = []
                for i, pattern in enumerate(some):
                    check_fits(pattern.text, 0, length)
                    apart = some[1 - i].text if size == 2 else ""
                    edits.append(
                        Occlude(pattern.text, draw, known, settings.mismatches, apart_from=apart)
                    )
                listed.append(Condition(labels, tuple(edits)))
    return listed


def _draws(conditions, name):
    """Weights of the mean over draws without a pattern."""
    found = [i for i, c in enumerate(conditions) if c.labels["pattern"] == name]
    return {i: 1 / len(found) for i in found}


def contrasts(settings, conditions):
    """Necessity of every pattern and pair, and the cycle of every pair."""
    listed = []
    names = dict.fromkeys((c.labels["pattern"], c.labels["removed"]) for c in conditions)
    single = [name for name, removed in names if removed == "one pattern"]
    for name, removed in names:
        labels = {"pattern": name, "removed": removed}
        gone = _draws(conditions, name)
        weights = {BACKGROUND: 1.0, **{i: -w for i, w in gone.items()}}
        if removed == "one pattern":
            listed.append(Contrast(labels, weights, "necessity", present=True))
    for a, b in combinations(single, 2) if settings.pairs else ():
        labels = {"pattern": f"{a} and {b}", "removed": "both"}
        both, alone = _draws(conditions, f"{a} and {b}"), [_draws(conditions, x) for x in (a, b)]
        # Counting only sequences that each single removal changes leaves those that hold both.
        zero = {i: 0.0 for arm in alone for i in arm}
        weights = {BACKGROUND: 1.0, **zero, **{i: -w for i, w in both.items()}}
        listed.append(Contrast(labels, weights, "necessity", present=True))
        weights = {BACKGROUND: 1.0, **both}
        weights |= {i: -w for arm in alone for i, w in arm.items()}
        listed.append(Contrast(labels, weights, "interaction", present=True))
    return listed
