"""The whole table of diagnostics."""

import numpy as np
import pandas as pd
import pytest

from giaflow.base.checks import InputError
from giaflow.nulls import REGISTRY, backgrounds
from giaflow.nulls.diagnostics import (
    COLUMNS,
    Settings,
    construct_table,
    diagnose,
    extrapolating,
    record_rows,
    worst,
)

FAST = Settings(auc_permutations=0, mmd_permutations=199, two_sample_sequences=300)


@pytest.fixture(scope="module")
def data():
    """AT-rich sequences without CG, which only a null that keeps neighbours can imitate."""
    rng = np.random.default_rng(3)
    codes = rng.choice(4, (701, 97), p=[0.35, 0.15, 0.15, 0.35]).astype(np.uint8)
    follows_c = np.zeros_like(codes, bool)
    follows_c[:, 1:] = codes[:, :-1] == 1
    codes[follows_c & (codes == 2)] = 0
    return codes


def null(name, data, n=503):
    return backgrounds(name, (name, "data"), data, n, 0, REGISTRY.load(name).Settings())[0]


def arguments(codes, data):
    """Predictions that count A, and an embedding of letter counts with noise."""
    rng = np.random.default_rng(4)
    pair = [np.stack([(x == a).sum(axis=1) for a in range(4)], axis=1) for x in (codes, data)]
    return {
        "predictions": tuple(x[:, :1] / 7 for x in pair),
        "embeddings": tuple(x + rng.normal(size=x.shape) for x in pair),
        "targets": ["count"],
        "patterns": ["TTTATA"],
    }


def run(codes, data, **others):
    return diagnose(codes, data, np.random.default_rng(0), FAST, **others)


def test_a_null_that_keeps_what_matters_passes_everything(data):
    codes = null("dinucleotide", data)
    found = run(codes, data, **arguments(codes, data))
    assert list(found.columns) == COLUMNS
    assert not found.duplicated(["diagnostic", "detail"]).any()
    assert worst(found["verdict"]) == "ok"
    assert np.isfinite(found["value"]).all()


def test_a_null_without_the_composition_fails_everywhere(data):
    codes = null("uniform", data)
    found = run(codes, data, **arguments(codes, data)).groupby("diagnostic")["verdict"].agg(worst)
    failing = ["kmer_jsd_excess", "classifier_auc", "prediction_coverage"]
    assert (found[failing] == "fail").all()
    assert found["embedding_mmd"] == "warn"


def test_letter_shuffles_are_seen_to_make_cg(data):
    found = run(null("mononucleotide", data), data).set_index(["diagnostic", "detail"])["value"]
    assert found["cpg_observed_expected", "data"] == 0
    assert found["cpg_observed_expected", "null"] == pytest.approx(1, abs=0.1)
    assert found["kmer_jsd_excess", "k=1"] < 1e-3 < found["kmer_jsd_excess", "k=2"]


def test_leaving_out_one_diagnostic_changes_no_other(data):
    codes = null("profile", data, 97)
    given = arguments(codes, data[:89])
    whole = run(codes, data[:89], **given)
    del given["embeddings"], given["patterns"]
    part = run(codes, data[:89], **given)
    merged = part.merge(whole, how="left", indicator=True)
    assert (merged["_merge"] == "both").all()
    assert len(part) < len(whole)


def test_each_diagnostic_has_its_own_stream(data):
    codes = null("profile", data, 83)
    given = arguments(codes, data[:79])
    once, again = (
        diagnose(codes, data[:79], np.random.default_rng(0), settings, **given)
        for settings in (FAST, FAST.model_copy(update={"splits": 3}))
    )
    same = once["value"] == again["value"]
    assert set(once[~same]["diagnostic"]) <= {"kmer_jsd_excess", "embedding_mmd"}
    assert set(once[same]["diagnostic"]) >= {"classifier_auc", "embedding_mmd_p"}


def test_lengths_that_differ_leave_out_the_positions(data):
    found = run(null("profile", data, 31)[:, :61], data[:53])
    assert not found["diagnostic"].str.startswith("position").any()
    assert found["diagnostic"].eq("kmer_jsd_excess").sum() == 6


def test_the_same_generator_gives_the_same_table(data):
    codes = null("profile", data, 41)
    pd.testing.assert_frame_equal(run(codes, data[:67]), run(codes, data[:67]))


def test_constructs_beyond_the_data_are_flagged_by_condition_and_target():
    rng = np.random.default_rng(5)
    real = rng.normal(size=(997, 2))
    built = rng.normal(size=(3, 211, 2))
    built[1, :, 0] += 9
    built[2, ::3, 1] -= 9
    plain = rng.normal(size=(211, 2))
    found = extrapolating(built, plain, real, ["x", "y"], FAST)
    assert found.tolist() == [[False, False], [True, False], [False, True]]
    # Backgrounds that are there already are not brought there by an edit.
    apart = extrapolating(built, plain - [0, 9], real, ["x", "y"], FAST)
    assert apart.tolist() == [[False, False], [True, False], [False, False]]
    assert extrapolating(built[:0], plain, real, ["x", "y"], FAST).shape == (0, 2)
    flagged = construct_table(built, plain, real, ["x", "y"], FAST)["extrapolates"]
    assert (found == flagged.to_numpy().reshape(2, 3).T).all()


def test_what_cannot_be_compared_is_refused(data):
    with pytest.raises(InputError, match=r"at least 2 backgrounds .* got 1 and 701"):
        run(data[:1], data)
    wrong = {"predictions": (np.ones((3, 1)), np.ones((5, 1))), "targets": ["y"]}
    with pytest.raises(InputError, match="predictions for 3 and 5 sequences do not match 7 back"):
        run(data[:7], data[:5], **wrong)


def test_every_threshold_is_documented():
    for key, field in Settings.model_fields.items():
        assert field.description, f"{key} has no description"


def test_shuffles_that_equal_their_source_and_repeats_are_judged(data):
    record = {"purged": {}, "redrawn": 0, "unchanged": 13}
    [row] = record_rows(record, 101, FAST)
    assert (row["diagnostic"], row["detail"]) == ("unchanged_share", "13 of 101")
    assert row["value"] == pytest.approx(13 / 101) and row["verdict"] == "fail"
    [row] = record_rows({**record, "unchanged": 0}, 101, FAST)
    assert row["verdict"] == "ok"
    counted = {"purged": {}, "redrawn": 0, "repeated_windows": 3, "summits_ignored": 0}
    [row] = record_rows(counted, 101, FAST)
    assert (row["diagnostic"], row["value"], row["verdict"]) == ("repeated_windows", 3, "warn")
    repeated = np.repeat(null("profile", data, 29), 3, axis=0)
    found = run(repeated, data).set_index("diagnostic").loc["distinct_share"]
    assert found["detail"] == "29 of 87" and found["verdict"] == "fail"
