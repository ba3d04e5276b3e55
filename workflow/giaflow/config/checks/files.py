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
    """Files that are not where the study says: their owner must supply them."""
    if exists is None:
        return

    def looked(file):
        places = ["the working directory", *folders]
        return "" if Path(file).is_absolute() else f" (sought from {', then '.join(places)})"

    for name, model in study.models.items():
        if model.path is not None and not exists(model.path):
            yield (
                ("models", model.family or name, "path"),
                f"model {model.path} not found{looked(model.path)}; give the file of your "
                "network there, or on the command line: "
                f"--config 'models={{{name}: {{path: my_network.keras}}}}'",
            )
    tables = {
        ("sequences", name, "probes", "file"): one.probes.file
        for name, one in study.sequences.items()
        if one.probes
    }
    for name, one in study.sequences.items():
        for key in ("genome", "regions") if one.instances else ():
            tables["sequences", name, "instances", key] = getattr(one.instances, key)
    for name, model in study.models.items():
        if model.train and model.train.measured:
            where = ("models", model.family or name, "train", "measured", "values")
            tables |= {
                (*where, target, "file"): values.file
                for target, values in model.train.measured.values.items()
            }
    for path, file in tables.items():
        if not exists(file):
            yield (
                path,
                f"there is no file {file!r}{looked(file)}; save yours there, or give its "
                "path here: resources/README.md says where such tables come from",
            )
