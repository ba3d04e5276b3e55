"""Why a run of TF-MoDISco failed: its contributions, its memory, or its installation."""

import builtins
import signal

from giaflow.base.checks import InputError

# What is at fault with the machine or the installation, and not with the contributions.
ELSEWHERE = (OSError, ImportError, SyntaxError, KeyboardInterrupt, SystemExit)


def why_it_stopped(code, stderr):
    """Why TF-MoDISco could not work with the contributions, in one line.

    Parameters
    ----------
    code : int
        Exit code of its process, not 0; negative is the number of a signal.
    stderr : str
        What it wrote there.

    Raises
    ------
    MemoryError
        If it ran out of memory.
    InputError
        If it was killed, or for any fault that is not of the contributions.
    """
    if code < 0:
        likely = (
            ", most often for want of memory; --set-resources modisco:mem_mb=... asks for more"
            if -code == signal.SIGKILL
            else ""
        )
        raise InputError(f"TF-MoDISco was ended by {signal.Signals(-code).name}{likely}")
    kind, text = _exception(stderr)
    if kind.endswith("MemoryError"):
        raise MemoryError(text)
    known = getattr(builtins, kind, None)
    if not kind or (isinstance(known, type) and issubclass(known, ELSEWHERE)):
        said = f"{kind}: {text}" if kind else (stderr.strip().splitlines() or ["no message"])[-1]
        raise InputError(f"TF-MoDISco stopped with exit code {code}: {said}")
    return f"TF-MoDISco cannot use the contributions ({text or kind})"


def _exception(stderr):
    """Name and first line of the exception that a Python process ended with; empty if none.

    The line after the frames of the last traceback: a message may have several lines, and
    warnings may follow.
    """
    found = "", ""
    before, *parts = stderr.split("Traceback (most recent call last):\n")
    for part in parts:
        # What Python says of objects that fail while it ends.
        ignored = before.rstrip().rpartition("\n")[2].startswith("Exception ignored")
        lines = [line for line in part.splitlines() if line[:1].strip()]
        if lines and not ignored:
            name, _, text = lines[0].partition(": ")
            found = name.rpartition(".")[2], text[:200]
        before = part
    return found
