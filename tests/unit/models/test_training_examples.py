import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models import counting

from giaflow.base.alphabet import reverse_complement
from giaflow.base.checks import InputError
from giaflow.models.training.examples import (
    epochs,
    held_out,
    labelled,
    measured_epochs,
    scaled,
    split,
)
from giaflow.models.training.held_out import auc_table, correlation_table, mean_correlation
from giaflow.models.training.schedule import Course, Schedule
from giaflow.sequences.places import Places


def pairs(codes):
    """Counts of each of the 16 neighbouring pairs."""
    return np.bincount(codes[:-1] * 4 + codes[1:], minlength=16)


@pytest.fixture
def positives(rng):
    return [rng.integers(0, 4, (n, 31), dtype=np.uint8) for n in (5, 7)]


def test_each_target_sees_its_own_sequences_and_their_shuffles_only(positives, rng):
    codes, labels = labelled(positives, rng)
    assert codes.shape == (24, 31) and labels.shape == (24, 2)
    for target, real in enumerate(positives):
        strands = {row.tobytes() for row in np.concatenate([real, reverse_complement(real)])}
        mine = codes[labels[:, target] == 1]
        assert len(mine) == len(real) and all(row.tobytes() in strands for row in mine)
        assert (labels[:, target] == 0).sum() == len(real)
        assert (labels[labels[:, target] >= 0][:, 1 - target] == -1).all()


def test_negatives_keep_the_counts_of_pairs(positives, rng):
    codes, labels = labelled(positives, rng)
    counts = {pairs(row).tobytes() for real in positives for row in real}
    counts |= {pairs(reverse_complement(row)).tobytes() for real in positives for row in real}
    negatives = codes[(labels == 0).any(axis=1)]
    assert all(pairs(row).tobytes() in counts for row in negatives)


def test_epochs_differ_and_follow_the_seed(positives):
    schedule = Schedule(epochs=3, learning_rate=0.5)
    first, again = (list(epochs(positives, 0, "m", Course(schedule))) for _ in range(2))
    for (codes, labels, rate), (codes2, labels2, rate2) in zip(first, again, strict=True):
        assert np.array_equal(codes, codes2) and np.array_equal(labels, labels2) and rate == rate2
    assert not np.array_equal(first[0][0], first[1][0])
    assert [rate for *_, rate in first] == pytest.approx([0.5, 0.375, 0.125])


def test_auc_of_a_perfect_and_of_a_blind_model(rng):
    codes = rng.integers(0, 3, (40, 31), dtype=np.uint8)
    # GATTTACA stands in every real sequence and in next to no shuffle.
    codes[:, 5:13] = [2, 0, 3, 3, 3, 0, 1, 0]
    model = counting(31, ["GATTTACA", "TTTTTTTTTTTT"])
    held_out = {"TTTTTTTTTTTT": codes, "GATTTACA": codes}
    table = auc_table(model, held_out, 0, "m", Schedule(test_shuffles=3)).set_index("target")
    assert table.loc["GATTTACA", "auc"] > 0.97
    assert table.loc["TTTTTTTTTTTT", ["auc", "ci_low", "ci_high"]].tolist() == [0.5, 0.5, 0.5]
    assert table["sequences"].tolist() == [40, 40] and table["shuffles"].tolist() == [120, 120]
    assert (table["ci_low"] <= table["auc"]).all() and (table["auc"] <= table["ci_high"]).all()


def test_measured_sequences_keep_their_values_and_their_strand(rng):
    codes = rng.integers(0, 4, (23, 31), dtype=np.uint8)
    values = np.stack([np.arange(23.0), np.full(23, np.nan)], axis=1)
    drawn = list(measured_epochs(codes, values, 0, "m", Course(Schedule(epochs=2))))
    assert not np.array_equal(drawn[0][0], drawn[1][0])
    for seen, learned, _ in drawn:
        assert np.array_equal(seen, codes[learned[:, 0].astype(int)])
        assert np.isnan(learned[:, 1]).all() and learned.dtype == np.float32


def test_correlation_is_that_of_what_was_measured(rng):
    codes = rng.integers(0, 4, (211, 31), dtype=np.uint8)
    model = counting(31, ["GA", "TC"])
    right = model.predict(codes)
    values = right[:, ::-1] * [3.0, -2.0] + 1
    values[::2, 1] = np.nan
    table = correlation_table(model, codes, values, ["TC", "GA"])
    assert table["r"].tolist() == pytest.approx([1, -1])
    assert table["sequences"].tolist() == [211, 105]


WATCHED = {"validation": 0.1, "learning_rate": 0.5}


def followed(schedule, scores):
    """The course of a training whose epochs score like this."""
    course, kept = Course(Schedule(**WATCHED, **schedule)), []
    for _ in course:
        if course.record(scores[course.epoch - 1]):
            kept.append(course.epoch)
    return course, kept


def test_a_training_stops_when_patience_runs_out_and_keeps_its_best_epoch():
    course, kept = followed({"epochs": 9, "patience": 2}, [0.1, 0.4, 0.3, 0.5, 0.5, 0.2, 0.9, 0, 0])
    # Epochs 5 and 6 were no better than 4: an equal score is none.
    assert kept == [1, 2, 4] and course.epoch == 6 and course.best == 0.5


def test_the_rate_decays_after_epochs_without_a_better_score_and_the_count_starts_again():
    schedule = {"epochs": 7, "decay": 0.5, "decay_patience": 2}
    course, _ = followed(schedule, [0.3, 0.1, 0.1, 0.1, 0.1, 0.4, 0.1])
    assert course.rates == pytest.approx([0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125])


def test_without_scores_a_course_is_the_cosine():
    course = Course(Schedule(epochs=3, learning_rate=0.5))
    assert list(course) == pytest.approx([0.5, 0.375, 0.125]) and course.scores == []


def test_patience_without_held_out_sequences_is_refused():
    with pytest.raises(ValueError, match="patience and decay need validation"):
        Schedule(patience=3)


def test_scales_are_those_of_the_paper(rng):
    values = rng.gamma(0.5, 3, 97)
    values[7] = np.nan
    known = values[~np.isnan(values)]
    logged = np.log(known - known.min() + 1)
    found = scaled(values, "log")
    assert found[~np.isnan(values)] == pytest.approx((logged - logged.mean()) / logged.std())
    assert np.isnan(found[7]) and scaled(values, "none") is values
    clipped = scaled(values, "clip")
    top = np.nanargmax(values)
    cut = np.append(known, 40 * known.max())
    again = scaled(cut, "clip")
    assert again.mean() == pytest.approx(0) and again.std() == pytest.approx(1)
    limit = np.minimum(cut, 4 * cut.std())
    assert again[-1] == pytest.approx((limit[-1] - limit.mean()) / limit.std())
    assert np.nanargmax(clipped) == top


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 50), st.floats(-5, 5), st.floats(0.1, 9))
def test_a_scale_does_not_depend_on_a_shift_and_keeps_the_order(n, shift, factor):
    values = np.random.default_rng(n).normal(size=n) * factor
    assert scaled(values, "log") == pytest.approx(scaled(values + shift, "log"), abs=1e-6)
    assert (np.argsort(scaled(values, "log")) == np.argsort(values)).all()


def test_a_split_holds_out_its_share_and_forgets_none():
    kept, held = split(103, 0.1, 0, "m")
    assert len(held) == 10 and sorted([*kept, *held]) == list(range(103))
    assert not np.array_equal(held, split(103, 0.1, 0, "other")[1])
    assert len(split(103, 0, 0, "m")[1]) == 0


def test_the_mean_correlation_passes_over_what_was_not_measured(rng):
    values = rng.normal(size=(41, 3))
    predictions = values * [2, -1, 1]
    values[::2, 0], values[:, 2] = np.nan, np.nan
    assert mean_correlation(predictions, values) == pytest.approx(0)
    assert mean_correlation(predictions[:, :1], values[:, :1]) == pytest.approx(1)
    assert mean_correlation(np.ones((41, 1)), values[:, :1]) == -1


def test_negatives_take_the_place_of_shuffles_and_rna_keeps_its_strand(positives, rng):
    pool = rng.integers(0, 4, (23, 31), dtype=np.uint8)
    codes, labels = labelled(positives, rng, [pool, None], one_strand=True)
    # 5 of the pool for 5 sequences, and 7 shuffles for the other 7.
    assert codes.shape == (24, 31)
    known = {row.tobytes() for row in pool}
    drawn = codes[labels[:, 0] == 0]
    assert len(drawn) == 5 and all(row.tobytes() in known for row in drawn)
    real = {row.tobytes() for row in positives[1]}
    assert {row.tobytes() for row in codes[labels[:, 1] == 1]} == real


def on(*chromosomes):
    """Places of sequences on some chromosomes; an empty one has none."""
    n = len(chromosomes)
    start = [10 if chrom else -1 for chrom in chromosomes]
    columns = {"chrom": chromosomes, "start": start, "end": [19] * n, "strand": ["."] * n}
    return Places.of(columns)


def test_a_share_is_held_out_of_each_set_or_some_chromosomes():
    share = {"test_chromosomes": [], "test_share": 0.2}
    tested, learned = held_out(on(*[""] * 41), share, 0, "pool")
    assert tested.sum() == 8 and np.array_equal(tested, ~learned)
    assert not np.array_equal(tested, held_out(on(*[""] * 41), share, 0, "bound")[0])
    by_name = {"test_chromosomes": ["c2"], "test_share": 0}
    tested, learned = held_out(on("c1", "c2", "c1"), by_name, 0, "x")
    assert tested.tolist() == [False, True, False] and learned.tolist() == [True, False, True]
    with pytest.raises(InputError, match=r"test_share 0.2 leave 3 of 3 sequences of 'x'"):
        held_out(on("", "", ""), share, 0, "x")


def test_a_sequence_without_a_place_is_neither_learned_from_nor_tested():
    chosen = {"test_chromosomes": ["chr2"], "test_share": 0}
    tested, learned = held_out(on("chr1", "", "chr2", ""), chosen, 0, "x")
    assert tested.tolist() == [False, False, True, False]
    assert learned.tolist() == [True, False, False, False]
    with pytest.raises(InputError, match=r"set 'x': no sequence has coordinates in its name"):
        held_out(on("", ""), chosen, 0, "x")
    with pytest.raises(InputError, match=r"are on 2, another spelling of chr2; name both"):
        held_out(on("chr1", "2", "chr2"), chosen, 0, "x")
    both = {**chosen, "test_chromosomes": ["chr2", "2"]}
    assert held_out(on("chr1", "2", "chr2"), both, 0, "x")[0].tolist() == [False, True, True]
    with pytest.raises(InputError, match=r"no sequence is on 2; they are on chr1, chr2; did you"):
        held_out(on("chr1", "chr2"), {**chosen, "test_chromosomes": [2]}, 0, "x")


def test_auc_against_negatives_is_the_share_of_pairs_in_order(rng):
    codes = rng.integers(0, 4, (37, 31), dtype=np.uint8)
    others = rng.integers(0, 4, (53, 31), dtype=np.uint8)
    model = counting(31, ["GA"])
    table = auc_table(model, {"GA": codes}, 0, "m", Schedule(), {"GA": others})
    hits, misses = model.predict(codes), model.predict(others)[:, 0]
    expected = ((hits > misses) + 0.5 * (hits == misses)).mean()
    assert table["auc"][0] == pytest.approx(expected)
    assert table["ci_low"][0] < expected < table["ci_high"][0] and table["shuffles"][0] == 53
