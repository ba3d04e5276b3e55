"""Pairs of motifs against a model whose folds, period and direction are known exactly."""

import numpy as np
import pytest
from models import of_codes

from giaflow.base.alphabet import encode, reverse_complement
from giaflow.base.checks import InputError
from giaflow.edits.patterns import Pattern
from giaflow.experiments.kinds import motif_pairs
from giaflow.experiments.run import run
from giaflow.statistics.verdicts import Inference

LENGTH, N, CENTRE = 187, 23, 93
# Neither overlaps itself, so no letters of a background complete a further copy.
A, B = "GATTACAG", "CCTGACATT"
PATTERNS = [Pattern("A", A), Pattern("B", B)]
TARGETS = ("A", "A_rc", "B", "B_rc")
READ = {"A": {"+": "A", "-": "A_rc"}, "B": {"+": "B", "-": "B_rc"}}


def gain(d):
    """What B at a distance on the right adds to A, as a part of A alone: a wave that fades."""
    return np.exp(-d / 60) * (1 + np.cos(2 * np.pi * d / 10.5)) / 2


def holds(codes, word, start):
    return (codes[:, start : start + len(word)] == word).all(axis=1)


def predict(codes):
    """A gains by B on the same strand as itself; B gains by nothing, and bleeds into A's output."""
    found = np.zeros((len(codes), len(TARGETS)))
    size = 1 + 0.2 * codes[:, 0]
    for t, target in enumerate(TARGETS):
        word, other = (A, B) if target.startswith("A") else (B, A)
        word, other = encode(word), encode(other)
        if target.endswith("_rc"):
            word, other = reverse_complement(word), reverse_complement(other)
        at = holds(codes, word, CENTRE - len(word) // 2)
        found[:, t] = 2 * size * at
        for d in range(5, 75):
            beside = holds(codes, other, CENTRE + d - len(other) // 2)
            found[:, t] += 0.3 * beside
            if target.startswith("A"):
                found[:, t] += 2 * size * at * beside * gain(d)
    return found.astype(np.float32)


@pytest.fixture(scope="module")
def table():
    settings = motif_pairs.Settings(
        nearest=5, farthest=70, orientations=["++", "--", "+-"], targets=READ, classes=[20, 50],
        averages=[[15, 40, 21]],
    )  # fmt: skip
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (N, LENGTH), dtype=np.uint8)
    inference = Inference(np.full(len(TARGETS), 0.01), 0.95, np.random.default_rng(1), TARGETS)
    model = of_codes(predict, LENGTH, TARGETS)
    return run("motif_pairs", settings, PATTERNS, codes, model, rng, inference)


def rows(table, estimand, pair, **labels):
    chosen = (table["estimand"] == estimand) & (table["pair"] == pair)
    for key, value in labels.items():
        chosen &= table[key] == value
    return table[chosen]


def apart(found):
    return found[~found["flags"].str.contains("overlap")]


def test_folds_are_the_model_s_at_every_distance(table):
    for strands, target in (("++", "A"), ("--", "A_rc")):
        found = apart(rows(table, "fold", "B -> A", strands=strands))
        assert set(found["target"]) == {target} and len(found) == 70 - 8 + 1
        assert found["estimate"].to_numpy() == pytest.approx(1 + gain(found["distance"]), abs=1e-5)
        assert (found["ci_low"] <= found["estimate"] + 1e-9).all() and set(found["unit"]) == {
            "fold"
        }
    for pair, strands in (("B -> A", "+-"), ("A -> B", "++"), ("A -> B", "--")):
        found = apart(rows(table, "fold", pair, strands=strands))
        assert len(found) and found["estimate"].to_numpy() == pytest.approx(1, abs=1e-5)


def test_interactions_are_read_in_the_centre_alone(table):
    found = apart(rows(table, "interaction", "B -> A", strands="++"))
    gains = gain(found["distance"].to_numpy())
    size = found["estimate"].to_numpy() @ gains / (gains @ gains)
    assert found["estimate"].to_numpy() == pytest.approx(size * gains, abs=1e-5)
    assert set(table.loc[table["pair"] == "A -> B", "target"]) == {"B", "B_rc"}


def test_overlaps_are_flagged(table):
    found = rows(table, "fold", "B -> A", strands="++")
    shares = found["flags"].str.contains("overlap")
    # A ends 4 letters after its middle and B starts 4 before its own.
    assert sorted(found.loc[shares, "distance"]) == [5, 6, 7]


def test_the_period_and_the_direction_are_the_model_s(table):
    [period] = rows(table, "period", "B -> A", strands="++")["estimate"]
    assert period == pytest.approx(10.5, abs=0.2)
    assert rows(table, "wave", "B -> A", strands="--")["verdict"].tolist() == ["effect"]
    assert rows(table, "wave", "A -> B", strands="++")["verdict"].tolist() != ["effect"]
    [index] = table.loc[table["estimand"] == "direction_index", "estimate"]
    assert index == pytest.approx(1, abs=1e-4)
    assert table.loc[table["estimand"] == "direction_index", "target"].tolist() == ["A"]


def test_classes_of_distance_average_distances_and_strands(table):
    found = rows(table, "fold_by_distance", "B -> A", distances="20 to 50")
    # Two of three orientations gain; distances of 21 to 50 letters are the class.
    expected = 1 + 2 / 3 * gain(np.arange(21, 51)).mean()
    assert found["estimate"].tolist() == [pytest.approx(expected, abs=1e-4)]
    assert found["target"].tolist() == ["A"]


def test_a_pattern_that_does_not_fit_or_is_unknown_is_told(rng):
    settings = motif_pairs.Settings(nearest=5, farthest=95, period=None)
    with pytest.raises(InputError, match="sequences have length 187"):
        motif_pairs.conditions(settings, PATTERNS, LENGTH, rng)
    settings = motif_pairs.Settings(centres=["C"], farthest=70)
    with pytest.raises(InputError, match="unknown pattern that takes part 'C'"):
        motif_pairs.conditions(settings, PATTERNS, LENGTH, rng)
    with pytest.raises(ValueError, match="period: null seeks none"):
        motif_pairs.Settings(nearest=11, farthest=60)


def test_folds_are_averaged_over_single_distances_of_each_pair_of_strands(table):
    for strands in ("++", "--", "+-"):
        (mean,) = rows(table, "mean_fold", "B -> A", strands=strands).itertuples()
        folds = rows(table, "fold", "B -> A", strands=strands).set_index("distance")["estimate"]
        assert mean.estimate == pytest.approx(folds[[15, 21, 40]].mean(), rel=1e-5)
        # Effects are proportional to the level, so that the interval has no width.
        assert (mean.ci_low, mean.ci_high) == pytest.approx((mean.estimate,) * 2, rel=1e-3)
        assert (mean.distances, mean.unit) == ("15, 21, 40", "fold")


@pytest.mark.parametrize("listed", [[11, 161], [20, 20]])
def test_averages_over_distances_that_are_not_there_are_refused(listed):
    with pytest.raises(ValueError, match="averages list different distances from 11 to 160, got"):
        motif_pairs.Settings(averages=[listed])
