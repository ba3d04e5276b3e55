"""Exact means of conditions that write or move letters: where each letter comes from."""

import numpy as np

from giaflow.base.checks import InputError
from giaflow.edits.embed import Embed, EmbedEach, Redraw
from giaflow.edits.replace import Graft

# They never read the letters they write over or move, so they can be run on names of letters.
BLIND = (Embed, EmbedEach, Graft, Redraw)


def origins(condition, length):
    """Where the letters of edited sequences come from, whatever the sequences.

    The condition is run on names in place of letters. Sequences of even and odd number have
    different names, so that a letter of the next sequence is told from an own one.

    Parameters
    ----------
    condition : giaflow.edits.embed.Condition
    length : int
        L.

    Returns
    -------
    numpy.ndarray
        (R, L) int64, a row for each sequence, as many as there are letters to write in turn, or
        two: 0 to 3 a letter that is written; 4 + i, position i of the sequence or of the next; 4 +
        L + i, position i of its donor.

    Raises
    ------
    InputError
        If an edit reads letters, or an edited sequence holds a letter of one place twice: then
        positions are not independent.
    """
    edits = condition.edits
    if any(not isinstance(edit, BLIND) for edit in edits):
        raise InputError(f"condition {condition.labels} reads letters: its mean is not exact")
    drawn = max((len(edit.letters) for edit in edits if isinstance(edit, EmbedEach)), default=1)
    draws = max((getattr(edit, "draws", 1) for edit in edits), default=1)
    rows, places = np.arange(max(2, drawn)), np.arange(length)
    own = 4 + places + length * (rows[:, None] % 2)
    donors = np.broadcast_to(4 + 2 * length + places, (2 * draws, length))
    made = condition.apply(own, donors)
    ordered = np.sort(made, axis=1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 4)).any():
        raise InputError(f"condition {condition.labels} copies letters: its mean is not exact")
    # Own and next come from the same distribution.
    return np.where(made >= 4 + length, made - length, made)


def means(oracle, conditions, own, donor):
    """Exact mean outputs of a laboratory model under conditions.

    Parameters
    ----------
    oracle : giaflow.validation.oracles.oracle.Oracle
        Without a link.
    conditions : iterable of giaflow.edits.embed.Condition
    own, donor : numpy.ndarray
        (L, 4) letter probabilities of the sequences that are edited and of their donors; positions
        are independent.

    Returns
    -------
    numpy.ndarray
        (C, T); nan where `origins` says that a mean is not exact.
    """
    letters = np.concatenate([np.eye(4), own, donor])
    found = []
    for condition in conditions:
        try:
            rows, counts = np.unique(origins(condition, len(own)), axis=0, return_counts=True)
        except InputError:
            found.append(np.full(len(oracle.targets), np.nan))
            continue
        found.append(counts @ oracle(letters[rows]) / counts.sum())
    return np.array(found).reshape(-1, len(oracle.targets))
