"""A store of results that work directories and users share: one file for each question.

What a step was asked (hashes of its inputs, parameters, code, versions) is the question; the hash
of the question is the key, and the name of a file that holds the question and the results with
their hashes. Such a file appears whole, by a rename, and goes in one piece. So nobody needs a lock
or a daemon, and a job that is killed leaves nothing but a temporary file, which is swept later.
"""

import contextlib
import errno
import hashlib
import json
import os
import time
from pathlib import Path

from giaflow.io.files import PART, atomic, sha256

ENDING = ".result"
# Bytes at a time, and the longest question that is read.
PIECE, LONGEST = 1 << 20, 1 << 26
# A temporary file this old (s) was left by a kill; writing one takes seconds.
LEFT = 24 * 3600
# What other jobs put into the store is looked for so often (s) while this one fills it.
LOOK = 60


class Damaged(Exception):
    """A file of the store is not as it was written."""


def key(question):
    """Hexadecimal SHA-256 of a question: JSON values in which every order has a meaning."""
    return hashlib.sha256(json.dumps(question).encode()).hexdigest()


class Store:
    """Results by question, below a bound of bytes.

    Parameters
    ----------
    folder : str or pathlib.Path
        On a file system that all users of the store see; made if its parent exists.
    most : int
        Bytes that the files of the store may take together. What was used least recently goes
        first. Jobs that fill the store in the same minute may exceed it by what they put in.
    """

    def __init__(self, folder, most):
        self.folder, self.most = Path(folder), most
        self._held, self._looked = 0, -float("inf")

    def fault(self):
        """Why nothing can be kept, in words of the system; None if something can."""
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            return error.strerror
        return None if os.access(self.folder, os.W_OK) else os.strerror(errno.EACCES)

    def path(self, question):
        """Where the results of a question are, if they are."""
        return self.folder / f"{key(question)}{ENDING}"

    def take(self, question, files):
        """Copy the results of a question out of the store; all of them or none.

        Parameters
        ----------
        question : dict
        files : list of str
            Where they go, in the order in which they were kept.

        Returns
        -------
        bool
            Whether the store has them.

        Raises
        ------
        Damaged
            If they are not as they were written; they are then removed.
        OSError
            If the store cannot be read.
        """
        path = self.path(question)
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            return False
        try:
            with stream:
                _unpack(stream, key(question), files)
        except Damaged:
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        # The time of last use. Who may only read the store cannot leave a mark.
        with contextlib.suppress(OSError):
            os.utime(path)
        return True

    def keep(self, question, files):
        """Put the results of a question into the store, if it has none and there is room.

        Parameters
        ----------
        question : dict
        files : list of str

        Returns
        -------
        bool
            False if there was no room.

        Raises
        ------
        OSError
            If the store cannot be written.
        """
        self.folder.mkdir(exist_ok=True)
        path = self.path(question)
        if path.exists():
            # Another job had the same question at the same time, and the same answer.
            return True
        found = [{"bytes": Path(file).stat().st_size, "sha256": sha256(file)} for file in files]
        head = json.dumps({"question": question, "files": found}).encode() + b"\n"
        head = hashlib.sha256(head).hexdigest().encode() + b"\n" + head
        size = len(head) + sum(each["bytes"] for each in found)
        if not self._make_room(size):
            return False
        with atomic(path) as temporary, temporary.open("wb") as stream:
            stream.write(head)
            for file in files:
                with Path(file).open("rb") as source:
                    while piece := source.read(PIECE):
                        stream.write(piece)
        self._held += size
        # Whoever may put files into the folder may also mark this one as used.
        # Another job may have made room of it by now.
        with contextlib.suppress(FileNotFoundError):
            path.chmod(self.folder.stat().st_mode & 0o666)
        return True

    def _make_room(self, size):
        """Remove what was used least recently until so many bytes fit; False if they cannot."""
        now = time.monotonic()
        if size > self.most:
            return False
        if self._held + size <= self.most and now - self._looked < LOOK:
            return True
        files = list(self._files())
        self._held, self._looked = sum(count for _, count, _ in files), now
        for _, count, path in sorted(files):
            if self._held + size <= self.most:
                break
            # What another user owns may have to stay; what is gone was removed by another job.
            with contextlib.suppress(PermissionError):
                if not path.name.startswith(PART):
                    path.unlink(missing_ok=True)
                    self._held -= count
        return self._held + size <= self.most

    def _files(self):
        """(time of last use, bytes, path) of every file of the store; no other is looked at."""
        for path in self.folder.glob(f"*{ENDING}"):
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                if path.name.startswith(PART) and time.time() - status.st_mtime > LEFT:
                    with contextlib.suppress(PermissionError):
                        path.unlink()
                        continue
                yield status.st_mtime_ns, status.st_size, path


def _unpack(stream, expected, files):
    """Copy the results in an open file of the store to `files`, if every byte is right."""
    digest, head = stream.readline(PIECE), stream.readline(LONGEST)
    if hashlib.sha256(head).hexdigest().encode() + b"\n" != digest:
        raise Damaged("its first lines are not those that were written")
    head = json.loads(head)
    if key(head["question"]) != expected or len(head["files"]) != len(files):
        raise Damaged("it answers another question")
    with contextlib.ExitStack() as renamed:
        for file, made in zip(files, head["files"], strict=True):
            temporary = renamed.enter_context(atomic(file))
            if _copy(stream, temporary, made["bytes"]) != made["sha256"]:
                raise Damaged(f"its {Path(file).name} is not the one that was made")


def _copy(stream, path, count):
    """Copy at most `count` bytes; their SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as copy:
        while count and (piece := stream.read(min(count, PIECE))):
            digest.update(piece)
            copy.write(piece)
            count -= len(piece)
    return digest.hexdigest()
