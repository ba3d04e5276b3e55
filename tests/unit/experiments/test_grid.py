"""The grid of an experiment: whatever its tiles and shards, the same predictions."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from giaflow.edits.patterns import Pattern
from giaflow.experiments import REGISTRY, constructs
from giaflow.experiments import grid as tiles
from giaflow.experiments.constructs import Constructs, Subjects

LENGTH = 47


class Counting:
    """A model that counts letters, and remembers how many sequences it was asked for."""

    length, targets, unit, sha256 = LENGTH, ("a", "pairs"), "letters", "formula"

    def __init__(self):
        self.asked = []

    def predict(self, codes):
        self.asked.append(codes.shape)
        same = (codes[:, 1:] == codes[:, :-1]).sum(axis=1)
        return np.stack([(codes == 0).sum(axis=1), same], axis=1).astype(np.float32)

    def predict_edits(self, codes, edited):
        parts = [np.zeros((0, len(codes), 2), np.float32)]
        for chunk in edited:
            self.asked.append(chunk.shape)
            parts.append(np.stack([Counting().predict(one) for one in chunk]))
        return np.concatenate(parts)


def made(n=53, kind="global_importance", size=None, monkeypatch=None, **settings):
    """Constructs of an experiment, nothing predicted yet."""
    if size is not None:
        monkeypatch.setattr(constructs, "tiles", lambda *place: tiles.tiles(*place, size=size))
    experiment = REGISTRY.load(kind)
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (n, LENGTH), dtype=np.uint8)
    subjects = Subjects(codes, np.arange(n))
    patterns = [Pattern("one", "GATTACA"), Pattern("two", "CCGG")]
    model, chosen = Counting(), experiment.Settings(**settings)
    return Constructs(experiment, chosen, patterns, subjects, model, np.random.default_rng(1))


def dataset(one):
    """As the script writes it."""
    return xr.Dataset(
        {
            "prediction": (("condition", "background", "target"), one.prediction),
            "baseline": (("background", "target"), one.baseline),
            "changed": (("condition", "background"), one.changed),
            "energy": (("condition", "folded"), one.energy),
        }
    )


@given(
    st.integers(0, 40), st.integers(0, 20), st.integers(0, 90),
    st.integers(1, 17), st.integers(1, 23), st.integers(1, 9),
)  # fmt: skip
def test_tiles_cover_the_grid_once_and_shares_are_even(conditions, start, more, high, wide, parts):
    stop = start + more
    grid = tiles.tiles(conditions, start, stop, (high, wide))
    covered = np.zeros((conditions, stop), int)
    for some, rows in grid:
        assert some.stop - some.start <= high and rows.stop - rows.start <= wide
        covered[some, rows] += 1
    assert (covered[:, start:] == 1).all() and not covered[:, :start].any()
    backgrounds = np.zeros(stop, int)
    for rows in {(rows.start, rows.stop) for _, rows in grid}:
        backgrounds[slice(*rows)] += 1
    assert (backgrounds[start:] == 1).all()
    shares = [tiles.share(grid, part, parts) for part in range(parts)]
    assert [tile for some in shares for tile in some] == grid
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("kmer_screen", {"k": 2}),
        ("hairpin", {"pattern": "GATTA", "energy": 11, "wobble": 0.4}),
        ("global_importance", {}),
    ],
)
@pytest.mark.parametrize("number", [1, 3, 7, 40])
def test_shards_give_what_one_job_gives(monkeypatch, kind, settings, number):
    size = (5, 8)
    whole = made(kind=kind, size=size, monkeypatch=monkeypatch, **settings)
    whole.fill(whole.tiles())
    parts = []
    for part in range(number):
        one = made(kind=kind, **settings)
        one.fill(tiles.share(one.tiles(), part, number))
        parts.append(dataset(one))
    found = tiles.gathered(iter(parts), number, size)
    xr.testing.assert_identical(found, dataset(whole))
    assert whole.changed.any() and whole.prediction.any()


def test_a_model_is_asked_tile_by_tile(monkeypatch):
    """What a tile predicts cannot depend on how many there are: it is a request of its own."""
    one = made(kind="kmer_screen", k=2, size=(5, 8), monkeypatch=monkeypatch)
    one.fill([one.tiles()[-1]])
    conditions, rows = one.tiles()[-1]
    assert one.model.asked == [(conditions.stop - conditions.start, 5, LENGTH), (5, LENGTH)]
    assert rows == slice(48, 53)
    assert not one.prediction[:, :48].any() and not one.changed[: conditions.start].any()


def test_predictions_are_those_of_the_edited_backgrounds(monkeypatch):
    one = made(size=(2, 10), monkeypatch=monkeypatch)
    one.fill(one.tiles())
    codes = one.subjects.codes
    for c, condition in enumerate(one.conditions):
        edited = condition.apply(codes)
        assert np.array_equal(one.prediction[c], Counting().predict(edited))
        assert np.array_equal(one.changed[c], (edited != codes).any(axis=1))
    assert np.array_equal(one.baseline, Counting().predict(codes))


def test_growth_stops_with_whole_looks_and_drops_the_rest():
    one = made(n=1003, kind="hairpin", pattern="GATTA", energy=3)
    one.grow(np.array([1.5, 1.5]), 0.95)
    assert len(one) == 200
    whole = made(n=1003, kind="hairpin", pattern="GATTA", energy=3)
    whole.fill(whole.tiles())
    assert np.array_equal(one.prediction, whole.prediction[:, :200])
    assert np.array_equal(one.changed, whole.changed[:, :200])
    assert np.array_equal(one.baseline, whole.baseline[:200])
    assert np.array_equal(one.locus, whole.locus[:200])
    assert np.array_equal(one.energy, whole.energy)


def test_without_conditions_backgrounds_are_predicted_all_the_same():
    one = made()
    one.conditions, one.prediction = [], one.prediction[:0]
    one.fill(one.tiles())
    assert np.array_equal(one.baseline, Counting().predict(one.subjects.codes))
