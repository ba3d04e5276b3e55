"""HDF5 files from outside: a child process with limits copies what is safe to read."""

import json
import subprocess
import sys
from pathlib import Path

from giaflow.base.checks import InputError

_COPY = Path(__file__).with_name("hdf5_copy.py")
# A child may use this much memory beside twice the file, and this much processor time beside a
# second for each 20 MB. An ordinary file of 1 MB takes 0.1 s and 100 MB.
MEMORY, SECONDS, BYTES_PER_SECOND = 2**31, 10, 20_000_000
# Waiting is longer than computing where many jobs share few processors.
PATIENCE = 6
# Arrays may be compressed, but not a thousandfold: that fills memory out of a small file.
MOST_EXPANSION, SMALL = 100, 2**20


def copy_hdf5(path, destination, what):
    """Copy the arrays and attributes of an HDF5 file without parsing it in this process.

    Links, arrays that lie in other files, and anything but numbers and texts are refused.

    Parameters
    ----------
    path, destination : str or pathlib.Path
    what : str
        The file as the user knows it, for messages.

    Returns
    -------
    int
        Numbers stored in the arrays that were copied, those of optimizers left out.

    Raises
    ------
    InputError
        If the file is damaged, or holds what is refused.
    """
    size = Path(path).stat().st_size
    seconds = SECONDS + size // BYTES_PER_SECOND
    limits = (MOST_EXPANSION * size + SMALL, MEMORY + 2 * size, seconds)
    command = [sys.executable, "-I", str(_COPY), str(path), str(destination), *map(str, limits)]
    again = "copy it again, or save it anew"
    try:
        child = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE * seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"{what} is damaged: reading it did not end within {PATIENCE * seconds} s; {again}"
        ) from None
    try:
        answer = json.loads(child.stdout)
    except json.JSONDecodeError:
        # A signal, or a limit: the parser ran on damaged content.
        ended = f"signal {-child.returncode}" if child.returncode < 0 else "an error"
        raise InputError(
            f"{what} is damaged: a separate process that read it ended with {ended}; {again}"
        ) from None
    if "damaged" in answer:
        raise InputError(f"{what} is damaged, or cut short ({size} bytes): {answer['damaged']}; "
                         f"{again}")  # fmt: skip
    if "refused" in answer:
        raise InputError(
            f"{what} is refused, because {answer['refused']}; save the network anew with "
            "model.save('model.keras')"
        )
    return answer["numbers"]
