"""Words of k letters, positions and contents of sequences."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, false_discovery_control

from giaflow.base.alphabet import encode
from giaflow.nulls.diagnostics import Settings, kmer_table, position_table
from giaflow.nulls.diagnostics.composition import (
    composition_rows,
    cpg_ratio,
    jensen_shannon,
    split_half_divergence,
)
from giaflow.nulls.diagnostics.contents import content_rows, record_rows
from giaflow.nulls.diagnostics.positions import position_rows


def iid(rng, n, length, p=(0.3, 0.2, 0.2, 0.3)):
    return rng.choice(4, (n, length), p=p).astype(np.uint8)


def values(rows):
    return {(each["diagnostic"], each["detail"]): each["value"] for each in rows}


def test_jensen_shannon_is_in_bits(rng):
    assert jensen_shannon(np.array([3, 0]), np.array([0, 5])) == 1
    assert jensen_shannon(np.array([3, 6]), np.array([1, 2])) == pytest.approx(0, abs=1e-15)
    assert jensen_shannon(np.array([3, 6]), np.array([0, 0])) == 0
    one, other = rng.integers(0, 9, (2, 64))
    expected = jensenshannon(one, other, base=2) ** 2
    assert jensen_shannon(one, other) == pytest.approx(expected)


def test_a_gc_content_of_45_against_50_percent_is_close_to_the_threshold():
    """To second order, sum (p - q)^2 / (8 m ln 2) = 4 * 0.025^2 / (8 * 0.25 ln 2) bits."""
    one, other = np.array([55, 45, 45, 55]), np.array([50, 50, 50, 50])
    expected = 4 * 0.025**2 / (8 * 0.25 * np.log(2))
    assert jensen_shannon(one, other) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("k", [1, 3])
def test_the_noise_is_that_of_two_samples_of_one_source(k, rng):
    """Expected divergence of two samples: (4^k - 1) / (8 ln 2) (1 / n1 + 1 / n2)."""
    n, m, length = 300, 700, 53
    words = length - k + 1
    expected = (4**k - 1) / (8 * np.log(2)) * (1 / n + 1 / m) / words
    p = np.full(4, 0.25)
    found = [split_half_divergence(iid(rng, m, length, p), k, n, rng, splits=20) for _ in range(11)]
    assert np.mean(found) == pytest.approx(expected, rel=0.3)


def test_samples_of_one_source_have_no_excess_and_others_are_judged(rng):
    settings = Settings(top_kmers=2)
    data = iid(rng, 901, 61)
    same = composition_rows(iid(rng, 401, 61), data, rng, settings)
    other = composition_rows(iid(rng, 401, 61, np.full(4, 0.25)), data, rng, settings)
    judged = [row["verdict"] for row in same if row["diagnostic"] == "kmer_jsd_excess"]
    assert judged == ["ok"] * 3 + ["info"] * 3
    judged = [row["verdict"] for row in other if row["diagnostic"] == "kmer_jsd_excess"]
    assert judged == ["warn", "fail", "fail"] + ["info"] * 3
    over, under = (
        [row["detail"] for row in other if row["diagnostic"] == f"kmer_{end}represented"]
        for end in ("over", "under")
    )
    assert len(over) == len(under) == 2
    assert sum("".join(over).count(letter) for letter in "CG") >= 10
    assert sum("".join(under).count(letter) for letter in "AT") >= 10


def test_only_some_sequences_are_split_if_there_are_many(rng):
    data = iid(rng, 97, 31)
    few, all_of_them = (
        values(composition_rows(data, data, rng, Settings(max_sequences=size)))
        for size in (20, 10_000)
    )
    key = ("kmer_jsd_excess", "k=2")
    assert few[key] < all_of_them[key] < 0  # fewer halves are noisier, and scaled by their size


def test_kmer_frequencies_and_ratios_are_counts():
    null, data = encode("AAAC")[None], np.stack([encode("CCCA"), encode("CCNA")])
    table = kmer_table(null, data, 2).set_index("kmer")
    assert table.index[0] == "AA" and len(table) == 16
    assert table.loc[["AA", "AC"], "frequency_null"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert table.loc[["CC", "CA"], "frequency_data"].tolist() == pytest.approx([3 / 4, 1 / 4])
    expected = np.log2((2.5 / (3 + 8)) / (0.5 / (4 + 8)))
    assert table.loc["AA", "log2_ratio"] == pytest.approx(expected)


def test_cpg_is_observed_over_expected(rng):
    # C 4 of 12, G 4 of 12, CG 4 of 11 pairs.
    assert cpg_ratio(encode("ACGACGACGACG")[None]) == pytest.approx((4 / 11) / (1 / 9))
    assert np.isnan(cpg_ratio(encode("AATA")[None]))
    assert cpg_ratio(iid(rng, 501, 101)) == pytest.approx(1, abs=0.05)


def test_positions_are_tested_as_contingency_tables(rng):
    null, data = iid(rng, 83, 7), iid(rng, 131, 7, [0.1, 0.2, 0.3, 0.4])
    table = position_table(null, data)
    for at in range(7):
        counts = np.stack([np.bincount(x[:, at], minlength=4) for x in (null, data)])
        shares = counts / counts.sum(axis=1, keepdims=True)
        assert table["total_variation"][at] == pytest.approx(
            np.abs(np.diff(shares, axis=0)).sum() / 2
        )
        assert table["p"][at] == pytest.approx(chi2_contingency(counts).pvalue)
    assert table["q"].to_numpy() == pytest.approx(false_discovery_control(table["p"]))


def test_positions_without_letters_or_choice_are_no_difference():
    null = np.array([[4, 1, 0], [4, 1, 0]], np.uint8)
    data = np.array([[2, 1, 3], [0, 1, 3], [1, 1, 4]], np.uint8)
    table = position_table(null, data)
    assert np.isnan(table["total_variation"][0]) and table["p"][0] == 1
    assert table["total_variation"][1:].tolist() == [0, 1]
    assert table["p"][1] == 1 and table["p"][2] < 0.06


def test_only_positions_that_differ_beyond_chance_are_judged(rng):
    data = iid(rng, 401, 43)
    null = iid(rng, 211, 43)
    assert position_table(null, data)["total_variation"].max() > 0.05  # noise alone
    rows = values(position_rows(null, data, Settings()))
    assert rows[("position_total_variation", "no position differs")] == 0
    null[:, 17] = 2
    shifted = position_rows(null, data, Settings())[-1]
    assert (shifted["detail"], shifted["verdict"]) == ("position 17", "fail")
    assert shifted["value"] == pytest.approx(1 - (data[:, 17] == 2).mean())


def test_contents_are_counted(rng):
    null = np.stack([encode(text) for text in ("AGATAA", "ATATCA", "CCCCCC", "CCCCCC")])
    data = np.stack([encode(text) for text in ("CCCCCC", "GATATC", "AAAAAA")])
    rows = values(content_rows(null, data, ["GATA", "TTT"], Settings()))
    assert rows == {
        ("pattern_share_null", "GATA"): 1 / 2,
        ("pattern_share_data", "GATA"): 1 / 3,
        ("pattern_share_null", "TTT"): 0,
        ("pattern_share_data", "TTT"): 1 / 3,
        ("distinct_share", "3 of 4"): 3 / 4,
    }


def test_rna_holds_a_pattern_on_one_strand():
    null = np.stack([encode(text) for text in ("GCTGG", "CCAGC", "AAAAA")])
    data = np.stack([encode("CCAGC"), encode("AAAAA")])
    for both, shares in ((True, (2 / 3, 1 / 2)), (False, (1 / 3, 0))):
        rows = values(content_rows(null, data, ["GCUGG"], Settings(), both))
        assert rows["pattern_share_null", "GCUGG"] == shares[0]
        assert rows["pattern_share_data", "GCUGG"] == shares[1]


def test_what_the_options_did_is_told():
    record = {"purged": {"GATA": 7, "TTT": 0}, "redrawn": 5, "duplicates": 3, "band": {"kept": 11}}
    rows = record_rows(record, 100, Settings())
    assert values(rows) == {
        ("purged", "GATA"): 7,
        ("purged", "TTT"): 0,
        ("redrawn", "backgrounds"): 5,
        ("duplicates_left_out", "sequences"): 3,
        ("kept_by_band", "backgrounds"): 11,
    }
    assert {each["verdict"] for each in rows} == {"info"}
    assert record_rows({"purged": {}, "redrawn": 0}, 100, Settings()) == []
