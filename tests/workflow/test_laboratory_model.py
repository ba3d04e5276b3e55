"""A laboratory model goes through a user's rules, without a deep learning library."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml

from giaflow import experiments, validation
from giaflow.base.checks import InputError
from giaflow.config.checks import load_study
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import read_table

ROOT = Path(__file__).resolve().parents[2]
CONFIG = {
    "study": "tiny",
    "length": 41,
    "alphabet": "ACGU",
    "sequences": {"rnas": {"simulated": 307}},
    "models": {"oracle": {"laboratory": "LabR"}},
    "nulls": {"shuffled": {"kind": "dinucleotide", "sequences": ["rnas"], "n": 13}},
    "calibration": {
        "sequences": ["rnas"],
        "n": 211,
        "replicates": 400,
        "truth": 5003,
    },
    "statistics": {"sesoi": {"R": 0.25}},
    "attribution": {
        "sequences": {"rnas": 3},
        "methods": [{"method": "ism"}],
        "second_order_ism": {"sequences": {"rnas": 2}, "start": 9, "stop": 16, "shuffles": 3},
    },
    "patterns": {"site": "UGCAUG"},
    "experiments": {
        "embed": {"kind": "global_importance", "settings": {"scrambles": 2, "discovered": False}}
    },
}


def with_model(**model):
    return {**CONFIG, "models": {"oracle": model}}


def snakemake(folder, *arguments, cores=1, config="config.yaml"):
    """Run Snakemake in a folder where TensorFlow and Keras cannot be imported."""
    for name in ("tensorflow", "keras"):
        (folder / "absent" / name).mkdir(parents=True, exist_ok=True)
        (folder / "absent" / name / "__init__.py").write_text("raise ImportError('absent')\n")
    command = [sys.executable, "-m", "snakemake", "-s", ROOT / "workflow" / "Snakefile"]
    done = subprocess.run(
        [*command, "--configfile", config, "--cores", str(cores), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "absent")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def study_folder(tmp_path):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    return tmp_path


def test_second_order_maps_are_tables_arrays_and_figures(study_folder):
    folder = "results/models/oracle/attribution"
    snakemake(study_folder, f"{folder}/second_order_ism.png")
    maps = read_arrays(study_folder / folder / "second_order_ism.nc")
    assert maps["strength"].dims == ("sequence", "position", "partner", "target")
    assert dict(maps.sizes) == {
        "sequence": 2, "shuffle": 6, "position": 7, "partner": 7, "target": 1, "letter": 41
    }  # fmt: skip
    assert maps["strength"].attrs["units"] == "activity"
    table = read_table(study_folder / folder / "second_order_ism.tsv")
    assert len(table) == 2 * 21 and table["position"].between(9, 14).all()
    for row in table.itertuples():
        one = maps.isel(sequence=list(maps["name"].values).index(row.name), target=0)
        strength = one["strength"].sel(position=row.position, partner=row.partner)
        assert row.strength == pytest.approx(strength.item(), rel=1e-5)
        assert "ACGU"[one["codes"].values[row.position]] == row.letters[0]


def test_letters_of_rna_are_written_with_u_in_every_table_and_figure(tmp_path):
    """Words, fills, reverse complements, mutants, and the letters of sequences."""
    experiments = {
        "words": {"kind": "kmer_screen", "settings": {"k": 2}},
        "mutants": {"kind": "motif_mutagenesis", "settings": {"pattern": "UGCAUG"}},
        "ends": {"kind": "regional_composition", "settings": {"pattern": "site"}},
        "beside": {"kind": "flanks", "settings": {"pattern": "NUGCN"}},
        "embed": CONFIG["experiments"]["embed"],
    }
    study = {key: value for key, value in CONFIG.items() if key != "calibration"}
    study |= {"experiments": experiments}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(study))
    snakemake(tmp_path, cores=2)
    results = tmp_path / "results"
    texts = {path: path.read_text() for path in results.rglob("*.tsv")}
    drawn = {
        path: " ".join(re.findall(r">([^<>]+)</", path.read_text()))
        for path in results.rglob("*.svg")
    }
    assert any("UG" in text for text in drawn.values())
    texts |= drawn
    assert len(texts) > 20 and sum("UG" in text for text in texts.values()) > 5
    for path, text in texts.items():
        words = re.findall(r"(?<![A-Za-z0-9_])[ACGTU]{2,}(?![A-Za-z0-9_])", text)
        assert not [word for word in words if "T" in word], path
        assert "AT repeat" not in text, path


def test_a_study_whose_files_lie_beside_its_config_ends_with_a_report(tmp_path):
    """The report is made from a copy of the config, which lies elsewhere."""
    beside = tmp_path / "beside"
    beside.mkdir()
    rng = np.random.default_rng(2)
    letters = ["".join(rng.choice(list("ACGU"), 41)) for _ in range(23)]
    (beside / "rnas.fa").write_text("".join(f">r{i}\n{text}\n" for i, text in enumerate(letters)))
    study = {key: CONFIG[key] for key in ("study", "length", "alphabet", "models", "nulls")}
    study |= {"sequences": {"rnas": {"fasta": ["rnas.fa"]}}, "statistics": CONFIG["statistics"]}
    study |= {"patterns": CONFIG["patterns"], "experiments": CONFIG["experiments"]}
    (beside / "config.yaml").write_text(yaml.safe_dump(study))
    snakemake(tmp_path, cores=2, config="beside/config.yaml")
    assert (tmp_path / "results" / "report.html").exists()


def test_tiny_study_runs_without_tensorflow(study_folder):
    planned = snakemake(study_folder, "--dry-run")
    assert "import_model" in planned
    assert "calibration_passed" in planned
    run = "results/models/oracle/experiments/shuffled/embed"
    passed = "results/tables/calibration_passed.tsv"
    snakemake(study_folder, f"{run}/importance.tsv", passed)
    plan = json.loads((study_folder / "results/models/oracle/model.json").read_text())
    assert (plan["laboratory"], plan["targets"], plan["unit"]) == ("LabR", {"R": 0}, "activity")
    table = pd.read_csv(study_folder / run / "importance.tsv", sep="\t", comment="#")
    site = table[table["role"] == "pattern"]
    # A site on 13 shuffles: 4 for the occupancy, 2 GC, less what stood there.
    assert site["estimate"].item() == pytest.approx(4.95, abs=0.8)
    assert list(site["unit"]) == ["activity"]
    marks = pd.read_csv(study_folder / "results/tables/calibration.tsv", sep="\t", comment="#")
    assert marks["passed"].all()
    assert set(marks["model"]) == {"oracle"}
    counts = pd.read_csv(study_folder / passed, sep="\t", comment="#")
    assert counts["marks"].sum() == len(marks)
    # The site, the same read backwards and on the other strand, its controls' mean, and the site
    # minus that.
    checks = counts.set_index("check")["marks"]
    assert checks.filter(like="coverage").drop("coverage, all rows").sum() == 5
    # What is declared for LabR takes minutes and was not asked for.
    assert not any("power" in check for check in checks.index)
    # These five, what is redrawn in the site's window, and the site minus that.
    assert checks["estimate in the tables, SE"] == 7
    assert "marks passed" in (study_folder / "results/tables/calibration.html").read_text()
    # How null models are compared, and how sure intervals are, is no part of it.
    statistics = {**CONFIG["statistics"], "fold": 3.0, "confidence": 0.9}
    (study_folder / "config.yaml").write_text(yaml.safe_dump({**CONFIG, "statistics": statistics}))
    planned = snakemake(study_folder, "--dry-run")
    assert "tables " in planned and "importance " in planned and "calibrate " not in planned


def test_a_study_grows_to_its_precision_and_joins_its_replicates(tmp_path):
    """Two models of one group, backgrounds as needed, a named control and other statistics."""
    study = {key: value for key, value in CONFIG.items() if key != "calibration"}
    study["models"] = {name: {"laboratory": "LabR", "group": "labs"} for name in ("one", "two")}
    markov = {"kind": "markov", "sequences": ["rnas"], "n": "auto", "most": 500}
    study["nulls"] = {"chain": markov}
    study["statistics"] = {
        "controls": {"R": "site"}, "interval": "percentile_t", "test": "sign_flip"
    }  # fmt: skip
    coarse = {"kind": "custom", "half_width": 5.0}
    coarse["settings"] = {"conditions": {"word": [{"text": "UGCAUG", "start": 3}]}}
    study["experiments"] = {**CONFIG["experiments"], "coarse": coarse}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(study))
    snakemake(tmp_path, "results/tables/replicates.tsv")

    def table(path):
        return pd.read_csv(tmp_path / "results" / path, sep="\t", comment="#")

    folder = "models/one/experiments/chain"
    fine, enough = table(f"{folder}/embed/importance.tsv"), table(f"{folder}/coarse/importance.tsv")
    assert enough["n"].tolist() == [200]
    assert not enough["flags"].fillna("").str.contains("capped").any()
    assert (fine["n"] == 500).all() and fine["flags"].str.contains("capped").any()
    control = table("models/one/nulls/chain/controls.tsv").iloc[0]
    assert (control["control"], control["chosen"], control["n"]) == ("site", "named", 500)
    assert fine["sesoi"].to_numpy() == pytest.approx(0.05 * control["estimate"], rel=1e-4)
    assert enough["control_pct"].item() == pytest.approx(
        100 * enough["estimate"].item() / control["estimate"], rel=1e-4
    )
    ranks = table(f"{folder}/embed/contrasts.tsv").set_index("estimand")
    assert ranks.loc["empirical_rank", "p"] == pytest.approx(1 / 200)
    joined = table("tables/replicates.tsv")
    assert set(joined["group"]) == {"labs"} and (joined["models"] == 2).all()
    # The same formula twice: nothing between models, something between backgrounds.
    assert (joined["sd_models"] == 0).all() and (joined["monte_carlo_se"] > 0).any()


def test_a_changed_formula_is_noticed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "workflow"))
    from jobs.models import open_checked, open_laboratory

    model = open_laboratory("LabD_exp")
    plan = {"laboratory": "LabD_exp", "sha256": model.sha256}
    (tmp_path / "model.json").write_text(json.dumps(plan))
    opened = open_checked([], [tmp_path / "model.json", tmp_path / "plan.npz"], 1)
    assert (opened.length, opened.targets, opened.unit) == (200, ("N", "S"), "exp(0.3 activity)")
    (tmp_path / "model.json").write_text(json.dumps({**plan, "sha256": "0" * 64}))
    with pytest.raises(InputError, match="'LabD_exp' changed since it was checked"):
        open_checked([], [tmp_path / "model.json", tmp_path / "plan.npz"], 1)
    hashes = {name: open_laboratory(name).sha256 for name in validation.MODELS}
    assert len(set(hashes.values())) == len(hashes)


def test_predictions_are_the_formula_in_single_precision(monkeypatch, rng):
    monkeypatch.syspath_prepend(str(ROOT / "workflow"))
    from jobs.models import open_laboratory

    oracle = validation.load("LabR")
    codes = rng.integers(0, 4, (3, 41), dtype=np.uint8)
    found = open_laboratory("LabR").predict(codes)
    assert found.dtype == np.float32
    assert found == pytest.approx(oracle(np.eye(4)[codes]), rel=1e-6)
    gradient = open_laboratory("LabR").gradient(np.eye(4)[codes], "R")
    assert gradient == pytest.approx(oracle.derivative(np.eye(4)[codes], 0), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({}, "exactly one of path, source, train and laboratory"),
        (
            {"path": "a.keras", "laboratory": "LabR"},
            "exactly one of path, source, train and laboratory",
        ),
        ({"laboratory": "LabRR"}, r"laboratory: unknown laboratory model 'LabRR'.*mean 'LabR'"),
        ({"laboratory": "LabD"}, r"'LabD' takes 200 letters, but the config's length is 41"),
        (
            {"laboratory": "LabR", "output": {"unit": "logit"}},
            "output is for a model file; a laboratory model has its own targets",
        ),
    ],
)
def test_mistakes_in_the_config_are_named(model, message):
    with pytest.raises(InputError, match=message):
        load_study(with_model(**model))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sequences": {"rnas": {"simulated": 1}}}, r"rnas\.simulated: .*greater than or equal"),
        (
            {"sequences": {"rnas": {"simulated": 5, "fasta": ["a.fa"]}}},
            "give either fasta, or source and members, or probes, or instances, or simulated",
        ),
        (
            {"calibration": {"sequences": ["rna"]}},
            "calibration.sequences.0: unknown sequence set 'rna'; known are rnas; did you mean",
        ),
        (
            {"models": {"oracle": {"laboratory": "LabR_exp"}}},
            "calibration needs a laboratory model with exact truths",
        ),
        ({"calibration": {"sequences": ["rnas"], "replicates": 3}}, "replicates: .*equal to 20"),
    ],
)
def test_mistakes_in_a_calibration_are_named(changed, message):
    with pytest.raises(InputError, match=message):
        load_study({**CONFIG, **changed})


def test_a_network_learns_what_a_laboratory_model_measured(tmp_path):
    measured = {"laboratory": "LabR", "noise": 0.1}
    config = {
        **{key: CONFIG[key] for key in ("length", "alphabet", "nulls")},
        "study": "trained",
        "sequences": {
            "probes": {"simulated": 1207, "measured": measured},
            "test": {"simulated": 311, "measured": measured},
            "rnas": {"simulated": 307},
        },
        "models": {
            "cnn": {
                "train": {
                    "measured": {"sequences": "probes", "test": "test"},
                    "network": {
                        "architecture": "exponential_cnn",
                        "settings": {"filters": 8, "width": 7, "readout": "positions"},
                    },
                    "schedule": {"epochs": 25, "batch": 50, "learning_rate": 0.01},
                }
            }
        },
        "experiments": {},
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", "-s", ROOT / "workflow" / "Snakefile"]
    command += ["--configfile", "config.yaml", "--cores", "2"]
    file = "results/models/cnn/performance.tsv"
    done = subprocess.run([*command, file], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = pd.read_csv(tmp_path / file, sep="\t", comment="#").to_dict("records")
    assert row["r"] > 0.6 and row["ci_low"] < row["r"] < row["ci_high"]
    assert row["sequences"] == 311 and np.isnan(row["auc"])
    # Learned in standard deviations, predicted in the unit of the values.
    values = pd.read_csv(tmp_path / "results/sequences/test/values.tsv", sep="\t", comment="#")
    predictions = xr.open_dataset(tmp_path / "results/models/cnn/predictions.nc")
    predicted = predictions["prediction"].values[predictions["set"].values == "test", 0]
    slope = np.polyfit(predicted, values["R"], 1)[0]
    assert slope == pytest.approx(1, abs=0.35)
    sites = pd.read_csv(tmp_path / "results/sequences/test/sites.tsv", sep="\t", comment="#")
    assert set(sites["motif"]) == {"A", "V"}


TRAIN = {"network": {"architecture": "exponential_cnn"}}
MEASURED = {"simulated": 53, "measured": {"laboratory": "LabR"}}


@pytest.mark.parametrize(
    ("sets", "train", "message"),
    [
        ({}, {}, "train: give either positives, with test_chromosomes, or measured"),
        ({}, {"positives": {"R": "rnas"}}, "positives need test_chromosomes"),
        (
            {},
            {"measured": {"sequences": "rnas", "test": "rnas"}},
            "train.measured.sequences: sequence set 'rnas' has no `measured`",
        ),
        (
            {"probes": MEASURED},
            {"measured": {"sequences": "probes", "test": "probe"}},
            "train.measured.test: unknown sequence set 'probe'.*mean 'probes'",
        ),
        (
            {"probes": {"fasta": ["a.fa"], "measured": {"laboratory": "LabR"}}},
            {"measured": {"sequences": "probes", "test": "probes"}},
            "measured is for simulated sequences",
        ),
        (
            {"probes": {"simulated": 53, "measured": {"laboratory": "LabD"}}},
            {"measured": {"sequences": "probes", "test": "probes"}},
            "'LabD' takes 200 letters and has 2 motifs to plant; the config's length is 41",
        ),
        (
            {"probes": {"simulated": 53, "measured": {"laboratory": "Inert"}}},
            {"measured": {"sequences": "probes", "test": "probes"}},
            "'Inert' takes 41 letters and has 0 motifs to plant",
        ),
        (
            {"probes": {"simulated": 53, "measured": {"laboratory": "LabRR"}}},
            {"measured": {"sequences": "probes", "test": "probes"}},
            "probes.measured.laboratory: unknown laboratory model 'LabRR'",
        ),
    ],
)
def test_mistakes_in_a_regression_are_named(sets, train, message):
    config = {key: value for key, value in CONFIG.items() if key not in ("calibration", "models")}
    config["sequences"] = {**CONFIG["sequences"], **sets}
    config["models"] = {"cnn": {"train": {**TRAIN, **train}}}
    with pytest.raises(InputError, match=message):
        load_study(config)


def test_targets_of_measured_values_are_known_before_training():
    config = {key: value for key, value in CONFIG.items() if key != "calibration"}
    config["sequences"] = {**CONFIG["sequences"], "probes": MEASURED}
    learned = {"sequences": "probes", "test": "probes"}
    config["models"] = {"cnn": {"train": {**TRAIN, "measured": learned}}}
    assert load_study(config).targets("cnn") == ("R",)
    given = {**learned, "values": {"mine": {"file": "values.tsv", "value": "x"}}}
    config["models"] = {"cnn": {"train": {**TRAIN, "measured": given}}}
    config["statistics"] = {"sesoi": {"mine": 0.1}}
    assert load_study(config).targets("cnn") == ("mine",)


@pytest.mark.parametrize("name", ["laboratory_rna", "laboratory_dna"])
def test_laboratory_studies_are_valid(name):
    raw = yaml.safe_load((ROOT / "config" / "studies" / f"{name}.yaml").read_text())
    study = load_study(raw)
    assert study.study == name
    assert study.calibration.replicates == 400
    assert study.calibration.null_experiments == 1000
    assert study.calibration.marks


@pytest.mark.parametrize(
    ("name", "targets"), [("laboratory_trained", ("R",)), ("laboratory_trained_dna", ("N", "S"))]
)
def test_trained_laboratory_studies_are_valid(name, targets):
    raw = yaml.safe_load((ROOT / "config" / "studies" / f"{name}.yaml").read_text())
    study = load_study(raw)
    assert study.study == name and study.targets("learned") == targets
    assert not study.calibration.repeat


@pytest.mark.parametrize("name", ["laboratory_designs_rna", "laboratory_designs_dna"])
def test_every_kind_of_experiment_is_held_against_the_truth(name):
    raw = yaml.safe_load((ROOT / "config" / "studies" / f"{name}.yaml").read_text())
    study = load_study(raw)
    assert study.study == name and study.calibration.truth >= 2**14
    assert {entry.kind for entry in study.experiments.values()} == set(experiments.REGISTRY.names)
    used = {s for e in study.experiments.values() for s in getattr(e.settings, "sequences", [])}
    assert used and all(study.sequences[each].simulated for each in used)


def test_targets_are_known_before_the_model_is_opened():
    study = load_study(CONFIG)
    assert study.targets("oracle") == ("R",)
    wrong = {**CONFIG, "statistics": {"sesoi": {"RR": 0.2}}}
    with pytest.raises(InputError, match=r"unknown target 'RR'; known are R; did you mean 'R'\?"):
        load_study(wrong)
