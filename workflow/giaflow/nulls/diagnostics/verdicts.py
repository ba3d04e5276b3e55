"""Rows of the diagnostics table and their verdicts."""

import math

COLUMNS = ["diagnostic", "detail", "value", "threshold_warn", "threshold_fail", "verdict"]
ORDER = ("info", "ok", "warn", "fail")


def row(diagnostic, detail, value, warn=math.nan, fail=math.nan):
    """One row; without thresholds it informs only."""
    value, warn, fail = float(value), float(warn), float(fail)
    return dict(
        zip(
            COLUMNS,
            (diagnostic, detail, value, warn, fail, verdict(value, warn, fail)),
            strict=True,
        )
    )


def verdict(value, warn, fail):
    """Inference a value by two thresholds.

    If `fail` is below `warn`, small values are bad: fail below `fail`, warn below `warn`.
    Otherwise large ones are: fail above `fail`, warn from `warn` on. A threshold that is NaN
    never applies; without any, or without a value, there is nothing to judge (info).
    """
    if math.isnan(value) or math.isnan(warn):
        return "info"
    if fail < warn:
        return "fail" if value < fail else "warn" if value < warn else "ok"
    return "fail" if value > fail else "warn" if value >= warn else "ok"


def worst(verdicts):
    """The gravest of some verdicts; info if there is none."""
    return max(verdicts, key=ORDER.index, default="info")
