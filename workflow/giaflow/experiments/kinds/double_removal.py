"""Does a pattern in real sequences need another one beside it?

BPNet's removal of pairs (Avsec et al. 2021, Nat Genet 53:354) on sequences that are cut about
instances of the first pattern, such as the hits of a motif. The instance at the middle is removed,
the nearest instance of the second pattern, and both; letters that the null model drew at the same
place take theirs, several draws each, and never spell a known pattern anew. Read with counts at or
around the middle, the fold (AB - B + background) / A says how much more the first pattern does
where the second is, by their distance. The unit is the sequence. `second` may be the same pattern.
"""

from pydantic import Field, model_validator

from giaflow.base.checks import check_fits
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.pattern_references import PatternText
from giaflow.edits.patterns import check_text
from giaflow.edits.replace import OccludePair
from giaflow.sequences.pattern_search import central_pair
from giaflow.statistics.contrasts import INTACT, Contrast, Figure, combined, means

FIGURE = Figure(
    "profile", x="distance", x_label="distance of centres (letters)", hue="distances",
    estimand="interaction_by_distance", below="fold_by_distance",
)  # fmt: skip


class Settings(Base):
    """The sequences, the two patterns, and how far apart they stand."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets cut about instances of `first`."""
    n: int = Field(2000, ge=2)
    """At most this many sequences, drawn at random from those that hold such a pair."""
    first: PatternText
    """Letters or name of the pattern at the middle, where it is read."""
    second: PatternText
    """Letters or name of the pattern beside it; it may be the same."""
    mismatches: int = Field(0, ge=0, le=3)
    """Letters in which an instance may differ from the pattern."""
    aside: float = Field(2, ge=0)
    """Letters that the first pattern's centre may be from the middle of the sequence."""
    nearest: float = Field(6, ge=1)
    """Least distance between the two centres; instances that share letters are not counted."""
    farthest: float = Field(150, ge=1)
    """Largest distance between the two centres."""
    draws: int = Field(5, ge=1)
    """Replacements per sequence; their mean counts."""
    distances: list[float] = Field([35, 70, 150])
    """Limits of the classes of distance."""
    per_distance: int = Field(20, ge=2)
    """Also give each distance that at least so many sequences have."""

    @model_validator(mode="after")
    def _check(self):
        for text in (self.first, self.second):
            check_text(text)
        if self.farthest < self.nearest:
            raise ValueError(f"farthest {self.farthest:g} is below nearest {self.nearest:g}")
        if sorted({0, *self.distances}) != [0, *self.distances]:
            raise ValueError(f"distances must rise from above 0, got {self.distances}")
        return self

    def starts(self, codes):
        """Where the two instances of each sequence begin, see `pattern_search.central_pair`."""
        reach = (self.nearest, self.farthest)
        return central_pair(codes, self.first, self.second, self.mismatches, self.aside, reach)


REMOVED = {"first": (0,), "second": (1,), "both": (0, 1)}


def choose(settings, patterns, codes, targets, predict):
    """Rows of the sequences that hold a pair; the choice is part of the question."""
    return (settings.starts(codes)[:, 0] >= 0).nonzero()[0], None


def conditions(settings, patterns, length, rng):
    """The first, the second and both removed, in every draw."""
    check_fits(settings.first, 0, length)
    check_fits(settings.second, 0, length)
    shared = {
        "avoid": tuple(dict.fromkeys((str(settings.first), str(settings.second)))),
        "mismatches": settings.mismatches, "second": str(settings.second), "off": settings.aside,
        "reach": (settings.nearest, settings.farthest),
    }  # fmt: skip
    return [
        Condition(
            {"pair": "first and second", "removed": removed, "draw": draw},
            (OccludePair(str(settings.first), draw, settings.draws, which=which, **shared),),
        )
        for removed, which in REMOVED.items()
        for draw in range(settings.draws)
    ]


def measures(settings, patterns, codes):
    """Distance (N,) between the centres of the pair; nan without one."""
    starts = settings.starts(codes).astype(float)
    distance = abs(starts[:, 1] - starts[:, 0] + (len(settings.second) - len(settings.first)) / 2)
    distance[starts[:, 0] < 0] = float("nan")
    return {"distance": distance}


def contrasts(settings, conditions):
    """Necessity of each and of both, and the double-mutant cycle."""
    arms, listed = means(conditions, "removed"), []
    gone = {removed: arms[(removed,)] for removed in REMOVED}
    rows = [(0, weights) for weights in gone.values()]

    def add(estimand, removed, *terms):
        labels = {"pair": "first and second", "removed": removed}
        listed.append(Contrast(labels, combined(*rows, *terms), estimand, present=True))

    for removed, weights in gone.items():
        add("necessity", removed, (1, INTACT), (-1, weights))
    cycle = [(1, INTACT), (-1, gone["first"]), (-1, gone["second"]), (1, gone["both"])]
    add("interaction", "both", *cycle)
    return listed
