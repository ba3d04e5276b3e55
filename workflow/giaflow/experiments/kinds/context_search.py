"""Which tiles of a sequence matter most, together, and what can go?

Every sequence is searched by itself, greedily, as CREME does (Toneyan & Koo 2024, Nat Genet
56:2517): each round takes the tile, of those side by side along the sequence, whose replacement by
a background's letters lowers the prediction most beside the tiles taken before
(``higher_order``), or least (``prune``); or puts a further copy of a tile where it raises the
prediction of the tile in backgrounds most (``multiplicity``). ``cumulative_effect`` is the effect
of all rounds so far, ``single_effect`` that of the round's tile alone, ``additivity_residual``
cumulative minus the sum of singles, and ``search_gain`` cumulative minus the same number of tiles
in random order.

The largest of many effects is too large on the draws that chose it. Half of the draws choose here
and the other half estimate, so every mean is honest; CREME measures on the draws that chose, goes
on from the one shuffle nearest their mean, and prunes on the ratio to the intact prediction, which
means nothing where backgrounds have one too: ``share_kept`` is over intact minus backgrounds.
"""

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from giaflow.base.checks import InputError, check_name
from giaflow.base.settings import Settings as Base
from giaflow.base.settings import Window
from giaflow.edits.embed import Condition
from giaflow.edits.replace import Graft, check_window, keep_windows, replace_windows
from giaflow.statistics.contrasts import INTACT, Contrast, Figure, combined, means

FIGURE = Figure(
    "profile",
    x="round",
    x_label="tiles, one after another",
    hue="order",
    estimand="cumulative_effect",
    below="additivity_residual",
)

# Random orders, of which sequence n has the one n modulo this many.
ORDERS = 257


class Settings(Base):
    """The sequences, their tiles, and what is sought."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets that are searched."""
    n: int = Field(500, ge=2)
    """At most this many sequences, drawn at random."""
    goal: Literal["higher_order", "prune", "multiplicity"] = "higher_order"
    """Remove the tiles that matter most, or least (all but one: its cost grows with the square of
    their number); or add copies of one tile."""
    target: str | None = None
    """Target whose prediction is sought to change; null takes the model's first."""
    toward: Literal["lower", "higher"] | None = None
    """Whether a round seeks a lower or a higher prediction; null is lower for higher_order and
    higher for the others."""
    width: int = Field(20, ge=2)
    """Letters of a tile (higher_order, prune)."""
    tile: Window | None = None
    """First position of the tile that is copied, and the one after its last (multiplicity)."""
    rounds: int | None = Field(None, ge=1)
    """Tiles taken one after another; null takes 3, and all but one to prune."""
    draws: int = Field(5, ge=1)
    """Backgrounds per sequence that choose, and as many others that estimate."""
    keep: float = Field(0.9, gt=0, lt=1)
    """Share of intact minus backgrounds that what is left must have (prune)."""

    @model_validator(mode="after")
    def _check(self):
        if (self.tile is None) == (self.goal == "multiplicity"):
            raise ValueError("tile is for the goal multiplicity, which needs it")
        return self


def _starts(settings, length):
    """First positions (K,) of the tiles that can be taken, or of the places for copies."""
    if settings.tile is None:
        return np.arange(0, length - settings.width + 1, settings.width)
    check_window("tile", settings.tile, length)
    start, stop = settings.tile
    starts = np.arange(start % (stop - start), length - (stop - start) + 1, stop - start)
    return starts[starts != start]


def _rounds(settings, length):
    """How many tiles are taken; raises `InputError` if there are fewer."""
    tiles = len(_starts(settings, length))
    rounds = settings.rounds or (tiles - 1 if settings.goal == "prune" else 3)
    if not 1 <= rounds <= tiles:
        raise InputError(f"{rounds} rounds take as many tiles, but {length} letters hold {tiles}")
    return rounds


def _condition(settings, taken, draw, order=None, arm="", number=None):
    """Tiles `taken` (R, r) replaced by the donor's letters, or copies put at them in the donor."""
    labels = {"order": order, "arm": arm, "round": number, "draw": draw}
    taken, draws = np.asarray(taken, int)[..., None], 2 * settings.draws
    if settings.tile is None:
        windows = np.concatenate([taken, taken + settings.width], axis=-1)
        return Condition(labels, (replace_windows(windows, draw, draws),))
    tile = np.broadcast_to(settings.tile, (*taken.shape[:2], 2))
    copies = np.concatenate([tile, taken], axis=-1)
    own = np.broadcast_to([*settings.tile, settings.tile[0]], (len(taken), 1, 3))
    return Condition(
        labels, (Graft(np.concatenate([own, copies], axis=1), "own", "null", draw, draws),)
    )


def _estimating(settings):
    """The draws that do not choose."""
    return range(settings.draws, 2 * settings.draws)


def conditions(settings, patterns, length, rng):
    """Where rounds start from, or what nothing is left of, and as many tiles in random order."""
    rounds, listed = _rounds(settings, length), []
    random = rng.permuted(np.tile(_starts(settings, length), (ORDERS, 1)), axis=1)
    for draw in _estimating(settings):
        if settings.tile is None:
            labels = {"order": None, "arm": "background", "round": None, "draw": draw}
            listed.append(Condition(labels, (keep_windows([[]], draw, 2 * settings.draws),)))
        else:
            listed.append(_condition(settings, np.zeros((1, 0)), draw, arm="start"))
    for number in range(1, rounds + 1):
        for draw in _estimating(settings):
            where = ("random", "together", number)
            listed.append(_condition(settings, random[:, :number], draw, *where))
    return listed


def search(settings, ask, n, length, targets):
    """The tiles of each round, together and alone, and where each sequence has them."""
    if settings.target is not None:
        check_name(settings.target, targets, "target")
    column = targets.index(settings.target or targets[0])
    toward = settings.toward or ("lower" if settings.goal == "higher_order" else "higher")
    starts, taken = _starts(settings, length), np.zeros((n, 0), int)
    for _ in range(_rounds(settings, length)):
        trials = [
            _condition(settings, np.column_stack([taken, np.full(n, start)]), draw)
            for start in starts
            for draw in range(settings.draws)
        ]
        value = ask(trials)[..., column].astype(np.float64)
        value = value.reshape(len(starts), settings.draws, n).mean(axis=1)
        value *= 1 if toward == "higher" else -1
        value[(starts[:, None, None] == taken).any(axis=2)] = -np.inf
        taken = np.column_stack([taken, starts[value.argmax(axis=0)]])
    listed = []
    for number in range(1, taken.shape[1] + 1):
        for draw in _estimating(settings):
            where = ("searched", "together", number)
            listed.append(_condition(settings, taken[:, :number], draw, *where))
            where = ("searched", "alone", number)
            listed.append(_condition(settings, taken[:, number - 1 : number], draw, *where))
    return listed, {f"round {i + 1}": column for i, column in enumerate(taken.T.astype(float))}


def contrasts(settings, conditions):
    """Cumulative and single effects of rounds, how far they add up, and what the search gains."""
    arms, listed = means(conditions, "order", "arm", "round"), []
    start, sign = arms.get((None, "start", None), INTACT), 1 if settings.tile else -1

    def add(estimand, order, arm, number, *terms, sweep=""):
        labels = {"order": order, "arm": arm, "round": number}
        terms = [(sign * factor, weights) for factor, weights in terms]
        listed.append(Contrast(labels, combined(*terms), estimand, sweep=sweep))

    if settings.tile is None:
        background = arms[None, "background", None]
        add("total", None, "background", None, (-1, INTACT), (1, background))
    for (order, arm, number), made in arms.items():
        if arm == "alone":
            add("single_effect", order, arm, number, (1, made), (-1, start))
        if arm != "together":
            continue
        where = (order, arm, number)
        add("cumulative_effect", *where, (1, made), (-1, start), sweep=order)
        if order == "searched":
            if number > 1:
                singles = [(-1, arms[order, "alone", j + 1]) for j in range(number)]
                add("additivity_residual", *where, (1, made), (number - 1, start), *singles)
            add("search_gain", *where, (1, made), (-1, arms["random", arm, number]))
    return listed
