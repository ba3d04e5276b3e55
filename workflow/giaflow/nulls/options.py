"""Options of any null model: purged patterns, distinct sequences, a band of predictions."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.checks import InputError, check_finite
from giaflow.base.settings import Settings
from giaflow.sequences.pattern_search import letter_sets, occurrences

# How often a background is drawn again before the null model is called unable to do without.
REDRAWS = 100

# Predictions that fix the limits of the band. Part of the law, not a setting: limits taken from
# all n would change which backgrounds are kept as n grows.
PILOT = 256


class Options(Settings):
    """What is asked of the backgrounds of any null model."""

    purge: list[str] = Field(default_factory=list)
    """Patterns (IUPAC letters) that no background may hold, on either strand."""

    purge_by: Literal["redraw", "mask"] = "redraw"
    """How: draw the background again (a finite null model leaves the sequence out), or turn the
    pattern's letters into unknown ones."""

    dedupe: bool = False
    """Whether all backgrounds of a draw must be distinct."""

    band: list[Annotated[float, Field(ge=0, le=1)]] | None = Field(None, min_length=2, max_length=2)
    """Keep only backgrounds whose prediction lies between these quantiles of the null model's
    predictions, for example [0.1, 0.9]. The estimand is then conditioned on the model, and each
    model has backgrounds of its own."""

    @model_validator(mode="after")
    def _patterns_and_band_make_sense(self):
        for pattern in self.purge:
            letter_sets(pattern)
        if self.band and self.band[0] >= self.band[1]:
            raise ValueError(f"band {self.band} is empty; its first quantile must be the smaller")
        return self


def holds(codes, patterns):
    """Which sequences hold which patterns on either strand: codes (N, L) to (N, P) bool."""
    found = [occurrences(codes, pattern).any(axis=1) for pattern in patterns]
    return np.stack(found, axis=1) if found else np.zeros((len(codes), 0), bool)


def mask(codes, patterns):
    """Codes (N, L) with the letters of every pattern, on either strand, made unknown."""
    out = codes.copy()
    for pattern in patterns:
        found = occurrences(codes, pattern)
        for offset in range(len(pattern)):
            out[:, offset : offset + found.shape[1]][found] = UNKNOWN
    return out


def repeats(codes, seen=frozenset()):
    """Which rows (N,) of codes (N, L) equal an earlier row or a member of `seen` (row bytes)."""
    met = set(seen)
    again = np.zeros(len(codes), bool)
    for i, row in enumerate(codes):
        key = row.tobytes()
        again[i] = key in met
        met.add(key)
    return again


def clean(draw, options, seen):
    """Draw a block of backgrounds that meets the options.

    Parameters
    ----------
    draw : callable
        Returns a new block of codes (B, L) for the number of the attempt, from 0 on.
    options : Options
        What is asked.
    seen : set of bytes
        The backgrounds of earlier blocks, to which this block's are added if `options.dedupe`.

    Returns
    -------
    codes : numpy.ndarray
        (B, L) uint8.
    held : numpy.ndarray
        (B, P) bool, which patterns the first draw of each background held.
    attempt : numpy.ndarray
        (B,) int64, the attempt at which each background was drawn.

    Raises
    ------
    InputError
        If backgrounds still fail after `REDRAWS` redraws.
    """
    codes = draw(0)
    held = holds(codes, options.purge)
    masked = options.purge if options.purge_by == "mask" else []
    codes = mask(codes, masked)
    attempt, turn = np.zeros(len(codes), np.int64), 0
    while (bad := _failing(codes, options, seen)).any():
        turn += 1
        if turn > REDRAWS:
            raise InputError(_hopeless(codes, bad, options))
        # All are drawn and the bad replaced: what else is bad never changes what a row becomes.
        codes[bad] = mask(draw(turn)[bad], masked)
        attempt[bad] = turn
    if options.dedupe:
        seen.update(row.tobytes() for row in codes)
    return codes, held, attempt


def _failing(codes, options, seen):
    """Which backgrounds (B,) do not meet the options."""
    bad = np.zeros(len(codes), bool)
    if options.purge_by == "redraw":
        bad |= holds(codes, options.purge).any(axis=1)
    if options.dedupe:
        bad |= repeats(codes, seen)
    return bad


def _hopeless(codes, bad, options):
    """The message for the backgrounds `bad` (B,) of codes (B, L) that redraws could not mend."""
    counts = holds(codes[bad], options.purge).sum(axis=0)
    named = [f"hold {p!r} ({c})" for p, c in zip(options.purge, counts, strict=True) if c]
    fault = " and ".join(named) or "repeat others"
    return (
        f"{bad.sum()} of {len(codes)} backgrounds still {fault} after {REDRAWS} redraws; "
        "choose a null model with more freedom, purge_by: mask or dedupe: false"
    )


def within_band(predictions, options):
    """Choose the backgrounds whose prediction lies in the band.

    The limits are quantiles of the first `PILOT` predictions, so the choice among the first
    backgrounds does not change when more are drawn.

    Parameters
    ----------
    predictions : numpy.ndarray
        (N,) predictions of one target for the backgrounds, in their order; N >= `PILOT`.
    options : Options
        Its `band` is used; None keeps every background.

    Returns
    -------
    keep : numpy.ndarray
        (N,) bool.
    record : dict
        The quantiles, their limits in model units, the number kept, and the conditioning in
        words; empty without a band.

    Raises
    ------
    InputError
        If predictions are not finite or fewer than `PILOT`.
    """
    if options.band is None:
        return np.ones(len(predictions), bool), {}
    low, high = options.band
    check_finite(predictions, "predictions of the backgrounds")
    if len(predictions) < PILOT:
        raise InputError(
            f"a prediction band needs at least {PILOT} backgrounds, got {len(predictions)}"
        )
    bottom, top = np.quantile(predictions[:PILOT], [low, high])
    keep = (predictions >= bottom) & (predictions <= top)
    return keep, {
        "quantiles": [low, high],
        "limits": [float(bottom), float(top)],
        "kept": int(keep.sum()),
        "conditioning": f"backgrounds predicted between quantiles {low} and {high} of the null",
    }
