"""What a study made: a record for each job, all of them in one manifest, and its verification.

Each job writes its own record beside its log, so that no two jobs write one file; the manifest is
gathered from them at the end.
"""

import hashlib
import json
from pathlib import Path

from giaflow.base.checks import InputError
from giaflow.io.files import read_json, sha256, write_json

MANIFEST = "results/manifest.json"
# Stands for a rule where no rule made a file: it is the user's.
INPUT = "(input)"
# Files that tell times: no two runs give the same.
TIMES = "results/benchmarks/"


def write_record(path, rule, outputs, version, params, inputs=()):
    """Write what a job made, with the hashes of its files.

    Parameters
    ----------
    path : str or pathlib.Path
        Of the record.
    rule : str
    outputs : list of str
        An index of a job of many runs (``index/*.json``: file to hash) stands for its files too.
    version : str
        Of giaflow.
    params : dict
        The rule's parameters. ``code``, ``software`` and ``seed`` stand in the record; of all
        together it has a digest.
    inputs : dict of str to str, optional
        File from outside results/ to the SHA-256 of what the job read.
    """
    text = json.dumps(params, sort_keys=True, default=str)
    made = {
        "rule": rule,
        "giaflow": version,
        "params": hashlib.sha256(text.encode()).hexdigest(),
        **{key: params[key] for key in ("code", "seed", "software") if key in params},
    }
    indices = [file for file in outputs if Path(file).parent.name == "index"]
    made_by_runs = [file for index in indices for file in read_json(index)]
    files = {
        file: {"sha256": sha256(file), "bytes": Path(file).stat().st_size}
        for file in [*outputs, *made_by_runs]
    }
    write_json({"made": made, "files": files, "inputs": dict(inputs)}, path)


def gathered(logs, left_out=(), inputs=()):
    """All records below a folder as one manifest.

    Files that no longer exist are left out: an older study of this folder made them. So are those
    that tell times.

    Parameters
    ----------
    logs : str or pathlib.Path
    left_out : collection of str, optional
        Files that do not count.
    inputs : dict of str to str, optional
        Further files from outside results/ and their SHA-256.

    Returns
    -------
    dict of str to dict
        For each file in alphabetical order: sha256, bytes, and how it was made. For each file from
        outside results/ that a job read: sha256, and the rule `INPUT`.
    """
    records = [path for path in Path(logs).rglob("*.json") if path.is_file()]
    entries, read = {}, dict(inputs)
    # Where two rules made one file, an older code's rule did so first.
    for path in sorted(records, key=lambda path: (path.stat().st_mtime_ns, str(path))):
        record = read_json(path)
        if any(Path(file).exists() for file in record["files"]):
            read |= record.get("inputs", {})
        for file, found in record["files"].items():
            if file not in left_out and not file.startswith(TIMES) and Path(file).exists():
                entries[file] = {**found, **record["made"]}
    for file, digest in read.items():
        entries.setdefault(file, {"sha256": digest, "rule": INPUT})
    return dict(sorted(entries.items()))


def verified(folder="."):
    """Hold the results of a study against its manifest.

    Parameters
    ----------
    folder : str or pathlib.Path
        The one that holds results/.

    Returns
    -------
    (list of (str, str, str), int)
        Of every file that is not as it was made, and of every input that is not what results were
        made from: its path, what is wrong, its rule (`INPUT` for an input); and how many files the
        manifest has. A file in the manifest's folders that it does not know is named too.

    Raises
    ------
    InputError
        If there is no manifest or it cannot be read.
    """
    folder = Path(folder)
    try:
        entries = read_json(folder / MANIFEST)
    except FileNotFoundError:
        raise InputError(f"{folder / MANIFEST} is missing: let the study run to its end") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{folder / MANIFEST} is damaged ({error}): delete it and run the study "
                         "again") from None  # fmt: skip
    wrong = []
    for file, entry in entries.items():
        path = folder / file
        if entry["rule"] == INPUT:
            wrong += [(file, problem, INPUT) for problem in _input_problems(path, entry["sha256"])]
        elif not path.is_file():
            wrong.append((file, "missing", entry["rule"]))
        elif path.stat().st_size != entry["bytes"]:
            size = f"{path.stat().st_size} bytes, {entry['bytes']} expected"
            wrong.append((file, f"changed ({size})", entry["rule"]))
        elif sha256(path) != entry["sha256"]:
            wrong.append((file, "changed", entry["rule"]))
    # results/tables/... -> results/tables
    made = [Path(file) for file, entry in entries.items() if entry["rule"] != INPUT]
    homes = {Path(*file.parts[:2]) for file in made if len(file.parts) > 2}
    for home in sorted(homes):
        for path in sorted((folder / home).rglob("*")):
            file = path.relative_to(folder).as_posix()
            if path.is_file() and file not in entries:
                wrong.append((file, "not in the manifest", ""))
    return wrong, len(entries)


def _input_problems(path, digest):
    """What is wrong with a file from outside results/ that results were made from."""
    if not path.is_file():
        yield "missing, although results were made from it"
        return
    try:
        found = sha256(path)
    except InputError as error:
        yield str(error)
        return
    if found != digest:
        yield "its content is not what results were made from"
