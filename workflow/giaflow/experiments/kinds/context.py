"""How much of what a stretch of real sequences does depends on its context?

The tests of CREME (Toneyan & Koo 2024, Nat Genet 56:2517) on tiles, stretches at the same place of
every sequence, with sequences as the unit and backgrounds of the null model for what is redrawn:

``necessity``     intact minus the tile redrawn
``dependence``    intact minus the tile kept and everything else redrawn
``sufficiency``   the tile in backgrounds minus the same backgrounds
``total``         intact minus backgrounds, of which necessity and sufficiency are also given as
                  shares
``swap``          the tile in the next sequence minus a redrawn tile there
``specificity``   necessity minus swap: what the tile does in its own context alone

CREME divides by the intact prediction, which means nothing on a scale without a natural zero, such
as logits: shares here are of the total. ``kept_over_intact``, its ratio of the tile kept to
intact, is given as a ratio of means, and masked where the intact mean may be zero. CREME compares
a swap with the intact receiver, from which it took a tile: over a set of sequences gains and losses
cancel then. Under a null model of real sequences (`genomic`, `quantile`) ``sufficiency`` is a swap
into those. Every second sequence gives its tile to the next, so that none counts twice in ``swap``
and ``specificity``. Sequences that share backgrounds, where there are fewer than `n` x `draws`,
are one unit.
"""

from pydantic import Field

from giaflow.base.settings import Settings as Base
from giaflow.base.settings import Window
from giaflow.edits.embed import Condition
from giaflow.edits.replace import Graft, check_window, keep_windows, replace_windows
from giaflow.statistics.contrasts import INTACT, LEVEL, Contrast, Figure, combined, means

FIGURE = Figure(
    "forest", x="tile", x_label="necessity", hue="test", estimand="necessity", below="sufficiency"
)


class Settings(Base):
    """The sequences and their tiles."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets whose tiles are tested."""
    n: int = Field(500, ge=2)
    """At most this many sequences, drawn at random."""
    tiles: dict[str, Window] = Field(min_length=1)
    """Name of a tile to its first position and the one after its last."""
    draws: int = Field(5, ge=1)
    """Backgrounds per sequence; the mean over them counts."""


def conditions(settings, patterns, length, rng):
    """Backgrounds, and for each tile all that can be redrawn around, instead of or beside it."""
    draws, listed = settings.draws, []

    def add(arm, tile, edit, draw=None):
        labels = {"arm": arm, "tile": tile, "draw": draw}
        listed.append(Condition(labels, (edit,)))

    for draw in range(draws):
        add("background", None, keep_windows([[]], draw, draws), draw)
    for name, window in settings.tiles.items():
        check_window(name, window, length)
        part = [[[*window, window[0]]]]
        add("in the next", name, Graft(part, "own", "next"))
        for draw in range(draws):
            add("redrawn", name, replace_windows([[window]], draw, draws), draw)
            add("kept", name, keep_windows([[window]], draw, draws), draw)
            add("redrawn in the next", name, Graft(part, "null", "next", draw, draws), draw)
    return listed


def contrasts(settings, conditions):
    """The tests of each tile, the total, and the levels that a ratio needs."""
    arms, listed = means(conditions, "arm", "tile"), []
    empty = arms["background", None]

    def add(tile, test, *terms, estimand=None, step=1):
        labels = {"tile": tile, "test": test}
        listed.append(Contrast(labels, combined(*terms), estimand or test, step=step))

    add(None, "total", (1, INTACT), (-1, empty))
    add(None, "intact", (1, INTACT), estimand=LEVEL)
    for tile in settings.tiles:
        redrawn, kept = arms["redrawn", tile], arms["kept", tile]
        there = [(1, arms["in the next", tile]), (-1, arms["redrawn in the next", tile])]
        add(tile, "necessity", (1, INTACT), (-1, redrawn))
        add(tile, "sufficiency", (1, kept), (-1, empty))
        add(tile, "dependence", (1, INTACT), (-1, kept))
        add(tile, "swap", *there, step=2)
        back = [(-factor, weights) for factor, weights in there]
        add(tile, "specificity", (1, INTACT), (-1, redrawn), *back, step=2)
        add(tile, "kept", (1, kept), estimand=LEVEL)
    return listed
