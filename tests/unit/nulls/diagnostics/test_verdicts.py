"""Verdicts of diagnostics rows."""

import math

import pytest

from giaflow.nulls.diagnostics import COLUMNS, worst
from giaflow.nulls.diagnostics.verdicts import row, verdict


@pytest.mark.parametrize(
    ("value", "limits", "expected"),
    [
        (0.0019, (0.002, 0.01), "ok"),
        (0.002, (0.002, 0.01), "warn"),
        (0.01, (0.002, 0.01), "warn"),
        (0.0101, (0.002, 0.01), "fail"),
        (0.98, (0.98, 0.9), "ok"),
        (0.979, (0.98, 0.9), "warn"),
        (0.9, (0.98, 0.9), "warn"),
        (0.899, (0.98, 0.9), "fail"),
        (99.0, (3.0, math.nan), "warn"),
        (0.5, (math.nan, math.nan), "info"),
        (math.nan, (0.98, 0.9), "info"),
    ],
)
def test_thresholds_are_inclusive_as_specified(value, limits, expected):
    assert verdict(value, *limits) == expected
    assert list(row("a", "b", value, *limits)) == COLUMNS
    assert row("a", "b", value, *limits)["verdict"] == expected


def test_the_worst_verdict_wins():
    assert worst(["ok", "fail", "warn", "info"]) == "fail"
    assert worst(["ok", "warn", "info"]) == "warn"
    assert worst(["info", "ok"]) == "ok"
    assert worst([]) == "info"
