"""Distribution shift: how far backgrounds, and constructs made of them, are from real data.

Every diagnostic is a row of a tidy table with the columns `COLUMNS`. A row with thresholds has
the verdict ok, warn or fail; a row without has the verdict info. Thresholds are conventions, so
they are settings, and each row reports a size of the difference, not only a p-value: with enough
backgrounds any difference is significant.

The data to compare with are those of the class the null model stands for, usually negatives: a
null model is meant to lack motifs, so active sequences always look shifted.
"""

import pandas as pd

from giaflow.base.checks import InputError, check_codes
from giaflow.nulls.diagnostics.composition import composition_rows, kmer_table
from giaflow.nulls.diagnostics.contents import content_rows, record_rows
from giaflow.nulls.diagnostics.positions import position_rows, position_table
from giaflow.nulls.diagnostics.predictions import (
    CONSTRUCT_COLUMNS,
    beyond_data,
    construct_rows,
    construct_table,
    prediction_rows,
)
from giaflow.nulls.diagnostics.settings import Settings
from giaflow.nulls.diagnostics.twosample import classifier_rows, embedding_rows
from giaflow.nulls.diagnostics.verdicts import COLUMNS, worst

__all__ = [
    "COLUMNS",
    "CONSTRUCT_COLUMNS",
    "Settings",
    "construct_rows",
    "construct_table",
    "diagnose",
    "extrapolating",
    "kmer_table",
    "position_table",
    "record_rows",
    "worst",
]


def diagnose(
    null,
    data,
    rng,
    settings,
    *,
    patterns=(),
    both_strands=True,
    predictions=None,
    embeddings=None,
    targets=(),
):
    """Compare backgrounds with data.

    Parameters
    ----------
    null, data : numpy.ndarray
        (N, L) and (M, L) uint8 codes, at least two each. If their lengths differ, the diagnostics
        by position are left out.
    rng : numpy.random.Generator
        Chooses splits, subsets and permutations.
    settings : Settings
        Thresholds and sizes.
    patterns : sequence of str
        IUPAC patterns whose chance occurrences are counted.
    both_strands : bool
        Whether the reverse complement of a pattern counts too; not in RNA.
    predictions : tuple of numpy.ndarray
        (N, T) predictions for the backgrounds and (M, T) for the data, in model units.
    embeddings : tuple of numpy.ndarray
        (N, D) and (M, D) activations of the model's penultimate layer.
    targets : sequence of str
        Names of the T targets; needed with predictions.

    Returns
    -------
    pandas.DataFrame
        One row per diagnostic and detail, with the columns `COLUMNS`.

    Raises
    ------
    InputError
        If there are fewer than two sequences, or predictions or embeddings do not match them or
        are not finite.
    """
    check_codes(null)
    check_codes(data)
    if min(len(null), len(data)) < 2:
        raise InputError(
            f"diagnostics compare at least 2 backgrounds with at least 2 sequences, "
            f"got {len(null)} and {len(data)}"
        )
    # One stream each, so that leaving out a diagnostic never changes another.
    splits, on_words, on_embeddings, mmd = rng.spawn(4)
    rows = composition_rows(null, data, splits, settings)
    if null.shape[1] == data.shape[1]:
        rows += position_rows(null, data, settings)
    rows += content_rows(null, data, patterns, settings, both_strands)
    rows += classifier_rows(null, data, on_words, settings)
    if predictions is not None:
        _check_sizes(predictions, (len(null), len(data)), "predictions")
        rows += prediction_rows(*predictions, targets, settings)
    if embeddings is not None:
        _check_sizes(embeddings, (len(null), len(data)), "embeddings")
        rows += embedding_rows(*embeddings, mmd, on_embeddings, settings)
    return pd.DataFrame(rows, columns=COLUMNS)


def extrapolating(predictions, baseline, data_predictions, targets, settings):
    """Which edits bring backgrounds to where the model is asked about what it never saw.

    The share of constructs beyond the data is compared with that of the unedited backgrounds,
    which for active data lie below many of them: that is the null model's own row.

    The arguments are those of `construct_table`.

    Returns
    -------
    numpy.ndarray
        (C, T) bool, as the column `extrapolates` of `construct_table`.
    """
    beyond, before = beyond_data(predictions, baseline, data_predictions, targets)
    return beyond - before >= 1 - settings.coverage_warn


def _check_sizes(pair, sizes, what):
    if tuple(len(each) for each in pair) != sizes:
        raise InputError(
            f"{what} for {' and '.join(str(len(each)) for each in pair)} sequences do not match "
            f"{sizes[0]} backgrounds and {sizes[1]} data sequences"
        )
