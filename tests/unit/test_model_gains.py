"""Gains counted by hand on one convolution and one dense layer."""

import numpy as np
import pytest

from giaflow.model.gains import inspect, layers
from giaflow.model.graph import Op, Plan
from giaflow.model.targets import Target, with_targets

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
    assert single["gain"] == pytest.approx(whole * 3 * L / (whole + letters))
    assert single["path"] == "differences"
    motif = table["motif of 8"]
    assert motif["predictions"] == L - 7
    assert motif["gain"] > table["pair of motifs"]["gain"] > 1
    assert table["second motif of 8"]["gain"] < motif["gain"]


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
