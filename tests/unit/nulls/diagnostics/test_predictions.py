"""Predictions of backgrounds and of constructs against those of data."""

import numpy as np
import pytest

from giaflow.base.checks import InputError
from giaflow.nulls.diagnostics import CONSTRUCT_COLUMNS, Settings, construct_rows, construct_table
from giaflow.nulls.diagnostics.predictions import prediction_rows


def table(rows):
    return {(each["diagnostic"], each["detail"]): each for each in rows}


def test_a_shift_by_one_standard_deviation_is_measured_as_such():
    data = np.linspace(-3, 3, 2_001)[:, None]
    rows = table(prediction_rows(data[::2] + data.std(), data, ["y"], Settings()))
    assert rows["prediction_wasserstein_sd", "y"]["value"] == pytest.approx(1)
    assert rows["prediction_ks", "y"]["value"] == pytest.approx(data.std() / 6, abs=2e-3)
    assert rows["prediction_ks_p", "y"]["value"] < 1e-9
    # Uniform on -3..3: a shift by s leaves 1 - s / 6 - 0.005 within the central 99 %.
    coverage = rows["prediction_coverage", "y"]
    assert coverage["value"] == pytest.approx(1 - data.std() / 6 - 0.005, abs=2e-3)
    assert coverage["verdict"] == "fail"


def test_each_target_has_its_rows(rng):
    null, data = rng.normal(size=(503, 2)), rng.normal(size=(1_201, 2))
    null[:, 1] *= 1.15
    rows = table(prediction_rows(null, data, ["still", "wide"], Settings()))
    assert len(rows) == 8
    assert rows["prediction_coverage", "still"]["verdict"] == "ok"
    assert rows["prediction_coverage", "wide"]["verdict"] == "warn"


def test_predictions_that_never_vary_have_no_scale():
    rows = table(prediction_rows(np.ones((5, 1)), np.ones((7, 1)), ["y"], Settings()))
    assert np.isnan(rows["prediction_wasserstein_sd", "y"]["value"])
    assert rows["prediction_coverage", "y"]["value"] == 1


@pytest.fixture
def constructs(rng):
    """Four conditions on 20 backgrounds and 2 targets, which move the first target only."""
    data = rng.normal(size=(4_001, 2))
    top = np.percentile(data[:, 0], 99.9)
    predictions = np.zeros((4, 20, 2))
    predictions[0, :, 0] = np.percentile(data[:, 0], 99.7)
    predictions[1, :, 0] = np.where(np.arange(20) < 1, top + 1, 0.5)
    predictions[2, :, 0] = np.where(np.arange(20) < 7, top + 1, 0.5)
    predictions[3, :, 0] = -99
    baseline = np.zeros((20, 2))
    baseline[:1] = -99
    return construct_table(predictions, baseline, data, ["y", "still"], Settings()), data


def test_constructs_beyond_all_data_are_flagged(constructs):
    table, _ = constructs
    assert list(table.columns) == CONSTRUCT_COLUMNS
    assert table["target"].tolist() == ["y"] * 4 + ["still"] * 4
    moved, still = (table[table["target"] == name] for name in ("y", "still"))
    assert moved["beyond_data"].tolist() == pytest.approx([0, 0.05, 0.35, 1])
    assert moved["coverage"].tolist() == pytest.approx([0, 0.95, 0.65, 0])
    # A twentieth of the unedited backgrounds is there already.
    assert moved["excess"].tolist() == pytest.approx([-0.05, 0, 0.3, 0.95])
    assert moved["extrapolates"].tolist() == [False, False, True, True]
    assert (
        still["excess"].tolist() == pytest.approx([-0.05] * 4) and not still["extrapolates"].any()
    )


def test_distances_of_constructs_are_those_of_backgrounds(rng):
    """The Wasserstein distance to the fineness of its quantiles."""
    predictions, data = rng.normal(0.5, 2, (3, 97, 1)), rng.normal(size=(9_001, 1))
    # Values that are equal, among themselves and to the data's.
    predictions[1, 20:70], data[500:900] = 0.25, 0.25
    table = construct_table(predictions, np.zeros((97, 1)), data, ["y"], Settings())
    for found, each in zip(table.to_dict("records"), predictions, strict=True):
        exact = {
            row["diagnostic"]: row["value"] for row in prediction_rows(each, data, "y", Settings())
        }
        assert found["ks"] == pytest.approx(exact["prediction_ks"], abs=1e-12)
        assert found["wasserstein_sd"] == pytest.approx(
            exact["prediction_wasserstein_sd"], rel=5e-3
        )
        assert found["coverage"] == exact["prediction_coverage"]


def test_the_furthest_construct_has_its_rows_and_is_judged(constructs):
    table, _ = constructs
    named = table.assign(condition=[f"{c + 1} copies" for c in table["condition"]])
    rows = construct_rows(named, "many", Settings())
    assert len(rows) == 10
    found = {(each["diagnostic"], each["detail"].partition(":")[0]): each for each in rows}
    share = found["constructs_extrapolating", "many, y"]
    assert share["detail"] == "many, y: 2 of 4 conditions"
    assert (share["value"], share["verdict"]) == (0.5, "info")
    beyond = found["construct_beyond_data", "many, y"]
    assert beyond["detail"] == "many, y: 4 copies"
    assert beyond["value"] == pytest.approx(0.95)
    # A flag, not a failure: strong designs are meant to go far.
    assert (beyond["threshold_warn"], beyond["verdict"]) == (pytest.approx(0.02), "warn")
    assert found["construct_beyond_data", "many, still"]["verdict"] == "ok"
    assert found["construct_coverage", "many, y"]["value"] == 0
    assert found["construct_wasserstein_sd", "many, y"]["value"] == pytest.approx(99, rel=0.05)
    assert found["construct_ks", "many, y"]["value"] == pytest.approx(1)


def test_no_construct_has_no_row_and_data_that_never_vary_no_scale():
    data = np.ones((7, 1))
    none = construct_table(np.ones((0, 5, 1)), np.ones((5, 1)), data, ["y"], Settings())
    assert none.empty and construct_rows(none, "e", Settings()) == []
    one = construct_table(np.ones((1, 5, 1)), np.ones((5, 1)), data, ["y"], Settings())
    assert np.isnan(one["wasserstein_sd"].item())
    assert {row["verdict"] for row in construct_rows(one, "e", Settings())} == {"info", "ok"}


def test_predictions_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"backgrounds have shape \(3, 2\), but 1 targets"):
        prediction_rows(np.ones((3, 2)), np.ones((4, 1)), ["y"], Settings())
    broken = np.array([[[1.0], [np.nan], [2]]])
    with pytest.raises(InputError, match="constructs are not finite for 1 of 3 rows"):
        construct_table(broken, np.ones((3, 1)), np.ones((4, 1)), ["y"], Settings())
