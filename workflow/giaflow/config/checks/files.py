"""Where a study's files are sought, and those that are not there."""

import os
from pathlib import Path


def finder(folders, exists=os.path.exists):
    """A function from a path in a config to the file that it names.

    Parameters
    ----------
    folders : list of str
        Where a relative path is sought after the working directory, in this order: the folders of
        the config files.
    exists : callable, optional

    Returns
    -------
    callable
        Path -> the first path at which there is a file: as it stands, or from a folder; where there
        is none, as it stands.
    """

    def find(path):
        if Path(path).is_absolute() or exists(path):
            return path
        places = (os.path.relpath(Path(folder) / path) for folder in folders)
        return next((place for place in places if exists(place)), path)

    return find


def absent_files(study, exists, folders=()):
    """Files that are not where the study says, or whose names no rule can take."""
    if exists is None:
        return
    places = ", then ".join(["the working directory", *folders])
    for key, file, advice in files_of(study):
        if "{" in file or "}" in file:
            yield (
                key,
                f"the file name {file!r} holds {{ or }}, which Snakemake reads as a wildcard; "
                "rename the file",
            )
        elif not exists(file):
            looked = "" if Path(file).is_absolute() else f" (sought from {places})"
            yield key, f"{_missing(key, file)}{looked}; {advice}"


def _missing(key, file):
    if key[0] == "models" and key[-1] == "path":
        return f"model {file} not found"
    return f"there is no file {file!r}"


TABLES = (
    "save yours there, or give its path here: resources/README.md says where such tables come from"
)
PATH = "give the path of your file"


def files_of(study):
    """Key path, path and advice of every file of the user's that a rule reads."""
    for name, model in study.models.items():
        where = ("models", model.family or name)
        if model.path is not None:
            command = f"--config 'models={{{name}: {{path: my_network.keras}}}}'"
            yield (
                (*where, "path"),
                model.path,
                f"give the file of your network there, or on the command line: {command}",
            )
        measured = model.train.measured if model.train else None
        for target, values in (measured.values if measured else {}).items():
            yield (*where, "train", "measured", "values", target, "file"), values.file, TABLES
    for name, one in study.sequences.items():
        where = ("sequences", name)
        for i, file in enumerate(one.fasta):
            yield (*where, "fasta", i), file, PATH
        if one.probes:
            yield (*where, "probes", "file"), one.probes.file, TABLES
        for key in ("genome", "regions") if one.instances else ():
            yield (*where, "instances", key), getattr(one.instances, key), TABLES
    for name, null in study.nulls.items():
        where = ("nulls", name, "inputs")
        if null.inputs.genome:
            yield (*where, "genome"), null.inputs.genome, PATH
        for key in ("avoid", "fasta", "regions"):
            for i, file in enumerate(getattr(null.inputs, key)):
                yield (*where, key, i), file, PATH
        if null.inputs.values:
            yield (*where, "values", "file"), null.inputs.values.file, PATH
    for name, entry in study.experiments.items():
        for i, file in enumerate(getattr(entry.settings, "variants", ())):
            yield ("experiments", name, "settings", "variants", i), file, PATH
