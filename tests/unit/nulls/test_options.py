"""Purging, distinct backgrounds and prediction bands."""

import numpy as np
import pytest

from giaflow.base.alphabet import UNKNOWN, decode, encode
from giaflow.base.checks import InputError
from giaflow.nulls import BLOCK, backgrounds, genomic, klet, mononucleotide, uniform
from giaflow.nulls.options import PILOT, Options, holds, mask, repeats, within_band
from giaflow.sequences.pattern_search import occurrences

LABEL = ("null", "set")


def draw(module, reference, n, options=None, arrays=None, **settings):
    name = module.__name__.rpartition(".")[2]
    return backgrounds(
        name, LABEL, reference, n, 0, module.Settings(**settings), options=options, arrays=arrays
    )


@pytest.fixture
def reference(rng):
    return rng.integers(0, 4, (59, 31), dtype=np.uint8)


def test_purged_backgrounds_hold_no_pattern_and_the_others_are_not_touched(reference):
    plain, _, _ = draw(uniform, reference, 307)
    purged, _, record = draw(uniform, reference, 307, Options(purge=["GATA", "CCW"]))
    held = holds(plain, ["GATA", "CCW"])
    assert not holds(purged, ["GATA", "CCW"]).any()
    assert (purged[:BLOCK][~held[:BLOCK].any(axis=1)] == plain[:BLOCK][~held[:BLOCK].any(1)]).all()
    assert record["purged"]["GATA"] == pytest.approx(held[:, 0].sum(), abs=12)
    assert record["redrawn"] == pytest.approx(held.any(axis=1).sum(), abs=12)


def test_a_reference_that_always_holds_the_pattern_is_passed_over():
    reference = np.tile(encode("GATAAAAAAA"), (5, 1))
    reference[3] = encode("CTTGATCGTC")
    codes, source, record = draw(klet, reference, 31, Options(purge=["GATA"]), k=6)
    assert (codes == reference[3]).all()
    assert (source == 3).all()
    assert record["purged"]["GATA"] == record["redrawn"]
    assert 20 < record["redrawn"] < 31


def test_redrawn_backgrounds_name_the_reference_they_come_from(reference):
    codes, source, record = draw(mononucleotide, reference, 311, Options(purge=["GATC", "CCC"]))
    assert record["redrawn"] > 50
    assert (np.sort(codes, axis=1) == np.sort(reference[source], axis=1)).all()


def test_the_count_of_purged_backgrounds_covers_both_strands(reference):
    codes = np.tile(encode("ACACACACACA"), (13, 1))
    codes[:3, 4:8] = encode("GATA")
    codes[3:8, 5:9] = encode("TATC")
    _, source, record = draw(
        genomic, codes, 5, Options(purge=["GATA"]), arrays={"candidates": codes}
    )
    assert record["purged"] == {"GATA": 8}
    assert record["pool"] == 5
    assert sorted(source.tolist()) == [8, 9, 10, 11, 12]


def test_masking_makes_the_patterns_letters_unknown_and_no_others(reference):
    options = Options(purge=["GATA", "TAC"], purge_by="mask")
    plain, _, _ = draw(uniform, reference, 203)
    masked, _, record = draw(uniform, reference, 203, options)
    hidden = masked == UNKNOWN
    assert (masked[~hidden] == plain[~hidden]).all()
    expected = np.zeros_like(hidden)
    for pattern in options.purge:
        for row, start in zip(*np.nonzero(occurrences(plain, pattern)), strict=True):
            expected[row, start : start + len(pattern)] = True
    assert (hidden == expected).all()
    assert record["purged"]["TAC"] == holds(plain, ["TAC"]).sum()
    assert record["redrawn"] == 0


def test_overlapping_patterns_are_masked_whole():
    codes = encode("CGATATAGCTTATAAC")[None]
    assert decode(mask(codes, ["GATA", "ATAT"])[0]) == "CNNNNNAGCTTATAAC"
    # The other strand of TTATAA is itself, and of GAT is ATC.
    assert decode(mask(codes, ["TTATAA", "GAT"])[0]) == "CNNNATAGCNNNNNNC"


def test_distinct_backgrounds_are_distinct_and_in_the_plain_order(rng):
    reference = np.stack([encode("ACGTA"), encode("AACGT")])
    plain, _, _ = draw(mononucleotide, reference, 55)
    codes, _, record = draw(mononucleotide, reference, 55, Options(dedupe=True))
    assert repeats(plain).any()
    assert not repeats(codes).any()
    assert record["redrawn"] > 0


def test_dedupe_looks_across_blocks(rng):
    reference = rng.integers(0, 4, (1, 6), dtype=np.uint8)
    n = 2 * BLOCK + 11
    codes, _, _ = draw(uniform, reference, n, Options(dedupe=True))
    plain, _, _ = draw(uniform, reference, n)
    assert len(np.unique(codes, axis=0)) == n
    assert repeats(plain[BLOCK:], {row.tobytes() for row in plain[:BLOCK]}).any()


def test_dedupe_leaves_out_repeats_of_a_finite_null(reference):
    given = np.concatenate([reference, reference[:7]])
    _, source, record = draw(
        genomic, reference, 59, Options(dedupe=True), arrays={"candidates": given}
    )
    assert record["duplicates"] == 7
    assert sorted(source.tolist()) == list(range(59))


def test_options_that_cannot_be_met_end_in_a_sentence():
    reference = np.tile(encode("GATAAAAAAA"), (5, 1))
    with pytest.raises(InputError, match=r"3 of 3 backgrounds still hold 'GATA' \(3\) after 100"):
        draw(klet, reference, 3, Options(purge=["GATA"]), k=6)
    with pytest.raises(InputError, match=r"repeat others after 100 redraws; .* dedupe: false"):
        draw(klet, reference, 3, Options(dedupe=True), k=6)


def test_the_band_keeps_what_lies_between_quantiles_of_the_first_backgrounds(rng):
    predictions = rng.normal(size=4_001)
    options = Options(band=[0.1, 0.9])
    keep, record = within_band(predictions, options)
    low, high = np.quantile(predictions[:PILOT], [0.1, 0.9])
    assert (keep == ((predictions >= low) & (predictions <= high))).all()
    assert record["kept"] == keep.sum()
    assert record["limits"] == [low, high]
    assert "quantiles 0.1 and 0.9" in record["conditioning"]
    few, _ = within_band(predictions[:301], options)
    assert (few == keep[:301]).all()


def test_no_band_keeps_every_background_and_records_nothing(rng):
    keep, record = within_band(rng.normal(size=17), Options())
    assert keep.all() and record == {}


def test_bands_that_make_no_sense_are_refused(rng):
    values = rng.normal(size=301)
    options = Options(band=[0.1, 0.9])
    with pytest.raises(InputError, match="needs at least 256 backgrounds, got 255"):
        within_band(values[:255], options)
    values[3] = np.inf
    with pytest.raises(InputError, match="predictions of the backgrounds are not finite for 1"):
        within_band(values, options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"band": [0.9, 0.1]}, r"band \[0\.9, 0\.1\] is empty; its first quantile must be the"),
        ({"band": [0.1, 9.0]}, "less than or equal to 1"),
        ({"band": [0.1]}, "at least 2 items"),
        ({"purge": ["GATA", "GA?A"]}, r"letter '\?' of pattern 'GA\?A' is not a nucleotide"),
        ({"purge": [""]}, "at least one letter"),
        ({"purge_by": "hiding"}, "'redraw' or 'mask'"),
    ],
)
def test_options_are_checked_before_anything_is_drawn(options, message):
    with pytest.raises(ValueError, match=message):
        Options(**options)


def test_every_option_is_documented():
    for key, field in Options.model_fields.items():
        assert field.description, f"{key} has no description"
