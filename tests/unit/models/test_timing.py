"""What is told of a network's speed at its import, and that only a card's choice depends on it."""

import logging

import keras
import numpy as np
import pytest

from giaflow.models.engine import timing
from giaflow.models.engine.incremental import IncrementalModel
from giaflow.models.engine.program import Program
from giaflow.models.engine.saved_work import inspect
from giaflow.models.engine.usual_sweeps import SWEEPS
from giaflow.models.plan.readouts import Target, with_targets
from giaflow.models.planned_model import chosen_plan, make_plan, measured_speed
from giaflow.models.readers.keras_export import export, heads_function
from giaflow.models.readers.keras_network import KerasModel

L = 67


@pytest.fixture(scope="module")
def network():
    inputs = keras.Input((L, 4))
    x = keras.layers.Conv1D(9, 5, activation="relu", name="motifs")(inputs)
    return keras.Model(inputs, keras.layers.Dense(2, name="out")(keras.layers.Flatten()(x)))


@pytest.fixture(scope="module")
def plan(network):
    return with_targets(export(network), [Target("t", "out", 1)])


def test_gains_follow_from_the_times(monkeypatch, caplog, network, plan, rng):
    n = int(min(timing.BATCH, timing.WORK / Program(plan).full_macs()))
    counted = {row["sweep"]: row for row in inspect(plan)}
    taken = {"whole": n * 4e-3, "traced": n * 6e-3, "xla": n * 5e-3}
    for name in timing.MEASURED:
        wanted, count = int(n * counted[name]["limit"]), counted[name]["predictions"]
        sequences, edits = max(1, wanted // count), min(wanted, count)
        each = 8e-3 if name == "occlusion of 20 letters" else 1e-3
        taken[name] = sequences * (4e-3 + edits * each)
    monkeypatch.setattr(timing, "_alternately", lambda ways: {way: [taken[way]] for way in ways})
    with caplog.at_level(logging.INFO, "giaflow"):
        rows = timing.measure(IncrementalModel(plan), plan, heads_function(network), rng)
    assert [row["sweep"] for row in rows] == list(timing.MEASURED)
    for row in rows:
        assert set(row) == set(timing.COLUMNS)
        assert (row["whole"], row["traced"], row["xla"]) == pytest.approx((4e3, 6e3, 5e3))
        each = 8e3 if "occlusion" in row["sweep"] else 1e3
        assert row["edits"] == pytest.approx(each + 4e3 / row["predictions"])
        assert row["gain"] == pytest.approx(5e3 / row["edits"])
        assert row["of_limit"] == pytest.approx(row["gain"] / row["limit"])
    (warning,) = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert warning == "edits take longer than whole sequences in Keras: occlusion of 20 letters"


def test_what_is_measured_leaves_the_plan_as_it_is(network, rng):
    model = KerasModel(network, L, batch=4)
    arrays = make_plan(model)
    before = {name: array.tobytes() for name, array in arrays.items()}
    rows = measured_speed(model, arrays, rng)
    assert {name: array.tobytes() for name, array in arrays.items()} == before
    assert len(rows) == 3
    assert all(np.isfinite([row[c] for c in timing.COLUMNS[4:]]).all() for row in rows)
    assert all(row["gain"] > 0 for row in rows)
    assert measured_speed(model, {}, rng) == []


@pytest.mark.parametrize(
    ("gains", "card", "taken"),
    [
        ((0.5, 0.75, 4.0), True, False),
        ((0.5, 1.5, 4.0), True, True),
        ((0.5, 0.75, 4.0), False, True),
        ((np.nan, np.nan, np.nan), True, True),
        ((), True, True),
    ],
)
def test_whole_sequences_run_on_a_card_that_is_faster(caplog, gains, card, taken):
    arrays = {"ops": np.zeros(3)}
    with caplog.at_level(logging.INFO, "giaflow"):
        found = chosen_plan(arrays, [{"gain": gain} for gain in gains], card)
    assert found == (arrays if taken else {})
    said = "whole sequences run on the card, 1.3 times as fast" in caplog.text
    assert said is (not taken)


def test_with_a_card_time_on_the_wall_is_measured(monkeypatch):
    ticks = {"process_time": iter(range(100)), "perf_counter": iter(range(0, 1000, 10))}
    for name, each in ticks.items():
        monkeypatch.setattr(timing.time, name, lambda each=each: next(each))
    for card, second in ((False, 1), (True, 10)):
        monkeypatch.setattr(timing, "has_card", lambda card=card: card)
        assert timing._alternately({"a": int, "b": int}) == {
            "a": [second] * timing.ROUNDS, "b": [second] * timing.ROUNDS
        }  # fmt: skip


def test_sweeps_are_the_edits_they_say():
    codes = np.random.default_rng(0).integers(0, 4, (2, L)).astype(np.uint8)
    letters, motif, second, occluded, beside = (sweep.edited(codes) for sweep in SWEEPS)
    changed = [one != codes for one in (letters, motif, occluded)]
    assert (changed[0].sum(axis=2) == 1).all() and len({one.tobytes() for one in letters}) == 3 * L
    assert len(motif) == len(second) == L - 7 and changed[1].sum(axis=2).max() <= 8
    assert (changed[2].sum(axis=2) == 20).all() and (occluded == 4).sum() == 20 * 2 * len(occluded)
    assert (beside != SWEEPS[4].shared(codes)).sum(axis=2).tolist() == [[1, 1]] * (3 * L)
    assert len(SWEEPS[0].edited(codes, 10)) == 10
    assert len(SWEEPS[3].edited(codes[:, :19])) == 0
