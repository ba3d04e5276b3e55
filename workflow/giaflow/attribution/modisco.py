"""TF-MoDISco: sizes for short motifs, checks of its input, and its patterns as a catalogue.

modisco-lite runs as its own process (it forks and compiles); this module knows what to tell it
and how to read what it found. Shrikumar et al. 2018, arXiv:1811.00416.
"""

import numpy as np
import pandas as pd

from giaflow.base.alphabet import UNKNOWN, one_hot
from giaflow.base.checks import InputError, check_finite
from giaflow.base.seeds import generator
from giaflow.edits.patterns import consensus, information, trim

COLUMNS = (
    "pattern", "target", "sign", "consensus", "n_seqlets", "width", "start", "stop",
    "information", "mean_contribution", "reverse_share",
)  # fmt: skip

# Letters of sequence that are added on each side of a pattern.
FLANK = 3
# Widths of a motif core that a config may ask for.
WIDTHS = range(4, 31)


def arguments(length, width, seqlets):
    """Options of ``modisco motifs`` for motifs of a given width in short sequences.

    The defaults are made for 400 letters: on 41 letters they find nothing and say nothing, and on
    200 they split one motif into several. The sizes here keep a pattern within half a sequence.

    Parameters
    ----------
    length : int
        Letters per sequence.
    width : int
        Expected width of a motif core, in letters.
    seqlets : int
        Most seqlets per sign.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If a pattern of that width does not fit into half a sequence.
    """
    # TF-MoDISco sees this window from position 0 on; an odd one would not fit the scores.
    window = length - length % 2
    core, trimmed = max(8, width + 4), _trimmed(width)
    if not _fits(width, length):
        fitting = [each for each in WIDTHS if _fits(each, length)]
        raise InputError(
            f"motifs.width={width} is too wide for sequences of length {length}; "
            f"at most {fitting[-1]}"
            if fitting
            else f"sequences of length {length} are too short for TF-MoDISco, which needs "
            f"{2 * (_trimmed(WIDTHS[0]) + 2 * FLANK)} letters"
        )
    options = {"-w": window, "-z": core, "-t": trimmed, "-f": FLANK, "-g": FLANK, "-n": seqlets}
    return [text for option, value in options.items() for text in (option, str(value))]


def _trimmed(width):
    """Letters of a pattern before flanks are added."""
    return round(1.9 * width)


def _fits(width, length):
    """Whether a pattern for motifs of this width takes at most half a sequence."""
    return _trimmed(width) + 2 * FLANK <= length / 2


def check_scores(codes, scores, method="ism"):
    """Refuse attributions (N, L, 4) of codes (N, L) on which TF-MoDISco would fail or be silent.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8.
    scores : numpy.ndarray
        (N, L, 4) hypothetical scores, in model units.
    method : str
        The attribution method, for the message.

    Raises
    ------
    InputError
        If no letter is known, or the scores are not finite, all zero, or of one sign.
    """
    if (codes == UNKNOWN).all():
        raise InputError("the sequences have no known letter")
    check_finite(scores, "attributions")
    contributions = (one_hot(codes) * scores).sum(axis=-1)
    if not contributions.any():
        # A gradient may be 0 where predictions do change, such as behind a ReLU.
        why = "predictions do not change" if method == "ism" else "the gradient is 0 everywhere"
        raise InputError(f"the contributions of all observed letters are 0: {why}")
    if contributions.min() >= 0 or contributions.max() <= 0:
        raise InputError("all contributions have one sign; TF-MoDISco needs both to set thresholds")


def seen_by_modisco(attributed, sets, seed):
    """The sequences of some sets, in the random order in which TF-MoDISco gets them.

    It stops taking seqlets at its limit in the order of its input, so that order must be random.

    Parameters
    ----------
    attributed : xarray.Dataset
        Dimension ``sequence`` with a coordinate ``set``.
    sets : list of str
    seed : int
        The study's seed.
    """
    rows = np.flatnonzero(np.isin(attributed["set"].values, sets))
    return attributed.isel(sequence=generator(seed, "modisco order").permutation(rows))


def catalogue(found, target, share, rows):
    """Describe the patterns of one target.

    Parameters
    ----------
    found : list of dict
        From `giaflow.io.motifs.read_modisco`.
    target : str
    share : float
        Positions are kept from the first to the last with this share of the strongest one.
    rows : numpy.ndarray
        (N,) number of the sequence behind each sequence that TF-MoDISco saw.

    Returns
    -------
    table : pandas.DataFrame
        Columns `COLUMNS`, one row per pattern.
    matrices : dict of str to (numpy.ndarray, numpy.ndarray)
        Pattern to its PFM (counts) and CWM (mean contribution), both trimmed, (w, 4).
    seqlets : pandas.DataFrame
        Columns ``pattern``, ``sequence`` (row), ``start``, ``end`` (0-based, half-open, of the
        trimmed pattern in the sequence), ``strand``.
    """
    table, matrices, seqlets = [], {}, []
    for number, entry in enumerate(found, start=1):
        name = f"{target}_{number}"
        start, stop = trim(entry["cwm"], share)
        n = len(entry["start"])
        ppm, cwm = entry["ppm"][start:stop], entry["cwm"][start:stop]
        table.append(
            {
                "pattern": name,
                "target": target,
                "sign": entry["sign"],
                "consensus": consensus(ppm),
                "n_seqlets": n,
                "width": stop - start,
                "start": start,
                "stop": stop,
                "information": information(ppm).sum(),
                "mean_contribution": cwm.sum(),
                "reverse_share": entry["reverse"].mean(),
            }
        )
        matrices[name] = np.rint(ppm * n).astype(int), cwm
        # A reversed seqlet is trimmed from its other end.
        whole = entry["end"] - entry["start"]
        first = np.where(entry["reverse"], whole - stop, start) + entry["start"]
        seqlets.append(
            pd.DataFrame(
                {
                    "pattern": name,
                    "sequence": rows[entry["example"]],
                    "start": first,
                    "end": first + stop - start,
                    "strand": np.where(entry["reverse"], "-", "+"),
                }
            )
        )
    empty = pd.DataFrame({key: [] for key in ("pattern", "sequence", "start", "end", "strand")})
    return (
        pd.DataFrame(table, columns=list(COLUMNS)),
        matrices,
        pd.concat(seqlets, ignore_index=True) if seqlets else empty,
    )


def contributions(codes, scores, hits):
    """What the letters of each hit contribute together.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8.
    scores : numpy.ndarray
        (N, L, 4) hypothetical scores of one target, in model units.
    hits : pandas.DataFrame
        Columns ``sequence`` (row), ``start`` and ``end``.

    Returns
    -------
    numpy.ndarray
        (H,) float64.
    """
    observed = (one_hot(codes) * scores).sum(axis=-1, dtype=np.float64)
    until = np.concatenate([np.zeros((len(codes), 1)), observed.cumsum(axis=1)], axis=1)
    rows = hits["sequence"].to_numpy(int)
    start, end = (hits[key].to_numpy(int).clip(0, codes.shape[1]) for key in ("start", "end"))
    return until[rows, end] - until[rows, start]
