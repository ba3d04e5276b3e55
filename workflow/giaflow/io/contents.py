"""Digests of input files: found once for each content of a file, and held while a job reads it.

A digest is remembered as long as size, inode and times of the file stay the same. The time of the
last change of the inode (ctime) is among them: a copy, a rename or `touch` can give a file any date
of modification, but not this one.
"""

import hashlib
import json
import os
import stat
import time
from pathlib import Path

from giaflow.base.checks import InputError
from giaflow.io.files import atomic, sha256

# A file may change twice within the resolution of its times (2 s on some file systems). What
# changed so shortly (ns) before it was read is not remembered by its times.
SETTLED = 3 * 10**9
# As many links as Linux follows.
MOST_LINKS = 40


class Changed(InputError):
    """An input file does not have the content that the run began with."""


def state(path):
    """What tells one content of a file from another without reading it.

    Parameters
    ----------
    path : str
        Links are followed.

    Returns
    -------
    tuple of int or None
        Device, inode, size (bytes), times of modification and of change (ns since 1970). None for
        what is not a regular file, is absent or cannot be read.
    """
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return None
        # On a network file system only opening a file asks the server for its times.
        with Path(path).open("rb") as stream:
            found = os.fstat(stream.fileno())
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def links(path):
    """Device, inode and time of change of every symbolic link that a path leads through."""
    todo, here, found = [*Path.cwd().joinpath(path).parts[:0:-1]], Path("/"), []
    while todo and len(found) < MOST_LINKS:
        part = todo.pop()
        # The root, with which an absolute target begins, takes the place of `here`.
        here = here.parent if part == ".." else here / part
        if part == ".." or not here.is_symlink():
            continue
        status, target = here.lstat(), here.readlink()
        found.append((status.st_dev, status.st_ino, status.st_ctime_ns))
        todo += target.parts[::-1]
        here = here.parent
    return found


def is_settled(found, now):
    """Whether a file of this state, read at `now` (ns), cannot change again and keep its times."""
    return found[-1] < now - SETTLED


class Contents:
    """SHA-256 digests of files, remembered in a file between runs.

    Parameters
    ----------
    path : str or pathlib.Path
        Where digests are remembered. A damaged file counts as empty; several processes may use it
        at once.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._known, self._new = self._read(), {}

    def digest(self, file):
        """Hexadecimal SHA-256 of a file; None for what is not a regular file that can be read."""
        real = os.path.realpath(file)
        for _ in range(3):
            now, before = time.time_ns(), state(real)
            if before is None:
                return None
            kept, digest = self._known.get(real, (None, None))
            if kept == list(before):
                return digest
            digest = sha256(real)
            if state(real) == before:
                break
        else:
            # It is being written; the job that reads it will find out.
            return digest
        if is_settled(before, now):
            self._known[real] = self._new[real] = [list(before), digest]
        return digest

    def save(self):
        """Write what was found since the last time; if that cannot be, files are hashed again."""
        if not self._new or not self.path.parent.is_dir():
            return
        files = {**self._read(), **self._new}
        try:
            with atomic(self.path) as temporary:
                temporary.write_text(json.dumps({"sha256": _digest(files), "files": files}))
        except OSError:
            return
        self._new = {}

    def _read(self):
        """What the file holds, if it is as it was written."""
        try:
            held = json.loads(self.path.read_bytes())
            return held["files"] if held["sha256"] == _digest(held["files"]) else {}
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return {}


def _digest(files):
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


class Watch:
    """Input files that must keep one content while a job reads them.

    Parameters
    ----------
    expected : dict of str to str
        File to the SHA-256 that it had when the run began.

    Raises
    ------
    Changed
        If a file has another one now.
    """

    def __init__(self, expected):
        self._expected = expected
        self._began = {}
        for file in expected:
            now = time.time_ns()
            self._began[file] = _way(file), now
            self._check_digest(file)

    def check(self):
        """Raise `Changed` if a file is not the one that it was at first."""
        for file, (before, began) in self._began.items():
            if before != _way(file):
                self._refuse(file)
            if not is_settled(before[0], began):
                self._began[file] = before, time.time_ns()
                self._check_digest(file)

    def _check_digest(self, file):
        if self._began[file][0][0] is None or sha256(file) != self._expected[file]:
            self._refuse(file)

    def _refuse(self, file):
        raise Changed(
            f"{file} changed while this run read it, so nothing is made from it; run the workflow "
            "again, and let the file be until it ends"
        )


def _way(file):
    """State of a file and of the links that lead to it; none if it goes away meanwhile."""
    try:
        return state(file), links(file)
    except OSError:
        return None, []
