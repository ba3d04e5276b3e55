"""What backgrounds hold by chance, whether they are distinct, and what was done to them."""

import numpy as np

from giaflow.nulls.diagnostics.verdicts import row
from giaflow.sequences.pattern_search import occurrences


def content_rows(null, data, patterns, settings, both_strands=True):
    """Rows for codes (N, L) and (M, L).

    By pattern, the share of sequences that hold it, on either strand unless they have but one; and
    the share of distinct sequences among the backgrounds.
    """
    rows = []
    for pattern in patterns:
        for name, codes in (("null", null), ("data", data)):
            held = occurrences(codes, pattern, both_strands=both_strands)
            share = held.any(axis=1).mean()
            rows.append(row(f"pattern_share_{name}", pattern, share))
    distinct = len(np.unique(null, axis=0))
    limits = settings.distinct_warn, settings.distinct_fail
    detail = f"{distinct} of {len(null)}"
    return [*rows, row("distinct_share", detail, distinct / len(null), *limits)]


def record_rows(record, n, settings):
    """Rows of what was recorded when n backgrounds of a null model were drawn.

    How many of them equal the sequence they were made of, such as shuffles with one order only.

    By purged pattern, how many backgrounds held it at first; and how many were drawn again, left
    out as repeats (finite null models), or kept by a band of predictions, where that was asked.
    """
    rows = [row("purged", pattern, count) for pattern, count in record["purged"].items()]
    if "unchanged" in record:
        limits = settings.unchanged_warn, settings.unchanged_fail
        detail = f"{record['unchanged']} of {n}"
        rows.append(row("unchanged_share", detail, record["unchanged"] / n, *limits))
    # Nothing is wrong with such backgrounds, but they are not what the file of regions suggests.
    for key, detail in (("repeated_windows", "left out"), ("summits_ignored", "regions")):
        if record.get(key):
            rows.append(row(key, detail, record[key], 1, np.inf))
    if record["redrawn"]:
        rows.append(row("redrawn", "backgrounds", record["redrawn"]))
    if record.get("duplicates"):
        rows.append(row("duplicates_left_out", "sequences", record["duplicates"]))
    if "band" in record:
        rows.append(row("kept_by_band", "backgrounds", record["band"]["kept"]))
    return rows
