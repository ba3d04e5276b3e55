import numpy as np
import pytest
import xarray as xr

from giaflow.attribution.modisco import COLUMNS, arguments, catalogue, check_scores, seen_by_modisco
from giaflow.base.alphabet import encode, one_hot
from giaflow.base.checks import InputError


def options(length, width):
    found = arguments(length, width, 500)
    return dict(zip(found[::2], map(int, found[1::2]), strict=True))


@pytest.mark.parametrize("length", [41, 60, 101, 200, 1000])
def test_sizes_are_those_that_find_motifs_in_short_sequences(length):
    found = options(length, 7)
    assert found["-w"] % 2 == 0 and length - 1 <= found["-w"] <= length
    assert found["-z"] >= max(8, 7 + 4) and found["-f"] >= 1
    assert found["-t"] + 2 * found["-g"] <= length / 2


def test_a_pattern_wider_than_half_a_sequence_is_refused():
    with pytest.raises(InputError, match=r"motifs\.width=8 is too wide .* length 41; at most 7"):
        arguments(41, 8, 500)
    arguments(41, 7, 500)


@pytest.mark.parametrize("length", [27, 28, 31, 33, 41, 58, 60, 97, 399])
def test_the_width_that_a_refusal_advises_is_accepted(length):
    with pytest.raises(InputError) as error:
        arguments(length, 200, 500)
    if length < 28:
        assert "length 27 are too short for TF-MoDISco, which needs 28 letters" in str(error.value)
        return
    advised = int(str(error.value).rpartition("at most ")[2])
    arguments(length, advised, 500)
    if advised < 30:
        with pytest.raises(InputError):
            arguments(length, advised + 1, 500)


class TestCheckScores:
    codes = np.arange(33, dtype=np.uint8).reshape(3, 11) % 4

    def test_good_scores_pass(self, rng):
        check_scores(self.codes, rng.normal(size=(3, 11, 4)))

    def test_scores_that_make_tf_modisco_fail_or_fall_silent_are_refused(self, rng):
        scores = rng.normal(size=(3, 11, 4))
        unseen = scores * (1 - one_hot(self.codes))
        with pytest.raises(InputError, match="letters are 0: predictions do not change"):
            check_scores(self.codes, unseen)
        with pytest.raises(InputError, match="letters are 0: the gradient is 0 everywhere"):
            check_scores(self.codes, unseen, "saliency")
        with pytest.raises(InputError, match="no known letter"):
            check_scores(np.full_like(self.codes, 4), scores)
        with pytest.raises(InputError, match="have one sign"):
            check_scores(self.codes, np.abs(scores))
        scores[1, 2, 3] = np.nan
        with pytest.raises(InputError, match=r"not finite for 1 of 3 rows \(first: 1\)"):
            check_scores(self.codes, scores)


def entry(word, flank, examples, starts, reverse):
    """One pattern as read from TF-MoDISco: a word with weak flanks."""
    width = len(word) + 2 * flank
    ppm = np.full((width, 4), 0.25)
    ppm[flank : flank + len(word)] = np.eye(4)[encode(word)]
    cwm = np.where(ppm == 1, 2.0, 0.01)
    starts = np.array(starts)
    return {
        "sign": "pos", "ppm": ppm, "cwm": cwm, "example": np.array(examples),
        "start": starts, "end": starts + width, "reverse": np.array(reverse),
    }  # fmt: skip


def test_a_catalogue_has_consensus_counts_and_places():
    found = [entry("GATTACA", 2, [0, 2, 1], [4, 0, 5], [False, True, False])]
    table, matrices, seqlets = catalogue(found, "Oct4", 0.3, np.array([30, 10, 20]))
    row = table.iloc[0]
    assert list(table.columns) == list(COLUMNS)
    assert (row["pattern"], row["consensus"], row["n_seqlets"]) == ("Oct4_1", "GATTACA", 3)
    pfm, cwm = matrices["Oct4_1"]
    assert pfm.shape == cwm.shape == (7, 4) and (pfm.sum(axis=1) == 3).all()
    assert seqlets["sequence"].tolist() == [30, 20, 10]
    assert (seqlets["end"] - seqlets["start"] == 7).all()


def test_a_reversed_seqlet_lies_where_its_word_stands():
    """Asymmetric trimming: the place must hold the word on the named strand."""
    pattern = entry("GATTACA", 0, [0, 1], [3, 3], [False, True])
    weak = np.full((4, 4), 0.01)
    for key in ("ppm", "cwm"):
        pattern[key] = np.concatenate([pattern[key], weak])
    pattern["end"] = pattern["start"] + 11
    _, _, seqlets = catalogue([pattern], "t", 0.3, np.arange(2))
    forward = encode("CCCGATTACACCCCCC")
    # Reversed: the four weak positions come first on the forward strand.
    backward = encode("CCCCCCCTGTAATCCC")
    for row, codes in zip(seqlets.itertuples(), (forward, backward), strict=True):
        word = codes[row.start : row.end]
        if row.strand == "-":
            word = 3 - word[::-1]
        assert np.array_equal(word, encode("GATTACA"))


def test_no_pattern_is_an_empty_catalogue():
    table, matrices, seqlets = catalogue([], "t", 0.3, np.arange(3))
    assert table.empty and list(table.columns) == list(COLUMNS)
    assert matrices == {} and seqlets.empty and "strand" in seqlets


def test_tf_modisco_sees_only_its_sets_in_a_random_but_fixed_order():
    sets = ["a"] * 30 + ["b"] * 20
    data = xr.Dataset(coords={"set": ("sequence", sets), "row": ("sequence", np.arange(50))})
    first, again = (seen_by_modisco(data, ["b"], 0)["row"].values for _ in range(2))
    assert sorted(first) == list(range(30, 50)) and list(first) != sorted(first)
    assert np.array_equal(first, again)
