"""Model files from outside, taken apart into parts that are safe to open."""

import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

from giaflow.base.checks import InputError
from giaflow.models.readers.hdf5_checks import MOST_EXPANSION, SMALL, copy_hdf5
from giaflow.models.readers.keras_config_checks import DEEPEST, TRUST

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MOST_TEXT = 2**24
MOST_MEMBERS = 10_000
BLOCK = 2**20
# How zipfile says that an archive is damaged; RuntimeError is a password, ValueError bad text.
FAULTS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError,
    ValueError, IndexError, struct.error,
)  # fmt: skip
WHOLE = "save the whole network with model.save('model.keras')"


class Opened(NamedTuple):
    """A copy of a model file that is safe to parse.

    Attributes
    ----------
    path : pathlib.Path
        The copy.
    config : dict
        The network's configuration, without what only training needs.
    version : str
        Version of Keras that saved it, or "".
    numbers : int
        Numbers stored as weights.
    """

    path: Path
    config: dict
    version: str
    numbers: int


def safe_copy(path, folder, trust=False):
    """Copy a .keras or .h5 file into `folder`, its HDF5 parsed in a child process.

    The copy is what is checked and then opened, so a file that is swapped meanwhile changes
    nothing. With `trust`, files that layers brought along (assets) are copied too.

    Raises
    ------
    InputError
        If the file is damaged, expands beyond reason or holds what no network needs.
    """
    path, folder = Path(path), Path(folder)
    if path.suffix == ".keras":
        return _copy_keras(path, folder / "model.keras", trust)
    return _copy_h5(path, folder / "model.h5")


def _copy_h5(path, copy):
    import h5py

    numbers = copy_hdf5(path, copy, f"model {path}")
    with h5py.File(copy, "r") as file:
        text, version = (_text(file.attrs.get(key)) for key in ("model_config", "keras_version"))
    if not text:
        raise InputError(f"model {path} holds weights without an architecture; {WHOLE}")
    return Opened(copy, _parsed(text, path), version, numbers)


def _parsed(text, path):
    if len(text) > MOST_TEXT:
        raise InputError(
            f"model {path} is refused: its configuration is over {MOST_TEXT} letters long"
        )
    try:
        return parse(text)
    except InputError as error:
        raise InputError(f"model {path} is refused: {error}") from None


def _text(value):
    """An attribute as text; an array of one text is how old versions of h5py wrote it."""
    value = value.item() if hasattr(value, "item") and getattr(value, "size", 0) == 1 else value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _copy_keras(path, copy, trust):
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, path, trust)
            if WEIGHTS not in members:
                raise InputError(f"model {path} holds no {WEIGHTS}; {WHOLE}")
            if CONFIG not in members:
                raise InputError(f"model {path} holds weights without an architecture; {WHOLE}")
            config = _parsed(_read(archive, members[CONFIG], path), path)
            described = _read(archive, members[METADATA], path) if METADATA in members else "{}"
            weights, clean = copy.with_name("outside.h5"), copy.with_name("weights.h5")
            _unpack(archive, members[WEIGHTS], weights)
            numbers = copy_hdf5(weights, clean, f"{WEIGHTS} in model {path}")
            with zipfile.ZipFile(copy, "w") as copied:
                copied.writestr(CONFIG, json.dumps(config))
                copied.writestr(METADATA, described)
                copied.write(clean, WEIGHTS)
                for name in sorted(set(members) - {CONFIG, METADATA, WEIGHTS}):
                    copied.writestr(name, archive.read(members[name]))
    except InputError:
        raise
    except FAULTS as error:
        raise InputError(
            f"model {path} is damaged: {error}; copy it again, or save it anew"
        ) from None
    return Opened(copy, config, _version(described), numbers)


def _version(described):
    try:
        found = json.loads(described)
    except (ValueError, RecursionError):
        return ""
    version = found.get("keras_version") if isinstance(found, dict) else None
    return version if isinstance(version, str) else ""


def _members(archive, path, trust):
    """The members by name, after checks of what they declare."""
    listed = archive.infolist()
    if len(listed) > MOST_MEMBERS:
        raise InputError(f"model {path} is an archive of {len(listed)} files; it should hold three")
    members = {}
    for member in listed:
        name = member.filename
        if name in members:
            raise InputError(f"model {path} holds {name!r} twice; save it anew")
        link = (member.external_attr >> 28) == 0o12
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or link:
            raise InputError(f"model {path} holds {name!r}, which would lie outside; save it anew")
        if not trust and name not in (CONFIG, METADATA, WEIGHTS):
            raise InputError(
                f"model {path} holds {name!r} beside its architecture and weights, which a network "
                f"of plain layers does not need; {TRUST}"
            )
        if member.file_size > MOST_EXPANSION * member.compress_size + SMALL:
            raise InputError(
                f"model {path} is refused: {name!r} grows from {member.compress_size} to "
                f"{member.file_size} bytes when it is unpacked"
            )
        members[name] = member
    return members


def _read(archive, member, path):
    if member.file_size > MOST_TEXT:
        raise InputError(
            f"model {path} is refused: {member.filename} is {member.file_size} bytes long, over "
            f"{MOST_TEXT}"
        )
    return archive.read(member).decode("utf-8")


def _unpack(archive, member, destination):
    """Write a member to a file in blocks; its check sum is compared at the end."""
    with archive.open(member) as source, destination.open("wb") as target:
        while block := source.read(BLOCK):
            target.write(block)


def parse(text):
    """The configuration as nested dicts and lists, with all that only training needs removed.

    Raises
    ------
    InputError
        If it is not a JSON object, nests too deep, or repeats a key.
    """
    try:
        found = json.loads(text, object_pairs_hook=_without_repeats)
    except RecursionError:
        raise InputError(f"its configuration nests over {DEEPEST} deep") from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"its configuration is not JSON: {error}; copy it again") from None
    if not isinstance(found, dict):
        raise InputError("its configuration is not a JSON object; copy it again")
    return found


def _without_repeats(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InputError("its configuration holds a key twice; save it anew")
    # Optimisers and losses are never needed, and those of nested models would be made.
    found.pop("compile_config", None)
    return found
