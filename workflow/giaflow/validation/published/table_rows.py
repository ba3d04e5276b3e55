"""One row of a table, picked by columns and by labels of its conditions."""

import json
import math
import re

import numpy as np
import pandas as pd

from giaflow.base.checks import InputError, nearest

# Rows compete with those of the same experiment, for "the strongest word".
_CONTEST = ["model", "null", "target", "experiment", "estimand"]
# So many values are named where a selection fails.
_SHOWN = 5


class Selectable:
    """A table whose rows can be picked; labels of conditions are columns too.

    ``rank`` and ``rank_from_below`` are columns of every table of effects: the place of a row among
    all rows of its experiment, estimand, target and null model; 1 is the largest estimate.

    Parameters
    ----------
    path : str
        What the table is called in messages.
    table : pandas.DataFrame
    """

    def __init__(self, path, table):
        self.path, self.table = path, table.reset_index(drop=True)
        self._found = None

    @property
    def labels(self):
        """Label to its value in each row, of all conditions of the table."""
        if self._found is None:
            has = "condition" in self.table
            rows = [json.loads(text) for text in self.table["condition"]] if has else []
            names = dict.fromkeys(name for row in rows for name in row)
            self._found = {
                name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names
            }
        return self._found

    def column(self, name):
        """Values of a column, of a label, or of the rank within the experiment."""
        if name in self.table:
            return self.table[name]
        if name in self.labels:
            return self.labels[name]
        contest = [key for key in _CONTEST if key in self.table]
        if name in ("rank", "rank_from_below") and contest and "estimate" in self.table:
            groups = self.table.groupby(contest, sort=False, dropna=False)["estimate"]
            return groups.rank(ascending=name != "rank", method="min")
        known = [*self.table, *self.labels]
        raise InputError(
            f"{self.path} has no column or label {name!r}; it has {', '.join(known)}"
            f"{nearest(name, known)}"
        )

    def one(self, select):
        """The one row that a selection picks."""
        kept = np.ones(len(self.table), bool)
        for key, wanted in select.items():
            values = self.column(key)
            found = kept & _equal(values, wanted)
            if not found.any():
                raise InputError(self._none(key, wanted, values[kept]))
            kept = found
        if kept.sum() > 1:
            raise InputError(self._several(select, kept))
        return self.table[kept].iloc[0]

    def value(self, row, name):
        """The number that a row has in a column."""
        value = self.column(name)[row.name]
        try:
            return float(value)
        except (TypeError, ValueError):
            raise InputError(f"column {name!r} of {self.path} has {value!r}, no number") from None

    def _none(self, key, wanted, values):
        known = [_text(value) for value in pd.unique(values) if not _missing(value)]
        if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
            numbers = pd.to_numeric(pd.Series(known, dtype=object), errors="coerce")
            known = [known[i] for i in (numbers - wanted).abs().sort_values().index]
        listed = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
        return (
            f"no row of {self.path} has {key} {_text(wanted)!r}; among those selected so far it is "
            f"{listed or 'empty'}{nearest(_text(wanted), known)}"
        )

    def _several(self, select, kept):
        candidates = ["model", "target", "null", "experiment", "estimand", *self.labels]
        for key in candidates:
            if key in select or (key not in self.table and key not in self.labels):
                continue
            values = list(dict.fromkeys(map(_text, self.column(key)[kept])))
            if len(values) > 1:
                shown = ", ".join(values[:_SHOWN])
                return f"select picks {kept.sum()} rows of {self.path}; give {key} too: {shown}"
        return f"select picks {kept.sum()} rows of {self.path}, but must pick one"


def _missing(value):
    return value is None or (isinstance(value, float) and math.isnan(value)) or value == ""


def _text(value):
    return "null" if _missing(value) else f"{value:g}" if isinstance(value, float) else str(value)


def _pattern(wanted):
    """The regular expression of ``{"matches": ...}``, compiled."""
    if list(wanted) != ["matches"] or not isinstance(wanted["matches"], str):
        raise InputError(
            'a value of select is text, a number, true, false, null or {"matches": "a regular '
            f'expression"}}, got {json.dumps(wanted)}'
        )
    try:
        return re.compile(wanted["matches"])
    except re.error as error:
        raise InputError(
            f"{wanted['matches']!r} is not a valid regular expression: {error}"
        ) from None


def _equal(values, wanted):
    """Which values (a Series) are the wanted JSON value, or match its regular expression."""
    if wanted is None:
        return np.array([_missing(value) for value in values], bool)
    if isinstance(wanted, dict):
        return values.astype(str).str.contains(_pattern(wanted)).to_numpy()
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        # Tables are written with six digits.
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
        return np.isclose(numbers, wanted, rtol=1e-5, atol=0)
    return (values.astype(str) == str(wanted)).to_numpy()
