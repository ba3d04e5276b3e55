"""One run at a time on a folder of results: who has it, and what a killed run left there.

The lock is a file with the host, the process and a token of the run. A lock whose process is gone
is broken; a job whose run no longer has the lock may not rename its output into place.
"""

import json
import os
import socket
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from giaflow.base.checks import InputError
from giaflow.io.files import PART

LOCK = ".run.json"
# A lock is written at once after it was made; an empty one this old (s) was left by a kill.
EMPTY = 10
# A file may be dated that far ahead (s): clocks of a cluster differ a little.
AHEAD = 60


def check_name(folder):
    """Raise `InputError` if a folder's path has a brace: Snakemake reads braces as wildcards."""
    for character in "{}":
        if character in str(folder):
            raise InputError(
                f"the folder {folder} has {character!r} in its path, which Snakemake reads as a "
                "wildcard; rename the folder"
            )


def check_writable(folder):
    """Raise `InputError` if a folder cannot be written: Snakemake would end in a traceback."""
    if not os.access(folder, os.W_OK):
        raise InputError(
            f"cannot write to {Path(folder).resolve()}: it is read-only or belongs to others; "
            "start the run in a folder of your own, and name the config with --configfile"
        )


def take(folder):
    """Lock a folder of results for this process.

    Parameters
    ----------
    folder : str or pathlib.Path
        Made if it does not exist.

    Returns
    -------
    str
        The token of this run, for `release`.

    Raises
    ------
    InputError
        If another run has the folder, or one of another host may have it.
    """
    path = Path(folder) / LOCK
    mine = {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "birth": _birth(os.getpid()),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "token": uuid.uuid4().hex,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while not _create(path, json.dumps(mine)):
            _break_or_refuse(path)
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {error.strerror}") from None
    return mine["token"]


def _create(path, text):
    """Write a file that must not exist; False if it does."""
    try:
        with path.open("x") as stream:
            stream.write(text)
    except FileExistsError:
        return False
    return True


def _break_or_refuse(path):
    """Move the lock of a run that is gone out of the way; refuse if the run may be alive."""
    held = _read(path)
    if held is None:
        return
    if held and held["host"] != socket.gethostname():
        raise InputError(
            f"{path.parent} is in use since {held['since']} by process {held['pid']} of "
            f"{held['host']}; if that run has ended, delete {path} and start again"
        )
    if held and _birth(held["pid"]) == held["birth"]:
        raise InputError(
            f"{path.parent} is in use since {held['since']} by process {held['pid']} of this "
            "host; wait until it has ended, or end it"
        )
    if not held and time.time() - path.stat().st_mtime < EMPTY:
        raise InputError(f"{path.parent} was just taken by another run; wait until it has ended")
    aside = path.with_name(f"{LOCK}.{uuid.uuid4().hex}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    # Two runs may break one dead lock at the same time: the later must not remove the other's.
    if _read(aside) == held:
        aside.unlink()
    else:
        aside.rename(path)


def _read(path):
    """What a lock says: a dict, empty if it was never written; None if there is no lock."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except json.JSONDecodeError:
        return {}


def _birth(pid):
    """When a process of this host began, as the kernel counts; None if there is no such process.

    A number of a process is used again, after a restart often; with its birth it is unique.
    """
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if state in {"Z", "X"} else rest[18]
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "alive"


def token(folder):
    """The token of the run that has a folder of results; None if none has."""
    return (_read(Path(folder) / LOCK) or {}).get("token")


def check_token(folder, mine):
    """Raise `InputError` unless the run of this token (None: no run) still has the folder."""
    if token(folder) != mine:
        raise InputError(
            f"the run that started this job no longer has {folder}; its output is not put in place"
        )


def release(folder, mine):
    """Give a folder of results back, if the run of this token still has it."""
    if mine is not None and token(folder) == mine:
        (Path(folder) / LOCK).unlink()


def sweep(folder):
    """Remove the temporary files that killed jobs left below a folder of results.

    A folder inside that holds a lock belongs to another run and is left alone.

    Returns
    -------
    list of pathlib.Path
        What was removed.
    """
    removed = []
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = [name for name in folders if not (here / name / LOCK).exists()]
        removed += [here / name for name in files if name.startswith(PART)]
    for path in removed:
        path.unlink(missing_ok=True)
    return removed


def check_dates(files):
    """Raise `InputError` if a file is dated in the future: its result would never be newer.

    Parameters
    ----------
    files : iterable of str
        Those that do not exist are passed over.
    """
    now = time.time()
    for file in files:
        try:
            ahead = Path(file).stat().st_mtime - now
        except OSError:
            continue
        if ahead > AHEAD:
            raise InputError(
                f"{file} is dated {ahead / 3600:.1f} h in the future: nothing made from it could "
                f"count as newer; correct this machine's clock, or date the file: touch {file}"
            )
