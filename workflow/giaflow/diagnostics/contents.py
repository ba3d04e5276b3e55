"""What backgrounds hold by chance, and whether they are distinct."""

import numpy as np

from giaflow.diagnostics.verdicts import row
from giaflow.scan import occurrences


def content_rows(null, data, patterns):
    """Rows for codes (N, L) and (M, L).

    By pattern, the share of sequences that hold it on either strand; and the share of distinct
    sequences among the backgrounds.
    """
    rows = []
    for pattern in patterns:
        for name, codes in (("null", null), ("data", data)):
            share = occurrences(codes, pattern).any(axis=1).mean()
            rows.append(row(f"pattern_share_{name}", pattern, share))
    distinct = len(np.unique(null, axis=0))
    return [*rows, row("distinct_share", f"{distinct} of {len(null)}", distinct / len(null))]
