"""Are the instances of a pattern in real sequences needed, and are they enough?

Every instance of a pattern, on either strand, is replaced by letters that the null model drew at
the same place, several draws each; a draw never spells a known pattern anew. ``necessity`` is the
prediction of the intact sequence minus the mean over draws without the instances, averaged over
the sequences that hold the pattern: they are the unit, not instances or draws. ``sufficiency`` is
the prediction of the instances alone, at their places in backgrounds, minus that of the same
backgrounds without them. Both are also given as shares of ``total``, intact minus backgrounds.
Two patterns are also removed together: ``interaction`` is the double-mutant cycle, intact -
without A - without B + without both, over the sequences that hold both without shared letters;
it, the effect of removing one where the other stays (``necessity_beside``) and BPNet's fold (Avsec
et al. 2021, Nat Genet 53:354) are also given by distance. ``site_necessity`` removes one instance
at a time. Sequences that share backgrounds, where there are fewer than `n` x `draws`, are one unit.
"""

from itertools import combinations

from pydantic import Field, model_validator

from giaflow.base.checks import check_fits
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.replace import Isolate, Occlude, keep_windows
from giaflow.sequences import pattern_search
from giaflow.statistics.contrasts import INTACT, Contrast, Figure, combined, means

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
    shares: bool = True
    """Also put instances alone into backgrounds: sufficiency, and both as shares of the total."""
    sites: int = Field(0, ge=0)
    """Also remove so many instances of a sequence one at a time, the leftmost; those that share
    letters are one."""
    distances: list[float] = Field([35, 70, 150])
    """Limits of the classes of distance between the centres of the nearest instances of a pair."""
    per_distance: int = Field(20, ge=2)
    """Also give each distance that at least so many sequences have."""

    @model_validator(mode="after")
    def _check(self):
        if sorted({0, *self.distances}) != [0, *self.distances]:
            raise ValueError(f"distances must rise from above 0, got {self.distances}")
        return self


def conditions(settings, patterns, length, rng):
    """Each pattern, each pair, each site and everything but a pattern, removed in every draw."""
    known = tuple(pattern.text for pattern in patterns)
    listed = []

    def add(name, removed, edits, site=None):
        for draw in range(settings.draws):
            labels = {"pattern": name, "removed": removed, "site": site, "draw": draw}
            made = tuple(kind(text, draw, settings.draws, **more) for kind, text, more in edits)
            listed.append(Condition(labels, made))

    same = {"mismatches": settings.mismatches}
    for draw in range(settings.draws if settings.shares else 0):
        labels = {"pattern": None, "removed": "everything", "site": None, "draw": draw}
        listed.append(Condition(labels, (keep_windows([[]], draw, settings.draws),)))
    for pattern in patterns:
        check_fits(pattern.text, 0, length)
        add(pattern.name, "one pattern", [(Occlude, pattern.text, {"avoid": known, **same})])
        if settings.shares:
            add(pattern.name, "all else", [(Isolate, pattern.text, same)])
        for site in range(settings.sites):
            more = {"avoid": known, "site": site, **same}
            add(pattern.name, "one site", [(Occlude, pattern.text, more)], site)
    for a, b in combinations(patterns, 2) if settings.pairs else ():
        edits = [
            (Occlude, text, {"avoid": known, "apart_from": other, **same})
            for text, other in ((a.text, b.text), (b.text, a.text))
        ]
        add(f"{a.name} and {b.name}", "both", edits)
    return listed


def measures(settings, patterns, codes):
    """Distance (N,) between the nearest instances of each pair of patterns."""
    return {
        f"{a.name} and {b.name}": pattern_search.distances(
            codes, a.text, b.text, settings.mismatches
        )
        for a, b in (combinations(patterns, 2) if settings.pairs else ())
    }


def contrasts(settings, conditions):
    """Necessity and sufficiency of every pattern, necessity of sites, and the cycle of pairs."""
    listed, arms = [], means(conditions, "pattern", "removed", "site")
    names = [name for name, removed, _ in arms if removed == "one pattern"]

    def add(estimand, name, removed, terms, site=None, beside=None):
        labels = {"pattern": name, "removed": removed, "site": site, "beside": beside}
        listed.append(Contrast(labels, combined(*terms), estimand, present=True))

    for name, removed, site in arms:
        gone = arms[name, removed, site]
        if removed == "one pattern":
            add("necessity", name, removed, [(1, INTACT), (-1, gone)])
        elif removed == "one site":
            add("site_necessity", name, removed, [(1, INTACT), (-1, gone)], site)
        elif removed == "all else":
            # Arms that weigh nothing limit the rows to the sequences that necessity counts.
            bare = arms[None, "everything", None]
            rows = (0, arms[name, "one pattern", None])
            add("sufficiency", name, removed, [rows, (1, gone), (-1, bare)])
            add("total", name, "everything", [rows, (1, INTACT), (-1, bare)])
    for a, b in combinations(names, 2) if settings.pairs else ():
        name, both = f"{a} and {b}", arms[f"{a} and {b}", "both", None]
        one, other = (arms[each, "one pattern", None] for each in (a, b))
        # Counting only sequences that each single removal changes leaves those that hold both.
        rows = [(0, one), (0, other), (0, both)]
        add("necessity", name, "both", [*rows, (1, INTACT), (-1, both)])
        add("interaction", name, "both", [(1, INTACT), (-1, one), (-1, other), (1, both)])
        for gone, arm, stays in ((a, one, b), (b, other, a)):
            pair = {"removed": "one pattern", "beside": stays}
            add("necessity_beside", gone, terms=[*rows, (1, INTACT), (-1, arm)], **pair)
    return listed
