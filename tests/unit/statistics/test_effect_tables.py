"""Importance tables: closed forms of linear, additive, constant and counting models."""

import json

import numpy as np
import pandas as pd
import pytest
from models import constant, counting, linear

from giaflow import experiments
from giaflow.base.alphabet import encode, one_hot
from giaflow.edits.embed import Condition, Embed, chunks
from giaflow.edits.patterns import Pattern
from giaflow.experiments.run import run as run_experiment
from giaflow.statistics.contrasts import BACKGROUND, Contrast, effect
from giaflow.statistics.effect_tables import (
    CORE,
    Identity,
    add_control,
    effect_table,
    effects,
    spelled_table,
    split,
)
from giaflow.statistics.predictions import Predictions
from giaflow.statistics.smallest_effects import smallest_effects
from giaflow.statistics.verdicts import Inference

LENGTH = 23
# What `Predictions` hold beside the arrays themselves.
HELD = ("changed", "clusters", "conditioning", "half_width")


@pytest.fixture
def codes(rng):
    return rng.integers(0, 4, (13, LENGTH), dtype=np.uint8)


def run(model, kind, settings, codes, patterns=(), sesoi=0.05):
    """The table of an experiment on backgrounds `codes`."""
    if kind == "global_importance":
        # The controls that are made by default have tests of their own.
        settings = {"reverse": False, "redraw": False, "random": 0, **settings}
    rng = np.random.default_rng(0)
    inference = Inference(np.full(len(model.targets), sesoi), 0.95, rng, tuple(model.targets))
    return run_experiment(kind, settings, patterns, codes, model, rng, inference)


def test_a_linear_model_s_effect_is_its_weights_minus_what_stood_there(codes, rng):
    weights = rng.normal(size=(LENGTH, 4, 2))
    table = run(linear(weights), "global_importance", {"start": 5}, codes, [Pattern("p", "GAT")])
    window = weights[5:8]
    gained = window[np.arange(3), encode("GAT")].sum(axis=0)
    lost = np.einsum("nla,lat->nt", one_hot(codes[:, 5:8]), window).mean(axis=0)
    assert table["estimate"].to_numpy() == pytest.approx(gained - lost, abs=1e-5)


def test_a_constant_model_is_inert(codes):
    table = run(constant(LENGTH), "global_importance", {}, codes, [Pattern("p", "GATTACA")])
    assert (table["estimate"] == 0).all() and (table["p"] == 1).all()
    assert set(table["verdict"]) == set(table["flags"]) == {"inert"}


def test_an_additive_model_has_no_interaction(codes, rng):
    model = linear(rng.normal(size=(LENGTH, 4, 2)))
    settings = {"first": "GAT", "second": "TACA", "gaps": [0, 1, 4]}
    table = run(model, "spacing", settings, codes)
    interaction = table[table["estimand"] == "interaction"]
    assert len(interaction) == 3 * 2
    assert interaction["estimate"].to_numpy() == pytest.approx(0, abs=1e-5)


def test_a_word_that_needs_both_halves_is_all_interaction():
    codes = np.zeros((7, LENGTH), np.uint8)
    settings = {"first": "GAT", "second": "CCT", "gaps": [0, 1, 2]}
    table = run(counting(LENGTH, ["GATACCT"]), "spacing", settings, codes)
    pairs = table[table["arm"] == "pair"].set_index(["estimand", "gap"])["estimate"]
    assert pairs["global_importance"].to_dict() == {0: 0, 1: 1, 2: 0}
    assert pairs["interaction"].to_dict() == {0: 0, 1: 1, 2: 0}


def test_distances_are_three_columns():
    settings = {"first": "GAT", "second": "TACA", "gaps": [2]}
    table = run(constant(LENGTH), "spacing", settings, np.zeros((3, LENGTH), np.uint8))
    pair = table[table["arm"] == "pair"].iloc[0]
    assert (pair["gap"], pair["start_distance"], pair["centre_distance"]) == (2, 5, 5.5)


def test_controls_are_averaged_and_subtracted(codes):
    patterns = [Pattern("p", "GAT"), Pattern("p~1", "TGA", "p"), Pattern("p~2", "ATG", "p")]
    model = counting(LENGTH, ["GAT", "TGA"])
    table = run(model, "global_importance", {"start": 4}, codes, patterns)
    rows = table.set_index(["estimand", "role", "target"])["estimate"]
    base = model.predict(codes)
    change = {
        p.text: (model.predict(Embed(p.text, 4).apply(codes)) - base).mean(axis=0) for p in patterns
    }
    mean_control = (change["TGA"] + change["ATG"]) / 2
    for t, target in enumerate(model.targets):
        control = rows["global_importance", "scrambled control", target]
        assert control == pytest.approx(mean_control[t])
        specific = rows["specific_importance", "pattern", target]
        assert specific == pytest.approx(change["GAT"][t] - mean_control[t])


def test_effects_are_paired_with_their_own_background():
    predictions = np.array([[[1.0], [5.0]], [[2.0], [7.0]]])
    baseline = np.array([[0.5], [4.0]])
    found = effects(effect(1, {}), predictions, baseline)
    assert found.tolist() == [[1.5], [3.0]]
    double = Contrast({}, {1: 1, 0: -2, BACKGROUND: 1})
    assert effects(double, predictions, baseline).tolist() == [[0.5], [1.0]]


def test_weights_must_cancel():
    with pytest.raises(ValueError, match="must add up to 0"):
        Contrast({}, {0: 1.0})


def test_the_order_of_backgrounds_changes_nothing(codes, rng):
    model = linear(rng.normal(size=(LENGTH, 4, 1)))
    patterns = [Pattern("p", "GATTACA")]
    one = run(model, "global_importance", {}, codes, patterns)
    other = run(model, "global_importance", {}, codes[rng.permutation(13)], patterns)
    pd.testing.assert_frame_equal(one, other, rtol=1e-6)


def test_core_columns_come_in_order_with_the_labels_after_the_condition(codes):
    table = run(constant(LENGTH), "global_importance", {}, codes, [Pattern("p", "GAT")])
    assert [c for c in table.columns if c in CORE] == list(CORE)
    row = table.iloc[0]
    assert json.loads(row["condition"]) == {
        k: row[k] for k in ("pattern", "role", "letters", "start", "strand")
    }


def test_no_pattern_is_an_empty_table_with_the_right_columns(codes):
    table = run(constant(LENGTH), "global_importance", {}, codes, [])
    assert list(table.columns) == list(CORE) and table.empty


def test_q_is_taken_within_an_estimand(codes):
    settings = {"first": "GAT", "second": "TACA", "gaps": [0, 1, 4]}
    table = run(counting(LENGTH, ["GATTACA", "TAC"]), "spacing", settings, codes)
    from scipy.stats import false_discovery_control

    for _, rows in table[table["p"].notna()].groupby("estimand"):
        assert rows["q"].to_numpy() == pytest.approx(false_discovery_control(rows["p"]))


def test_the_smallest_effect_is_the_user_s_or_a_tenth_of_the_spread():
    data = np.array([[0.0, 1.0], [4.0, 1.0], [2.0, 7.0]])
    found = smallest_effects({"b": 0.5}, ["a", "b"], data)
    assert found == pytest.approx([0.1 * data[:, 0].std(), 0.5])


def test_a_positive_control_is_the_measure_of_what_is_small():
    data = np.array([[0.0, 1.0, 3.0], [4.0, 1.0, 5.0]])
    found = smallest_effects({"b": 0.5}, ["a", "b", "c"], data, {"b": 9.0, "c": -7.0})
    assert found == pytest.approx([0.2, 0.5, 0.35])


def test_percent_of_control_is_per_target(codes):
    patterns = [Pattern("p", "GAT"), Pattern("c", "TTTT")]
    table = run(counting(LENGTH, ["GAT", "TTT"]), "global_importance", {}, codes, patterns)
    table = add_control(table, "unit", {"GAT": -0.5})
    done = table.set_index(["target", "pattern"])
    for pattern in ("p", "c"):
        percent = done.loc[("GAT", pattern), "control_pct"]
        assert percent == pytest.approx(-200 * done.loc[("GAT", pattern), "estimate"])
        assert np.isnan(done.loc[("TTT", pattern), "control_pct"])
    assert add_control(table, "another unit", {"GAT": -0.5})["control_pct"].isna().all()


def test_rows_are_flagged_by_what_they_read(codes):
    model, experiment = counting(LENGTH, ["GAT", "TTT"]), experiments.REGISTRY.load("spacing")
    settings = experiment.Settings(first="GAT", second="TACA", gaps=[0, 3])
    conditions = experiment.conditions(settings, [], LENGTH, np.random.default_rng(0))
    predictions = model.predict_edits(codes, chunks(conditions, codes))
    beyond = np.zeros((len(conditions), 2), bool)
    pair = [i for i, c in enumerate(conditions) if c.labels["arm"] == "pair"][1]
    beyond[pair, 1] = True
    table = estimated(
        experiment.contrasts(settings, conditions),
        predictions,
        model.predict(codes),
        targets=tuple(model.targets),
        conditioning="a value",
        extrapolates=beyond,
    )
    flags = table["flags"].str.split(", ")
    assert flags.map(lambda each: "conditioned" in each).all()
    far = table[flags.map(lambda each: "extrapolates" in each)]
    assert far[["target", "arm", "gap", "estimand"]].to_numpy().tolist() == [
        ["TTT", "pair", 3, "global_importance"],
        ["TTT", "pair", 3, "interaction"],
    ]


def test_split_parts_effects_from_contrasts(codes):
    settings = {"first": "GAT", "second": "TACA", "gaps": [0]}
    importance, contrasts = split(run(constant(LENGTH), "spacing", settings, codes))
    assert set(importance["estimand"]) == {"global_importance"}
    assert {"interaction", "level", "fold"} <= set(contrasts["estimand"])


def test_a_naive_loop_gives_the_same_global_importance(codes):
    """The twin: one background and one condition at a time, as the definition reads."""
    model = counting(LENGTH, ["GAT", "AC"])
    patterns = [Pattern("p", "GATAC"), Pattern("r", "ACAC")]
    table = run(model, "global_importance", {"start": 7}, codes, patterns)
    for pattern in patterns:
        total = np.zeros(2)
        for row in codes:
            edited = row.copy()
            for k, code in enumerate(encode(pattern.text)):
                edited[7 + k] = code
            total += model.predict(edited[None])[0] - model.predict(row[None])[0]
        rows = table[table["pattern"] == pattern.name]
        assert rows["estimate"].to_numpy() == pytest.approx(total / len(codes))


def test_a_condition_knows_only_its_labels(codes):
    assert Condition({"a": 1}, ()).labels == {"a": 1}


def estimated(contrasts, predictions, baseline, targets=None, sesoi=0.1, **options):
    """The table of contrasts of predictions (C, N, T) on targets a, b, ..."""
    targets = targets or tuple("abcde"[: baseline.shape[1]])
    held = {key: options.pop(key) for key in HELD if key in options}
    changed = held.pop("changed", np.ones(predictions.shape[:2], bool))
    whole = Predictions([], predictions, baseline, changed, targets, "u", **held)
    inference = Inference(np.full(len(targets), sesoi), 0.95, np.random.default_rng(0), targets)
    return effect_table(contrasts, whole, inference, Identity(experiment="e"), **options)


def test_effects_have_their_name_in_the_language_of_interventions(rng):
    contrasts = [
        effect(0, {"k": 0}),
        Contrast({"k": 1}, {0: 1, 1: -1}, "specific_importance"),
        Contrast({"k": 2}, {0: 1, 1: -0.5, 2: -0.5}, "specific_importance"),
        Contrast({"k": 3}, {0: -1, BACKGROUND: 1}, "necessity"),
        Contrast({"k": 4}, {0: 1, 1: -1, 2: -1, BACKGROUND: 1}, "interaction"),
        Contrast({"k": 5}, {0: 1}, "level"),
        Contrast({"k": 6}, {0: 1, 1: -1}, "log", log=True),
    ]
    predictions, baseline = rng.uniform(1, 2, (3, 11, 1)), rng.uniform(1, 2, (11, 1))
    table = estimated(contrasts, predictions, baseline)
    names = ["ACE", "ACE difference", "ACE difference", "ACE", "", "", ""]
    assert table["causal"].tolist() == names
    given = estimated(contrasts, predictions, baseline, given=True)["causal"].tolist()
    assert given == ["mean ICE"] * 4 + [""] * 3
    alone = estimated(contrasts[:1], predictions[:, :1], baseline[:1], given=True)
    assert alone["causal"].item() == "ICE"


def test_clusters_are_the_unit_and_backgrounds_are_counted(rng):
    predictions, baseline = rng.normal(size=(1, 24, 2)), rng.normal(size=(24, 2))
    clusters = np.tile(np.arange(8), 3)
    contrasts = [effect(0, {"k": 0}, step=step) for step in (1, 2)]
    table = estimated(contrasts, predictions, baseline, clusters=clusters)
    assert table[["n", "clusters"]].to_numpy().tolist() == [[24, 8]] * 2 + [[12, 4]] * 2
    means = (predictions[0] - baseline).reshape(3, 8, 2).mean(axis=0)
    whole = table.iloc[:2]
    assert whole["estimate"].to_numpy() == pytest.approx(means.mean(axis=0))
    assert whole["se"].to_numpy() == pytest.approx(means.std(axis=0, ddof=1) / np.sqrt(8))
    alone = estimated(contrasts, predictions, baseline)
    assert (alone["n"] == alone["clusters"]).all()


def test_a_run_that_ends_before_its_precision_says_so(rng):
    effects = rng.normal(size=(31, 2)) * [1.0, 0.1]
    table = estimated(
        [effect(0, {"k": 0})], effects[None], np.zeros((31, 2)), half_width=np.full(2, 0.1)
    )
    assert table["flags"].tolist() == ["capped", ""]
    half = (table["ci_high"] - table["ci_low"]) / 2
    assert (half > 0.1).tolist() == [True, False] and (table["mde"] > 0).all()


def test_an_effect_of_few_backgrounds_is_flagged():
    effects = np.zeros((300, 2))
    effects[:11, 0] = effects[:100, 1] = 1
    table = estimated([effect(0, {"k": 0})], effects[None], np.zeros((300, 2)))
    assert table["flags"].tolist() == ["rare", ""]
    assert table["positive"].tolist() == pytest.approx([11 / 300, 1 / 3])


def test_effects_in_standard_deviations_of_the_data(rng):
    predictions, baseline = rng.normal(size=(1, 13, 2)), np.zeros((13, 2))
    contrasts = [effect(0, {"k": 0}), Contrast({"k": 1}, {0: 1}, "level")]
    table = estimated(contrasts, predictions, baseline, spread=np.array([0.5, 0.0]))
    assert table["in_sd"].iloc[0] == pytest.approx(2 * table["estimate"].iloc[0])
    assert table["in_sd"].iloc[1:].isna().all()


def test_what_only_a_summary_reads_has_no_row(rng):
    contrasts = [effect(0, {"k": 0}, row=False), effect(0, {"k": 1})]
    table = estimated(contrasts, rng.normal(size=(1, 13, 2)), np.zeros((13, 2)))
    assert table["k"].tolist() == [1, 1]


def test_one_sequence_is_no_mean_unless_it_is_asked_about(rng):
    predictions, baseline = rng.normal(size=(1, 7, 2)), rng.normal(size=(7, 2))
    changed = np.zeros((1, 7), bool)
    changed[0, 4] = True
    weights = {0: 1.0, BACKGROUND: -1.0}
    listed = [Contrast({"arm": "one of seven"}, weights, present=True),
              Contrast({"arm": "a single one"}, weights, first=True)]  # fmt: skip
    table = estimated(listed, predictions, baseline, changed=changed).set_index(["arm", "target"])
    assert (table["n"] == 1).all() and (table["flags"] == "too_few").all()
    assert table.loc["one of seven", "estimate"].isna().all()
    assert (table.loc["one of seven", "verdict"] == "masked").all()
    single = table.loc["a single one", "estimate"].to_numpy()
    assert single == pytest.approx(predictions[0, 0] - baseline[0])


def test_tables_of_rna_write_variants_with_u_in_every_column():
    labels = {"variant": "T1:4 A>T", "ref": "A", "alt": "T", "arm": "backgrounds", "id": "rsT"}
    table = pd.DataFrame([{**labels, "condition": json.dumps(labels)}])
    row = spelled_table(table, "ACGU").iloc[0]
    found = {**labels, "variant": "T1:4 A>U", "alt": "U"}
    assert json.loads(row["condition"]) == found
    assert row.drop("condition").to_dict() == found
    pd.testing.assert_frame_equal(spelled_table(table, "ACGT"), table)
