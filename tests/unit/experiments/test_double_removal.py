"""Double removal in sequences that hold a pair, against a model whose fold is known."""

import numpy as np
import pytest
from models import of_codes

from giaflow.base.alphabet import decode, encode
from giaflow.experiments.constructs import Subjects
from giaflow.experiments.kinds import double_removal
from giaflow.experiments.run import run
from giaflow.sequences.pattern_search import central_pair
from giaflow.statistics.verdicts import Inference

LENGTH, N, MIDDLE = 101, 60, 50
A, B = "GATTACAGC", "CTTGGCATACG"
DISTANCES = (20, 41)


@pytest.fixture
def codes(rng):
    """Sequences with A at the middle and B at 20 or 41 letters on either side; the last lack B."""
    found = rng.integers(0, 4, (N, LENGTH), dtype=np.uint8)
    found[:, MIDDLE - 4 : MIDDLE + 5] = encode(A)
    for n in range(N - 3):
        distance = DISTANCES[n % 2] * (1 if n % 4 < 2 else -1)
        start = MIDDLE + distance - 5
        found[n, start : start + 11] = encode(B)
    return found


def predict(codes):
    """Counts: 2 for A at the middle, thrice that with B 20 letters away, and 0.5 for any B."""
    texts = [decode(row) for row in codes]
    a = np.array([text[MIDDLE - 4 : MIDDLE + 5] == A for text in texts], float)
    b = np.array([B in text for text in texts], float)
    near = np.array([B in (text[65:76], text[25:36]) for text in texts], float)
    return (0.1 + 2 * a * (1 + 2 * near) + 0.5 * b)[:, None].astype(np.float32)


def settings(**more):
    shown = {"sequences": ["s"], "first": A, "second": B, "draws": 2, "distances": [30, 60]}
    return double_removal.Settings(**(shown | more))


def test_folds_are_the_model_s_by_distance(codes, rng):
    chosen = settings(nearest=10, farthest=45)
    rows, reason = double_removal.choose(chosen, [], codes, ("t",), predict)
    assert reason is None and rows.tolist() == list(range(N - 3))
    codes, donors = codes[rows], rng.integers(0, 4, (211, LENGTH), dtype=np.uint8)
    measured = double_removal.measures(chosen, [], codes)
    assert sorted(set(measured["distance"])) == list(DISTANCES)
    model = of_codes(predict, LENGTH, ("t",))
    inference = Inference(np.array([0.01]), 0.95, np.random.default_rng(1), ("t",))
    subjects = Subjects(codes, np.arange(len(codes)), donors)
    table = run("double_removal", chosen, [], subjects, model, rng, inference)
    fold = table[table["estimand"] == "fold_by_distance"].set_index("distances")["estimate"]
    # (0.1 + 2 x fold) / (0.1 + 2), the background being the output without either.
    assert fold["0 to 30"] == pytest.approx(6.1 / 2.1, rel=1e-5)
    assert fold["30 to 60"] == pytest.approx(1, rel=1e-5)
    each = table[
        (table["distances"] == "each") & (table["estimand"] == "fold_by_distance")
    ].set_index("distance")["n"]
    assert each.to_dict() == {20.0: 29, 41.0: 28}
    necessity = table[table["estimand"] == "necessity"].set_index("removed")["estimate"]
    near = 29 / (N - 3)
    assert necessity["first"] == pytest.approx(2 + 4 * near, rel=1e-5)
    assert necessity["second"] == pytest.approx(0.5 + 4 * near, rel=1e-5)
    assert necessity["both"] == pytest.approx(2.5 + 4 * near, rel=1e-5)


def test_only_the_pair_itself_is_removed(codes, rng):
    """A further B, and all letters outside, stay; what is removed is gone in every draw."""
    codes[: N - 3 : 2, 3:14] = encode(B)
    chosen = settings(nearest=10, farthest=45)
    donors = rng.integers(0, 4, (211, LENGTH), dtype=np.uint8)
    starts = chosen.starts(codes)
    for one in double_removal.conditions(chosen, [], LENGTH, rng):
        edited = one.apply(codes, donors)
        moved = edited != codes
        for n in range(N - 3):
            allowed = np.zeros(LENGTH, bool)
            for which in double_removal.REMOVED[one.labels["removed"]]:
                window = slice(starts[n, which], starts[n, which] + len((A, B)[which]))
                allowed[window] = True
                assert moved[n, window].sum() * 2 >= window.stop - window.start - 3
            assert moved[n].any() and not moved[n, ~allowed].any()
    assert (edited[N - 3 :] == codes[N - 3 :]).all()


def test_the_pair_is_the_one_at_the_middle_and_its_nearest():
    codes = np.zeros((4, 61), np.uint8)
    for row, places in enumerate(((27, 40, 10), (20, 40), (27, 33), (27, 52))):
        for place in places:
            codes[row, place : place + 7] = encode("GCCTCGG")
    found = central_pair(codes, "GCCTCGG", "GCCTCGG", 0, 3, (8, 20))
    assert found.tolist() == [[27, 40], [-1, -1], [-1, -1], [-1, -1]]
    assert central_pair(codes, "GCCTCGG", "GCCTCGG", 0, 3, (8, 25))[3].tolist() == [27, 52]


def test_settings_that_contradict_are_told():
    with pytest.raises(ValueError, match="farthest 5 is below nearest 6"):
        settings(farthest=5)
    with pytest.raises(ValueError, match="distances must rise"):
        settings(distances=[70, 35])
