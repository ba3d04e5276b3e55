"""Predictions of backgrounds and of constructs against those of data."""

import numpy as np
import pytest

from giaflow.checks import InputError
from giaflow.diagnostics import Settings, diagnose_constructs
from giaflow.diagnostics.predictions import prediction_rows


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


def test_constructs_beyond_all_data_are_flagged(rng):
    data = rng.normal(size=(4_001, 1))
    top = np.percentile(data, 99.9)
    constructs = {
        "1 copy": np.full((10, 1), np.percentile(data, 99.7)),
        "2 copies": np.where(np.arange(20) < 1, top + 1, 0.5)[:, None],
        "3 copies": np.where(np.arange(20) < 7, top + 1, 0.5)[:, None],
        "repressor": np.full((10, 1), -99.0),
    }
    found = diagnose_constructs(constructs, data, ["y"], Settings())
    beyond = found[found["diagnostic"] == "construct_beyond_data"].set_index("detail")
    assert beyond["value"].tolist() == pytest.approx([0, 0.05, 0.35, 1])
    assert beyond["verdict"].tolist() == ["ok", "warn", "fail", "fail"]
    assert beyond.index.tolist() == [f"{label}, y" for label in constructs]
    coverage = found[found["diagnostic"] == "construct_coverage"]
    assert coverage["value"].tolist() == pytest.approx([0, 0.95, 0.65, 0])


def test_predictions_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"backgrounds have shape \(3, 2\), but 1 targets"):
        prediction_rows(np.ones((3, 2)), np.ones((4, 1)), ["y"], Settings())
    with pytest.raises(InputError, match="construct 'AB' are not finite for 1 of 3 rows"):
        diagnose_constructs(
            {"AB": np.array([[1], [np.nan], [2]])}, np.ones((4, 1)), ["y"], Settings()
        )
