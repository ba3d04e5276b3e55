"""Records of any file -> codes of one length."""

import numpy as np

from giaflow.base.alphabet import UNKNOWN, encode
from giaflow.base.checks import InputError, nearest
from giaflow.io.text_tables import read_columns

PADDING = bytes([UNKNOWN])
COLUMNS = ("name", "chrom", "start", "end", "strand", "before")


def collect(records, length, ambiguous, pad=False):
    """Turn records into codes of one length.

    Parameters
    ----------
    records : iterable of (str, str, tuple)
        Where a record stands, for messages; its letters; and its values of `COLUMNS` but the last.
    length : int
        Letters per sequence; every record must have it, or with `pad` no more.
    ambiguous : {"drop", "keep", "error"}
        What happens to a record with a letter outside ACGTU.
    pad : bool
        Centre shorter records between unknown letters, the odd one behind.

    Returns
    -------
    codes : numpy.ndarray
        (N, L) uint8.
    masked : numpy.ndarray
        (N, L) bool, True where the letter was lower case.
    columns : dict of str to list
        `COLUMNS` of each sequence.
    dropped : int
        Records left out because of ambiguous letters.
    """
    # Letters go into one buffer each: an array for each of many records would double the memory.
    codes, masked, dropped = bytearray(), bytearray(), 0
    columns = {key: [] for key in COLUMNS}
    where = "the file"
    for where, letters, values in records:
        short = length - len(letters)
        if short < 0 or (short and not pad):
            more = "; set pad to fill it up with unknown letters" if short > 0 else ""
            raise InputError(
                f"{where} has {len(letters)} letters, but the config's length is {length}{more}"
            )
        try:
            row = encode(letters)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        if (row == UNKNOWN).any() and ambiguous != "keep":
            if ambiguous == "error":
                at = int(np.argmax(row == UNKNOWN))
                raise InputError(
                    f"{where} has the ambiguous letter {letters[at]!r} at position {at}; "
                    "set ambiguous to drop or keep"
                )
            dropped += 1
            continue
        before, behind = short // 2, short - short // 2
        codes += PADDING * before + row.tobytes() + PADDING * behind
        lower = np.frombuffer(letters.encode(), np.uint8) >= ord("a")
        masked += bytes(before) + lower.tobytes() + bytes(behind)
        for key, value in zip(columns, (*values, before), strict=True):
            columns[key].append(value)
    if not codes:
        raise InputError(
            f"no sequence is left of those up to {where}: {dropped} dropped as ambiguous"
        )
    rows, known = (np.frombuffer(each, kind) for each, kind in ((codes, np.uint8), (masked, bool)))
    return rows.reshape(-1, length), known.reshape(-1, length), columns, dropped


def read_probes(path, sequence, name, set_column, chosen):
    """Probes of a table with a row for each: of RNAcompete, for example.

    Parameters
    ----------
    path : str or pathlib.Path
        Tab-separated, with a header line, plain or gzip.
    sequence : str
        Column of the letters.
    name : str or None
        Column of the names; None names each probe by its row, from 1.
    set_column, chosen : str or None
        Column of the set that a probe belongs to, and the set that is taken; None takes all.

    Returns
    -------
    records : list of (str, str, tuple)
        As `collect` takes them.
    rows : int
        Rows of the table, those not taken included.

    Raises
    ------
    InputError
        If the file is not such a table, repeats a name, or no row is taken.
    """
    rows = read_columns(path, [name, sequence, set_column], "probe table")
    records = [
        (f"probe table {path}, line {line}", letters, (key, "", -1, -1, "."))
        for line, (key, letters, belongs) in rows
        if set_column is None or belongs == chosen
    ]
    if not records:
        known = sorted({values[2] for _, values in rows})
        raise InputError(
            f"probe table {path} has no probe of set {chosen!r}; its column {set_column!r} holds "
            f"{', '.join(map(repr, known[:5]))}{nearest(chosen, known)}"
        )
    names = [values[0] for _, _, values in records]
    if len(set(names)) < len(names):
        raise InputError(f"probe table {path} gives a name in column {name!r} twice")
    return records, len(rows)
