"""Does the effect of one stretch of real sequences depend on its distance from another?

Two tiles of every sequence are put into the same backgrounds: the anchor at its own place, the
other at each of many. ``sufficiency`` is the mean prediction with one or both minus that of the
backgrounds; ``interaction`` is both - anchor - tile + backgrounds, with a band over all places; and
``displacement`` is both minus both with the tile at its native place. CREME's test (Toneyan & Koo
2024, Nat Genet 56:2517) draws new contexts for every place unless seeded, so that its curve holds
their noise, and lacks the tile alone, so that an effect of place passes for one of distance. Right
beside the anchor a tile may complete a motif that their border cuts.
"""

import numpy as np
from pydantic import Field, model_validator

from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base
from giaflow.base.settings import Window
from giaflow.edits.embed import Condition
from giaflow.edits.replace import Graft, check_window
from giaflow.statistics.contrasts import Contrast, Figure, combined, means

FIGURE = Figure(
    "profile",
    x="distance",
    x_label="distance between centres (letters)",
    hue="arm",
    estimand="sufficiency",
)


class Settings(Base):
    """The sequences, the two tiles, and where one of them is put."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets whose tiles are moved."""
    n: int = Field(500, ge=2)
    """At most this many sequences, drawn at random."""
    anchor: Window
    """First position of the tile that stays, and the one after its last."""
    tile: Window
    """The same of the tile that moves."""
    places: list[int] = Field(default_factory=list)
    """Where the first letter of the tile is put; empty takes every `step` letters. Its own place
    is always among them."""
    step: int = Field(10, ge=1)
    """Letters from one place to the next."""
    draws: int = Field(5, ge=1)
    """Backgrounds per sequence; the mean over them counts."""

    @model_validator(mode="after")
    def _check(self):
        if self.anchor[0] < self.tile[1] and self.tile[0] < self.anchor[1]:
            raise ValueError(f"anchor {self.anchor} and tile {self.tile} share letters")
        return self


def _places(settings, length):
    """Starts at which the tile shares no letter with the anchor, its own among them."""
    (left, right), (start, stop) = settings.anchor, settings.tile
    last = length - (stop - start)
    asked = settings.places or range(start % settings.step, last + 1, settings.step)
    for place in settings.places:
        if not 0 <= place <= last or (place < right and left < place + stop - start):
            raise InputError(
                f"the tile of {stop - start} letters put at {place} leaves the sequence of "
                f"{length} or covers letters of the anchor {settings.anchor}"
            )
    free = {p for p in asked if p >= right or p + stop - start <= left}
    return sorted(free | {start})


def conditions(settings, patterns, length, rng):
    """Backgrounds, the anchor alone, and the tile alone and beside it at each place."""
    for name in ("anchor", "tile"):
        check_window(name, getattr(settings, name), length)
    (left, right), (start, stop) = settings.anchor, settings.tile
    anchor, listed = [left, right, left], []

    def add(arm, parts, place=None):
        distance = None if place is None else place + (stop - start - right - left) / 2
        for draw in range(settings.draws):
            labels = {"arm": arm, "place": place, "distance": distance, "draw": draw}
            listed.append(Condition(labels, (Graft([parts], "own", "null", draw, settings.draws),)))

    add("background", np.zeros((0, 3), int))
    add("anchor alone", [anchor])
    for place in _places(settings, length):
        add("tile alone", [[start, stop, place]], place)
        add("pair", [anchor, [start, stop, place]], place)
    return listed


def contrasts(settings, conditions):
    """Sufficiency of every arm, and interaction and displacement of every pair."""
    arms, listed = means(conditions, "arm", "place", "distance"), []
    empty, anchor = arms["background", None, None], arms["anchor alone", None, None]
    native = next(v for (arm, p, _), v in arms.items() if (arm, p) == ("pair", settings.tile[0]))

    def add(estimand, key, *terms):
        labels = dict(zip(("arm", "place", "distance"), key, strict=True))
        sweep = "" if key[1] is None else key[0]
        listed.append(Contrast(labels, combined(*terms), estimand, sweep=sweep))

    for key, weights in arms.items():
        if key[0] != "background":
            add("sufficiency", key, (1, weights), (-1, empty))
        if key[0] == "pair":
            tile = arms["tile alone", *key[1:]]
            add("interaction", key, (1, weights), (-1, anchor), (-1, tile), (1, empty))
            if weights is not native:
                add("displacement", key, (1, weights), (-1, native))
    return listed
