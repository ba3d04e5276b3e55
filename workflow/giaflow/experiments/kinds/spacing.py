"""How does the distance between two patterns change their joint effect?

The first pattern stands still and the second moves, on either side and either strand. Beside each
pair stand the second pattern alone at the same position and the first alone, on the same
backgrounds, so each row has an effect of the pair and an interaction AB - A - B + background,
with paired intervals and a band over each arrangement's gaps. Arrangements that are the same
letters (palindromes, identical patterns) are made once. The flag ``junction`` marks a pair whose
letters, with at most two of the background's, spell a further copy of either pattern.
"""

from typing import Literal

from pydantic import Field, model_validator

from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.junctions import created
from giaflow.edits.pattern_references import Letters, PatternText
from giaflow.edits.patterns import check_text, draw, opposite
from giaflow.statistics.contrasts import BACKGROUND, LEVEL, Contrast, Figure, effect

FIGURE = Figure(
    "profile", x="gap", x_label="gap (letters between the patterns)", hue="arm", many="arrangement"
)


class Settings(Base):
    """The two patterns, the gaps between them, and their arrangements."""

    first: PatternText
    """Letters or name of the pattern that stands still."""
    second: PatternText
    """Letters or name of the pattern that moves."""
    gaps: list[int] = Field(min_length=1)
    """Letters between the end of one pattern and the start of the other."""
    start: int | None = Field(None, ge=0)
    """Position of the first pattern; null centres the widest pair."""
    orientations: list[Literal["++", "+-", "-+", "--"]] = Field(["++"], min_length=1)
    """Strands of the first and the second pattern."""
    orders: list[Literal["first-second", "second-first"]] = Field(["first-second"], min_length=1)
    """Which pattern stands on the left."""
    allow_overlap: bool = False
    """Also allow gaps below 0: the second pattern overwrites letters of the first."""
    log: bool = False
    """Also give the interaction of the logarithms of predictions (positive outputs only)."""

    @model_validator(mode="after")
    def _check(self):
        for text in (self.first, self.second):
            check_text(text)
        if len(set(self.gaps)) != len(self.gaps):
            raise ValueError(f"gaps must be all different, got {self.gaps}")
        if min(self.gaps) < 0 and not self.allow_overlap:
            raise ValueError(f"gaps must be 0 or more without allow_overlap, got {self.gaps}")
        return self


def arrangements(settings):
    """(order, strand of first, strand of second) that make different letters, in order."""
    texts = settings.first.upper(), settings.second.upper()
    # Instances drawn of a matrix differ even where the consensus is the same.
    exact = not any(isinstance(text, Letters) for text in (settings.first, settings.second))
    found = {}
    for order in dict.fromkeys(settings.orders):
        for strands in dict.fromkeys(settings.orientations):
            made = [
                text if s == "+" else opposite(text) for text, s in zip(texts, strands, strict=True)
            ]
            # Two identical patterns have no order: a pair is named by what is read left to right.
            if not exact:
                key = (order, *strands)
            elif texts[0] == texts[1]:
                key = tuple(made if order == "first-second" else made[::-1])
                # -- is the same dimer as ++, read on the other strand.
                key = min(key, tuple(opposite(text) for text in key[::-1]))
            else:
                key = (order, *made)
            found.setdefault(key, (order, *strands))
    return list(found.values())


def _places(settings, length):
    """Start of the first pattern, and the start of the second for each order and gap."""
    width, moving = len(settings.first), len(settings.second)
    reach = max(settings.gaps) + moving
    before = max(0, reach) if "second-first" in settings.orders else 0
    after = max(0, reach) if "first-second" in settings.orders else 0
    start = settings.start
    if start is None:
        start = max(0, (length - before - width - after) // 2) + before
    places = {
        (order, gap): start + width + gap if order == "first-second" else start - gap - moving
        for order in settings.orders
        for gap in settings.gaps
    }
    return start, places


def _labels(settings, arm, order, strands, gap=None, start=None, place=None):
    first, second = len(settings.first), len(settings.second)
    names = [f"first{strands[0]}", f"second{strands[-1]}"]
    arrangement = " ".join(names if order == "first-second" else names[::-1])
    centre = None if gap is None else place - start + (second - first) / 2
    return {
        "arm": arm,
        "arrangement": arrangement if arm == "pair" else None,
        "order": order,
        "strands": strands,
        "gap": gap,
        "start_distance": None if gap is None else place - start,
        "centre_distance": centre,
    }


def conditions(settings, patterns, length, rng):
    """The first pattern alone, the second alone at each place, and each pair."""
    first, second = draw(settings.first, rng), draw(settings.second, rng)
    start, places = _places(settings, length)
    made = {}

    def add(key, labels, edits):
        made.setdefault(key, Condition(labels, edits, settings.allow_overlap))

    for order, a, b in arrangements(settings):
        edit = first.strand(a).at(start)
        add(("first", a), _labels(settings, "first alone", None, a), (edit,))
        for gap in settings.gaps:
            place = places[order, gap]
            other = second.strand(b).at(place)
            where = (order, b, gap, start, place)
            add(("second", b, place), _labels(settings, "second alone", *where), (other,))
            where = (order, a + b, gap, start, place)
            add(("pair", a, b, place), _labels(settings, "pair", *where), (edit, other))
    return list(made.values())


def _flags(settings, labels):
    """Cautions about a pair: a pattern overwritten, or another copy spelt across the joint."""
    if labels["gap"] < 0:
        return "overlap"
    texts = [settings.first.upper(), settings.second.upper()]
    placed = [t if s == "+" else opposite(t) for t, s in zip(texts, labels["strands"], strict=True)]
    parts = [(placed[0], 0), (placed[1], labels["start_distance"])]
    return "junction" if created(parts, texts) else ""


def contrasts(settings, conditions):
    """Effects of every arm, the interaction of every pair, and the level of the first alone."""
    solo = {}
    for i, condition in enumerate(conditions):
        labels = condition.labels
        solo[labels["arm"], labels["strands"], labels["start_distance"]] = i
    listed = []
    for i, condition in enumerate(conditions):
        labels = condition.labels
        if labels["arm"] != "pair":
            listed.append(effect(i, labels))
            if labels["arm"] == "first alone":
                listed.append(Contrast(labels, {i: 1.0}, LEVEL))
            continue
        flags, sweep = _flags(settings, labels), labels["arrangement"]
        a, b = labels["strands"]
        alone = solo["first alone", a, None], solo["second alone", b, labels["start_distance"]]
        weights = {i: 1.0, alone[0]: -1.0, alone[1]: -1.0, BACKGROUND: 1.0}
        listed.append(effect(i, labels, sweep=sweep, flags=flags))
        listed.append(Contrast(labels, weights, "interaction", sweep=sweep, flags=flags))
        if settings.log:
            listed.append(Contrast(labels, weights, "log_interaction", flags=flags, log=True))
    return listed
