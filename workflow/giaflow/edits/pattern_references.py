"""Letters in a config: written out, or the name of a configured pattern.

A setting of the type `PatternText` takes either. When a study is loaded, names are replaced by the
letters they stand for; a pattern with sampled instances brings its matrix along, so that whatever
draws the letters of that setting draws instances.
"""

from typing import Annotated

import numpy as np
from pydantic import PlainSerializer, PlainValidator, ValidationInfo

from giaflow.base.alphabet import IUPAC
from giaflow.base.checks import InputError, nearest
from giaflow.edits.patterns import check_text


class Letters(str):
    """The consensus of a matrix from which instances are drawn.

    Attributes
    ----------
    matrix : numpy.ndarray
        (W, 4) counts or probabilities, a row for each letter.
    """

    def __new__(cls, text, matrix):
        """A string that carries its matrix."""
        made = super().__new__(cls, text)
        made.matrix = np.asarray(matrix, float)
        return made

    def __eq__(self, other):
        """Equal to the same consensus of the same matrix alone: instances differ from a text."""
        return str.__eq__(self, other) and np.array_equal(
            self.matrix, getattr(other, "matrix", None)
        )

    def __ne__(self, other):
        """The opposite of equal: str has its own."""
        return not self == other

    __hash__ = str.__hash__


def dumped(value):
    """Letters as a JSON value, from which `loaded` makes them again."""
    if isinstance(value, Letters):
        return {"text": str(value), "matrix": value.matrix.tolist()}
    return value


def loaded(value):
    """Letters from what `dumped` made of them."""
    return Letters(**value) if isinstance(value, dict) else value


def _resolve(value, info: ValidationInfo):
    """Letters as they are, or those that the study in the context calls by this name."""
    known = (info.context or {}).get("patterns")
    if known is None:
        # A job gets the settings of a study that was checked.
        value = loaded(value)
    if not isinstance(value, str):
        raise ValueError("letters or the name of a pattern are asked for")
    if not known:
        return value
    if value not in known:
        try:
            check_text(value)
        except InputError as error:
            names = f"patterns with a name are {', '.join(known)}{nearest(value, known)}"
            raise InputError(f"{error}; {names}") from None
        return value
    if not set(value.upper()) - set(IUPAC) and value.upper() != known[value].upper():
        raise InputError(
            f"{value!r} is both letters and the name of a pattern, {known[value]}: give the "
            "pattern another name"
        )
    return known[value]


PatternText = Annotated[
    str, PlainValidator(_resolve, json_schema_input_type=str), PlainSerializer(dumped)
]
"""Letters of a pattern, or the name of one that the study configures."""
