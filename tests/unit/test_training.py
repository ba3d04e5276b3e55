import numpy as np
import pytest
from models import counting

from giaflow.alphabet import reverse_complement
from giaflow.training import (
    Schedule,
    auc_table,
    correlation_table,
    epochs,
    labelled,
    measured_epochs,
)


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
    first, again = (list(epochs(positives, 0, "m", schedule)) for _ in range(2))
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
    drawn = list(measured_epochs(codes, values, 0, "m", Schedule(epochs=2)))
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
