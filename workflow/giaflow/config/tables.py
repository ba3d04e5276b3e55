"""Many models from one entry of the configuration and a table."""

import re

from giaflow.base.checks import InputError, nearest

# What a row may name the models by.
NAME = "model"


def filled(value, row, where):
    """A raw configuration with ``{column}`` in its texts replaced by the values of a row.

    Parameters
    ----------
    value : object
        What YAML gives: texts inside lists and mappings.
    row : dict of str to str
        Column to value.
    where : str
        The table, for messages.

    Raises
    ------
    InputError
        If a text names a column that the table lacks.
    """
    if isinstance(value, dict):
        return {key: filled(each, row, where) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, row, where) for each in value]
    if not isinstance(value, str):
        return value

    def column(found):
        if found[1] not in row:
            raise InputError(
                f"{value!r} names column {found[1]!r}, but table {where} has "
                f"{', '.join(map(repr, row))}{nearest(found[1], row)}"
            )
        return row[found[1]]

    return re.sub(r"\{([^{}]*)\}", column, value)


def expanded(models, read):
    """Raw models by name, those with ``each`` as one model for each row of their table.

    Parameters
    ----------
    models : dict
        As read from YAML.
    read : callable
        Path -> rows of a table, each a dict of str to str.

    Raises
    ------
    InputError
        If a table cannot be used, or gives a name that is taken.
    """
    found = {}
    for name, model in models.items():
        if not isinstance(model, dict) or not isinstance(model.get("each"), str):
            made = {name: model}
        else:
            table = model["each"]
            entry = {key: value for key, value in model.items() if key != "each"}
            made = {}
            for row in read(table):
                if NAME not in row:
                    raise InputError(f"table {table} has no column {NAME!r} of the models' names")
                if row[NAME] in made:
                    raise InputError(f"table {table} names the model {row[NAME]!r} twice")
                made[row[NAME]] = {"family": name, **filled(entry, row, table)}
        if taken := sorted(set(made) & set(found)):
            raise InputError(f"the models of {name!r} take the name of model {taken[0]!r}")
        found |= made
    return found
