"""Which patterns help which, from how far, and in which direction?

BPNet's simulation of pairs (Avsec et al. 2021, Nat Genet 53:354) on common backgrounds. One pattern
stands in the centre and is read there; another stands at every distance on its right, on either
strand. Beside each pair stand both patterns alone at the same places, so each row has the
interaction AB - B - A + background and, for outputs with a natural zero such as counts, BPNet's
fold (AB - B + background) / A, both with paired intervals. `targets` names what reads each pattern
in the centre, so that a pair and its reverse say in which direction it acts. Where patterns share
letters the one at the side overwrites, and the row is flagged ``overlap``.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from giaflow.base.checks import check_fits, check_name
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.patterns import draw
from giaflow.statistics.contrasts import BACKGROUND, LEVEL, Contrast, Figure, effect

FIGURE = Figure(
    "profile", x="distance", x_label="distance of centres (letters)", hue="strands",
    estimand="fold", below="", panel="pair", reference=1.0,
)  # fmt: skip

Strand = Literal["+", "-"]


class Settings(Base):
    """The patterns, their distances and strands, and what reads them."""

    patterns: list[str] = Field(default_factory=list)
    """Names of configured patterns that take part; empty means all of them."""
    centres: list[str] = Field(default_factory=list)
    """Those that stand in the centre, one after another; empty means all that take part."""
    sides: list[str] = Field(default_factory=list)
    """Those that stand at the side; empty means all that take part."""
    targets: dict[str, dict[Strand, str]] = Field(default_factory=dict)
    """Pattern in the centre to the target that reads it, by its strand; a pattern that is left out
    is read by every target."""
    nearest: int = Field(11, ge=1)
    """Smallest distance between the patterns' centres."""
    farthest: int = Field(160, ge=1)
    """Largest distance between the patterns' centres."""
    at: int | None = Field(None, ge=0)
    """Position of the middle letter of the pattern in the centre; null is the sequence's middle."""
    orientations: list[Literal["++", "+-", "-+", "--"]] = Field(
        ["++", "+-", "-+", "--"], min_length=1
    )
    """Strands of the pattern in the centre and of the one at the side."""
    period: float | None = Field(10.5, ge=6, le=20)
    """Period that is sought in the interactions, in letters; null for none. It needs distances
    over five periods."""
    classes: list[float] = Field([35, 70, 150])
    """Limits of classes of distance over which folds are averaged."""
    averages: list[Annotated[list[int], Field(min_length=2)]] = Field(default_factory=list)
    """Lists of single distances over which folds are averaged too, for each pair of strands."""

    @model_validator(mode="after")
    def _check(self):
        if self.farthest < self.nearest:
            raise ValueError(f"farthest {self.farthest} is below nearest {self.nearest}")
        span = self.farthest - self.nearest + 1
        if self.period is not None and span < 5 * self.period:
            raise ValueError(
                f"a period of {self.period:g} needs {5 * self.period:g} distances or more, got "
                f"{span}; period: null seeks none"
            )
        if sorted({0, *self.classes}) != [0, *self.classes]:
            raise ValueError(f"classes must rise from above 0, got {self.classes}")
        for listed in self.averages:
            for distance in listed:
                if not self.nearest <= distance <= self.farthest or listed.count(distance) > 1:
                    raise ValueError(
                        f"averages list different distances from {self.nearest} to "
                        f"{self.farthest}, got {listed}"
                    )
        return self

    def reader(self, centre, strand):
        """The one target that reads a pattern in the centre, or empty for all."""
        return self.targets.get(centre, {}).get(strand, "")


def _labels(arm, centre=None, side=None, strands=None, distance=None, start=None, width=None):
    return {
        "arm": arm, "pair": f"{side} -> {centre}" if arm == "pair" else None,
        "centre": centre, "side": side, "strands": strands, "distance": distance,
        "start": start, "width": width,
    }  # fmt: skip


def conditions(settings, patterns, length, rng):
    """Each pattern in the centre, each at every place of the side, and each pair."""
    drawn = {one.name: draw(one, rng) for one in patterns}
    for name in (*settings.centres, *settings.sides, *settings.targets):
        check_name(name, tuple(drawn), "pattern that takes part")
    at = length // 2 if settings.at is None else settings.at
    made = {}

    def add(key, labels, edits):
        made.setdefault(key, Condition(labels, edits, allow_overlap=True))

    def placed(name, strand, middle):
        one = drawn[name].strand(strand)
        start = middle - one.width // 2
        if start < 0 or start + one.width > length:
            check_fits(next(p.text for p in patterns if p.name == name), start, length)
        return one.at(start), {"start": start, "width": one.width}

    distances = range(settings.nearest, settings.farthest + 1)
    for centre in settings.centres or drawn:
        for side in settings.sides or drawn:
            for strands in dict.fromkeys(settings.orientations):
                a, b = strands
                edit, where = placed(centre, a, at)
                add(
                    ("centre", centre, a),
                    _labels("centre alone", centre, None, a, **where),
                    (edit,),
                )
                for distance in distances:
                    other, where = placed(side, b, at + distance)
                    labels = _labels("side alone", None, side, b, distance, **where)
                    add(("side", side, b, distance), labels, (other,))
                    labels = _labels("pair", centre, side, strands, distance, **where)
                    add(("pair", centre, side, strands, distance), labels, (edit, other))
    return list(made.values())


def contrasts(settings, conditions):
    """Effect and interaction of every pair, and effect and level of what stands in the centre."""
    arms = {
        tuple(one.labels[key] for key in ("arm", "centre", "side", "strands", "distance")): i
        for i, one in enumerate(conditions)
    }
    listed = []
    for (arm, centre, side, strands, distance), i in arms.items():
        labels = conditions[i].labels
        if arm == "side alone":
            continue
        only = {"only": settings.reader(centre, strands[0])}
        if arm == "centre alone":
            listed.append(effect(i, labels, **only))
            listed.append(Contrast(labels, {i: 1.0}, LEVEL, **only))
            continue
        a = arms["centre alone", centre, None, strands[0], None]
        b = arms["side alone", None, side, strands[1], distance]
        alone = conditions[a].labels
        overlap = labels["start"] < alone["start"] + alone["width"]
        told = {
            "sweep": f"{labels['pair']} {strands}",
            "flags": "overlap" if overlap else "",
            **only,
        }
        weights = {i: 1.0, a: -1.0, b: -1.0, BACKGROUND: 1.0}
        listed.append(effect(i, labels, **told))
        listed.append(Contrast(labels, weights, "interaction", **told))
    return listed
