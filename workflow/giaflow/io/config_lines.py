"""Where each key of a configuration was written: file and line."""

import yaml

from giaflow.base.checks import InputError
from giaflow.io.config_text import compose


def _walk(node, path, origins, file):
    if isinstance(node, yaml.MappingNode):
        seen = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                raise InputError(
                    f"{file}:{line}: the key {key.value!r} is given twice, "
                    f"first on line {seen[key.value]}"
                )
            seen[key.value] = line
            here = (*path, key.value)
            origins[here] = f"{file}:{line}"
            _walk(value, here, origins, file)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            origins[(*path, i)] = f"{file}:{value.start_mark.line + 1}"
            _walk(value, (*path, i), origins, file)


def locator(files):
    """A function from a key path to the file and line where it, or its nearest parent, is given.

    Parameters
    ----------
    files : list of str
        YAML files; later ones override earlier ones.

    Returns
    -------
    callable
        tuple of str and int -> ``file:line``.

    Raises
    ------
    InputError
        If a file cannot be read, is not YAML, or gives a key twice.
    """
    origins = {(): ", ".join(map(str, files)) or "config"}
    for file in files:
        _walk(compose(file), (), origins, file)

    def locate(path):
        path = tuple(path)
        while path not in origins:
            path = path[:-1]
        return origins[path]

    return locate
