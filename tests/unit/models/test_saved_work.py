"""Gains counted by hand on one convolution and one dense layer."""

import numpy as np
import pytest

from giaflow.models.engine import incremental
from giaflow.models.engine.background_cache import Cache
from giaflow.models.engine.program import Program
from giaflow.models.engine.saved_work import inspect, layers
from giaflow.models.engine.usual_sweeps import SWEEPS
from giaflow.models.plan.plan import Op, Plan
from giaflow.models.plan.readouts import Target, with_targets

L, K, D, H = 61, 5, 6, 3


def weighted(name, source, kernel, left=0):
    settings = {"stride": 1, "dilation": 1, "left": left, "groups": 1}
    weights = {"kernel": np.zeros(kernel, np.float32), "bias": np.zeros(kernel[2], np.float32)}
    return Op("conv", name, (source,), (source + 1,), settings, weights)


def plan():
    flat = Op("flatten", "flat", (2,), (3,))
    relu = Op("activation", "relu", (1,), (2,), {"name": "relu", "parameters": {}})
    ops = (weighted("c", 0, (K, 4, D), 2), relu, flat, weighted("d", 3, (1, L * D, H)))
    shapes = {0: (L, 4), 1: (L, D), 2: (L, D), 3: (1, L * D), 4: (1, H)}
    return with_targets(Plan(ops, shapes, {"out": 4}), [Target("t", "out")])


def test_multiplications_are_counted():
    whole = L * K * 4 * D + L * D * H
    table = {row["sweep"]: row for row in inspect(plan())}
    inside = L - (K - 1)
    reached = inside * K + 2 * (3 + 4)
    letters = 3 * (L * K * 4 * D + reached * D * H)
    single = table["single letters"]
    assert single["predictions"] == 3 * L
    assert single["limit"] == pytest.approx(whole * 3 * L / (whole + letters))
    assert single["path"] == "differences"
    motif = table["motif at every position"]
    assert motif["predictions"] == L - 7
    reached = sum(min(s + 8 + K // 2, L) - max(s - K // 2, 0) for s in range(L - 7))
    motifs = (L - 7) * 8 * K * 4 * D + reached * D * H
    assert motif["limit"] == pytest.approx(whole * (L - 7) / (whole + motifs))
    second = table["second motif, first fixed"]
    assert second["predictions"] == L - 7 and 1 < second["limit"] < motif["limit"]
    assert table["occlusion of 20 letters"]["predictions"] == (L - 20) // 5 + 1
    beside = table["letters beside a change"]["limit"]
    assert beside == pytest.approx(whole * 3 * L / (2 * whole + letters), rel=0.02)


def test_layers_say_what_is_fused():
    rows = layers(plan())
    assert [(row["layer"], row["op"]) for row in rows[:2]] == [("c", "conv relu"), ("d", "dense")]
    assert rows[0]["macs"] == L * K * 4 * D and rows[1]["macs"] == L * D * H
    assert all(row["incremental"] for row in rows)


def test_an_opaque_layer_is_named():
    opaque = Op(
        "opaque", "memory", (2,), (3,), {"reason": "there is no op for LSTM", "macs": 10**9}
    )
    relu = Op("activation", "relu", (1,), (2,), {"name": "relu", "parameters": {}})
    shapes = {0: (L, 4), 1: (L, D), 2: (L, D), 3: (1, H)}
    ops = (weighted("c", 0, (K, 4, D), 2), relu, opaque)
    made = with_targets(Plan(ops, shapes, {"out": 3}), [Target("t", "out")])
    assert layers(made)[-1] == {
        "layer": "memory",
        "op": "opaque",
        "positions": 1,
        "channels": H,
        "incremental": False,
        "macs": 10**9,
        "reason": "there is no op for LSTM",
    }
    assert all(row["path"] == "whole" for row in inspect(made))


def test_mean_comes_before_a_last_linear_layer():
    ops = (weighted("c", 0, (K, 4, D), 2), weighted("d", 1, (1, D, H)))
    made = Plan(ops, {0: (L, 4), 1: (L, D), 2: (L, H)}, {"out": 2})
    averaged = with_targets(made, [Target("t", "out", 1, reduce="mean")])
    summed = with_targets(made, [Target("t", "out", 1, reduce="sum")])
    assert [step.kind for step in Program(averaged).steps] == ["conv", "pool", "conv"]
    assert [step.kind for step in Program(summed).steps] == ["conv", "conv", "pool"]
    assert Program(averaged).steps[-1].weights["kernel"].shape == (1, D, 1)
    assert Program(averaged).full_macs() == L * K * 4 * D + D


def test_a_background_is_remembered_over_groups_of_conditions(monkeypatch):
    made, opened = plan(), []

    class Counted(Cache):
        def __init__(self, *arguments):
            opened.append(1)
            super().__init__(*arguments)

    monkeypatch.setattr(incremental, "Cache", Counted)
    monkeypatch.setattr(incremental, "CONDITIONS", 7)
    codes = np.zeros((1, L), np.uint8)
    edited = np.repeat(codes[None], L, 0)
    edited[np.arange(L), 0, np.arange(L)] = 1
    incremental.IncrementalModel(made).predict_edits(codes, [edited])
    assert len(opened) == 1


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
