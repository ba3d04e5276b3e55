"""A write that fails at any place leaves the old file, whole, and no other."""

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from commands.kill_tests import writers
from giaflow.io import files

ROOT = Path(__file__).resolve().parents[3]
WRITERS = writers()


@pytest.fixture(params=WRITERS)
def old_and_write(request, tmp_path):
    """A file with its old content, and the function that would write the new."""
    path = tmp_path / f"file{request.param}"
    WRITERS[request.param](0, path)
    return path, path.read_bytes(), lambda: WRITERS[request.param](1, path)


def unharmed(path, content):
    return path.read_bytes() == content and list(path.parent.iterdir()) == [path]


@pytest.fixture
def limit():
    """Set how large a file of this process may get (bytes)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_at_any_byte(old_and_write, limit):
    path, content, write = old_and_write
    for size in (0, 1, *range(97, len(content) * 9 // 10, len(content) // 9)):
        limit(size)
        with pytest.raises(OSError):
            write()
        assert unharmed(path, content), size
    limit(resource.RLIM_INFINITY)
    write()
    assert path.read_bytes() != content


@pytest.mark.parametrize("call", ["fsync", "chmod", "replace"])
def test_an_error_of_the_disk_at_every_call(old_and_write, monkeypatch, call):
    path, content, write = old_and_write

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os if call == "fsync" else Path, call, fail)
        with pytest.raises(OSError, match="Input/output error"):
            write()
    assert unharmed(path, content)


def test_an_error_at_every_kth_write_of_a_stream(tmp_path):
    """Tables are written in pieces; each in turn fails."""
    path, pieces = tmp_path / "a.txt", [f"{i} line\n" for i in range(7)]
    files.write_text("old", path)
    for k in range(len(pieces)):
        with (
            pytest.raises(OSError, match=f"write {k}"),
            files.atomic(path) as temporary,
            temporary.open("w") as stream,
        ):
            for i, piece in enumerate(pieces):
                if i == k:
                    raise OSError(f"write {k}")
                stream.write(piece)
        assert unharmed(path, b"old")


def test_processes_killed_while_they_write_leave_whole_files():
    command = [sys.executable, "-m", "commands.kill_tests"]
    done = subprocess.run(
        [*command, "--writers", "5", "--runs", "0", "--seed", "1"],
        cwd=ROOT / "workflow",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kills, amid = (int(done.stdout.split()[i]) for i in (0, 4))
    assert kills == 5 * len(WRITERS) and amid > kills / 3
