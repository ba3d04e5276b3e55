"""Real regions of a genome, matched to the reference in GC content and unknown letters.

Windows are counted in bins of GC content and of unknown letters, and each bin gives as many as
the reference has there. The caller cuts the genome into windows; nothing here opens a file.
"""

import numpy as np
from pydantic import Field

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base

PRESERVES = "the distribution of GC content, in bins, and of unknown letters; real sequences"
PER_ROW = True
UNKNOWN_LETTERS = "stay; windows are matched in their share, up to max_unknown"
CAUTION = "real sequences may hold the embedded pattern already; list it under purge"

# Windows read at a time while counting their letters.
_CHUNK = 4096


class Settings(Base):
    """How closely windows match the reference."""

    bin: float = Field(0.02, gt=0, le=1)
    """Width of a bin of GC content, and of the share of unknown letters (fraction)."""

    max_unknown: float = Field(0.1, ge=0, lt=1)
    """Largest share of unknown letters that a window or reference sequence may have; reference
    sequences with more are not matched."""

    ratio: int = Field(1, ge=1)
    """Windows per reference sequence."""

    max_shift: float = Field(0.04, ge=0, le=1)
    """How far in GC content a window may be taken from when its own bin is used up (fraction)."""


def needs(settings):
    """Arrays besides the reference: `windows`, array-like (W, L) of uint8 codes.

    It must know its length and answer slices and arrays of rows, and may read letters only then;
    `Windows` is such an array over a genome, at the starts given by `tile_starts`.
    """
    return ("windows",)


class Windows:
    """Windows of equal length over a genome, cut out only when asked for.

    Parameters
    ----------
    genome : numpy.ndarray
        (G,) uint8 codes, all chromosomes one after another; may be a memory map.
    starts : numpy.ndarray
        (W,) int64 positions in `genome`.
    length : int
        Letters per window.
    """

    def __init__(self, genome, starts, length):
        self._windows = np.lib.stride_tricks.sliding_window_view(genome, length)
        self._starts = np.asarray(starts, np.int64)

    def __len__(self):
        return len(self._starts)

    def __getitem__(self, rows):
        """Codes (n, L) uint8 of a slice or an array of rows."""
        return self._windows[self._starts[rows]]


def tile_starts(size, length, blocked=()):
    """Starts of the windows that tile a chromosome without touching blocked intervals.

    Parameters
    ----------
    size : int
        Length of the chromosome (letters).
    length : int
        Length of a window (letters).
    blocked : array-like
        (B, 2) starts and ends, 0-based and half-open, in any order.

    Returns
    -------
    numpy.ndarray
        (W,) int64 multiples of `length`.
    """
    starts = np.arange(0, size - length + 1, length)
    intervals = np.asarray(blocked, np.int64).reshape(-1, 2)
    begun = np.searchsorted(np.sort(intervals[:, 0]), starts + length, side="left")
    ended = np.searchsorted(np.sort(intervals[:, 1]), starts, side="right")
    return starts[begun == ended]


def content(codes):
    """GC content among known letters and share of unknown letters, each (N,), of codes (N, L).

    A sequence without known letters has GC content 0.
    """
    known = (codes != UNKNOWN).sum(axis=1)
    gc = ((codes == 1) | (codes == 2)).sum(axis=1)
    return gc / np.maximum(known, 1), 1 - known / codes.shape[1]


def pool(reference, rng, settings, *, windows):
    """Choose windows matched to the reference.

    Parameters
    ----------
    reference : numpy.ndarray
        (M, L) uint8 codes.
    rng : numpy.random.Generator
        Chooses among the windows of a bin.
    settings : Settings
        How closely they match.
    windows : array-like
        (W, L) uint8 codes, see `needs`.

    Returns
    -------
    codes : numpy.ndarray
        (M', L) uint8; M' is `ratio` times the number of matched reference sequences.
    rows : numpy.ndarray
        (M',) int64, their rows in `windows`.

    Raises
    ------
    InputError
        If windows have another length, or too few resemble the reference.
    """
    parts = [content(windows[at : at + _CHUNK]) for at in range(0, len(windows), _CHUNK)]
    if not parts or windows[:1].shape[1] != reference.shape[1]:
        found = f"length {windows[:1].shape[1]}" if parts else "no rows"
        raise InputError(f"windows have {found}, but the reference has length {reference.shape[1]}")
    offered = np.concatenate(parts, axis=1)
    rows = match(np.stack(content(reference)), offered, settings, rng)
    return windows[rows], rows


def match(wanted, offered, settings, rng):
    """Rows of the windows that match a reference, bin by bin.

    Parameters
    ----------
    wanted, offered : numpy.ndarray
        (2, M) and (2, W): GC content and share of unknown letters (fractions).
    settings : Settings
        How closely they match.
    rng : numpy.random.Generator
        Chooses among the windows of a bin.

    Returns
    -------
    numpy.ndarray
        (M',) int64, in ascending order.

    Raises
    ------
    InputError
        If a bin cannot be filled, even from the bins nearby.
    """
    usable = rng.permutation(np.flatnonzero(offered[1] <= settings.max_unknown))
    stock = _by_bin(offered[:, usable], usable, settings)
    asked = np.flatnonzero(wanted[1] <= settings.max_unknown)
    demand = _by_bin(wanted[:, asked], asked, settings)
    taken, short = [], {}
    for key, rows in demand.items():
        missing = _take(stock, key, len(rows) * settings.ratio, taken)
        if missing:
            short[key] = missing
    # Neighbours are asked only after every bin has served itself.
    reach = int(settings.max_shift / settings.bin + 1e-9)
    for (gc, unknown), missing in short.items():
        lent = missing
        for shift in sorted(range(-reach, reach + 1), key=abs):
            lent = _take(stock, (gc + shift, unknown), lent, taken)
        if lent:
            low, high = gc * settings.bin, (gc + 1) * settings.bin
            raise InputError(
                f"{lent} windows with GC content {low:.2f}..{high:.2f} are missing to match the "
                f"reference; give a larger genome, lower ratio={settings.ratio} or raise "
                f"max_shift={settings.max_shift:g}"
            )
    return np.sort(np.concatenate(taken)) if taken else np.empty(0, np.int64)


def _by_bin(shares, rows, settings):
    """Rows (N,) grouped by the bins of their shares (2, N), keeping their order, by bin."""
    gc, unknown = np.floor(shares / settings.bin + 1e-9).astype(int)
    span = int(unknown.max(initial=0)) + 1
    kinds, kind = np.unique(gc * span + unknown, return_inverse=True)
    order = np.argsort(kind, kind="stable")
    groups = np.split(rows[order], np.searchsorted(kind[order], np.arange(1, len(kinds))))
    return dict(zip([divmod(key, span) for key in kinds.tolist()], groups, strict=False))


def _take(stock, key, count, taken):
    """Move up to `count` rows of a bin from `stock` to `taken`; returns how many are missing."""
    own = stock.get(key, np.empty(0, np.int64))
    taken.append(own[:count])
    stock[key] = own[count:]
    return max(0, count - len(own))
