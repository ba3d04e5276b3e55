"""Whole files: atomic writes, hashes, JSON, members of wheels."""

import hashlib
import json
import os
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from giaflow.base.checks import InputError, check_name

# Temporary files start so; what a killed job left of them is removed by the next run.
PART = ".part."
_checks = []


def check_before_renames(check):
    """Call `check` before every later rename of this process; if it raises, nothing is renamed."""
    _checks.append(check)


@contextmanager
def atomic(path):
    """Yield a temporary path beside `path`; on success it is synced and renamed onto `path`.

    A failure or a kill leaves the old file or none, never half a file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix is kept because writers choose a format by it.
    prefix = f"{PART}{path.stem}."
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)
        for check in _checks:
            check()
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sha256(path):
    """Hexadecimal SHA-256 of a file; raises `InputError` if it cannot be read."""
    try:
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None


def check_sha256(path, expected, what):
    """Raise `InputError` unless the file at `path` has the SHA-256 `expected`."""
    found = sha256(path)
    if found != expected:
        raise InputError(f"{what} {path} has sha256 {found}, but {expected} is pinned")


def copy(source, destination):
    """Copy a file's bytes atomically."""
    with atomic(destination) as temporary:
        temporary.write_bytes(Path(source).read_bytes())


def write_json(value, path):
    """Write JSON atomically; keys keep their order, which for targets has a meaning."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2) + "\n")


def read_json(path):
    """Read a JSON file."""
    return json.loads(Path(path).read_text())


def write_npz(arrays, path):
    """Write named arrays as an .npz file whose bytes depend on them alone, atomically."""
    with (
        atomic(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, array in arrays.items():
            # The default of a ZipInfo is a fixed date; numpy's own writer stamps the hour.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def read_npz(path):
    """The arrays of an .npz file as a dict; pickled objects are refused."""
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def write_text(text, path):
    """Write text atomically."""
    with atomic(path) as temporary:
        temporary.write_text(text)


def extract(archive, member, destination):
    """Copy one member of a wheel or zip file to `destination`; nothing in it is imported or run."""
    try:
        with zipfile.ZipFile(archive) as opened:
            check_name(member, opened.namelist(), f"member of {Path(archive).name}")
            content = opened.read(member)
    except zipfile.BadZipFile as error:
        raise InputError(f"{archive} is not a wheel or zip file: {error}") from None
    with atomic(destination) as temporary:
        temporary.write_bytes(content)
