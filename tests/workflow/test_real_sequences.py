"""Experiments that edit real sequences, and one written in the config, through the rules."""

import numpy as np
import pandas as pd
import pytest
import yaml
from test_laboratory_model import CONFIG, snakemake

from giaflow.io.arrays import read_arrays

SEQUENCES = {"sequences": ["rnas"], "n": 157, "draws": 2}
EXPERIMENTS = {
    "removed": {
        "kind": "occlusion",
        "settings": {**SEQUENCES, "n": 307, "mismatches": 1, "sites": 1, "per_distance": 5},
    },
    "windows": {"kind": "tiles", "settings": {**SEQUENCES, "width": 7}},
    "contexts": {"kind": "context", "settings": {**SEQUENCES, "tiles": {"end": [33, 41]}}},
    "search": {"kind": "context_search", "settings": {**SEQUENCES, "width": 8, "rounds": 2}},
    "mine": {
        "kind": "custom",
        "settings": {
            "conditions": {
                "one": [{"text": "UGCAUG", "start": 4}],
                "two": [{"text": "UGCAUG", "start": 4}, {"text": "UGCAUG", "start": 12}],
            },
            "contrasts": {"second": {"two": 1.0, "one": -1.0}},
        },
    },
}
STUDY = {
    **{key: value for key, value in CONFIG.items() if key != "calibration"},
    "nulls": {"letters": {"kind": "profile", "sequences": ["rnas"], "n": 1009}},
    "patterns": {"site": "UGCAUG", "loop": "GCUGG"},
    "experiments": EXPERIMENTS,
}
RUN = "results/models/oracle/experiments/letters"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The study after its tables and figures were made."""
    path = tmp_path_factory.mktemp("real")
    (path / "config.yaml").write_text(yaml.safe_dump(STUDY))
    figures = [f"{RUN}/{name}/figure.png" for name in EXPERIMENTS]
    snakemake(path, "--", *figures, cores=2)
    return path


def table(folder, experiment, **labels):
    found = pd.read_csv(folder / RUN / experiment / "contrasts.tsv", sep="\t", comment="#")
    for key, value in labels.items():
        found = found[found[key] == value]
    return found


def test_every_figure_is_drawn(folder):
    for name in EXPERIMENTS:
        assert (folder / RUN / name / "figure.png").stat().st_size > 5000


def test_removed_sites_are_needed_and_read_by_distance(folder):
    rows = table(folder, "removed", pattern="site").set_index("estimand")
    assert rows.loc["necessity", "ci_low"] > 0 and rows.loc["sufficiency", "ci_low"] > 0
    assert rows.loc["mean_site_necessity", "n"] == rows.loc["necessity", "n"]
    pair = table(folder, "removed", pattern="loop and site")
    whole = pair[pair["estimand"] == "interaction"]["n"].item()
    classes = pair[(pair["estimand"] == "interaction_by_distance") & (pair["distances"] != "each")]
    assert classes["n"].sum() == whole > 0
    predicted = read_arrays(folder / RUN / "removed" / "predictions.nc")
    distance = predicted["measure loop and site"].values
    assert np.isfinite(distance).sum() >= whole
    assert np.nanmin(distance) >= 0.5


def test_windows_and_tiles_agree_with_the_oracle(folder):
    """GC of the last letters is worth something by itself, and more beside a site."""
    rows = table(folder, "windows", estimand="necessity")
    assert rows["start"].tolist() == [0, 7, 14, 21, 28]
    rows = table(folder, "contexts", tile="end").set_index("estimand")
    assert rows.loc["swap", "n"] == 78
    kept = rows.loc["sufficiency", "estimate"] + rows.loc["dependence", "estimate"]
    total = table(folder, "contexts", estimand="total")["estimate"].item()
    assert kept == pytest.approx(total, abs=1e-5)


def test_a_search_beats_random_order_and_tells_where(folder):
    gains = table(folder, "search", estimand="search_gain").set_index("round")
    assert (gains["ci_low"] > 0).all()
    predicted = read_arrays(folder / RUN / "search" / "predictions.nc")
    first, second = (predicted[f"measure round {i}"].values for i in (1, 2))
    assert set(first) <= {0, 8, 16, 24, 32} and (first != second).all()
    shares = table(folder, "search", estimand="taken_first").set_index("start")["estimate"]
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert shares[0] == pytest.approx((first == 0).mean(), abs=1e-5)


def test_custom_conditions_have_their_effects(folder):
    importance = pd.read_csv(folder / RUN / "mine/importance.tsv", sep="\t", comment="#")
    effects = importance.set_index("name")["estimate"]
    second = table(folder, "mine", name="second")["estimate"].item()
    assert second == pytest.approx(effects["two"] - effects["one"], abs=1e-4)
    # Sites 8 letters apart hinder each other: less than a second one by itself.
    assert 3 < second < effects["one"]
