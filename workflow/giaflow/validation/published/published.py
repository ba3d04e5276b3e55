"""Published numbers and known answers beside a study's own: which row each one is, and whether
ours lies where it must.

A row names one of the study's tables, the one row of it that answers (``select``: a column, or a
label of the condition, to its value) and the column to read. ``low`` and ``high`` bound ours, and
``above`` names other rows that ours must exceed; without any of them a row is shown, not judged.
"""

import json
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from giaflow.base.checks import InputError, check_name
from giaflow.validation.published.table_rows import Selectable

COLUMNS = (
    "number", "where", "published", "table", "select", "column", "low", "high", "above", "why",
)  # fmt: skip
# Columns whose interval stands in ci_low and ci_high.
_WITH_INTERVAL = ("estimate", "auc", "r")


@dataclass(frozen=True)
class Number:
    """One published number or known answer, as written in the table."""

    number: str
    where: str
    published: float
    table: str
    select: dict
    column: str
    low: float
    high: float
    above: tuple
    why: str
    place: str
    """File and line, for messages."""


def parse_published(records, known):
    """Check the rows of a table of published numbers, before anything is computed.

    Parameters
    ----------
    records : list of (str, dict)
        File and line, and the texts of the row by column (`COLUMNS`).
    known : collection of str
        Tables that the study makes, below results/.

    Returns
    -------
    list of Number

    Raises
    ------
    InputError
        One line per mistake: file and line, what is wrong, what is allowed.
    """
    numbers, faults = [], []
    for place, row in records:
        try:
            numbers.append(_parse(place, row, known))
        except InputError as error:
            faults.append(f"{place}: {error}")
    seen = {}
    for each in numbers:
        if each.number in seen:
            faults.append(
                f"{each.place}: the number {each.number!r} is given again, first at "
                f"{seen[each.number]}"
            )
        seen.setdefault(each.number, each.place)
    given = [row["number"] for _, row in records]
    for each in numbers:
        for other in each.above:
            try:
                check_name(other, [name for name in given if name != each.number], "above")
            except InputError as error:
                faults.append(f"{each.place}: {error}")
    if faults:
        raise InputError("\n".join(faults))
    return numbers


def _parse(place, row, known):
    if not row["number"]:
        raise InputError("number is empty; give the row a short name")
    check_name(row["table"], known, "table")
    try:
        select = json.loads(row["select"])
    except json.JSONDecodeError as error:
        raise InputError(f"select is no JSON ({error}), got {row['select']!r}") from None
    if not isinstance(select, dict) or not select:
        raise InputError(f'select must be like {{"pattern": "MARE"}}, got {row["select"]!r}')
    limits = {key: _float(key, row[key]) for key in ("published", "low", "high")}
    if limits["low"] > limits["high"]:
        raise InputError(f"low {row['low']} is above high {row['high']}")
    above = tuple(name.strip() for name in row["above"].split(",") if name.strip())
    column = row["column"] or "estimate"
    return Number(
        row["number"], row["where"], table=row["table"], select=select, column=column, above=above,
        why=row["why"], place=place, **limits,
    )  # fmt: skip


def _float(key, text):
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{key} must be a number or empty, got {text!r}")
    return value


def compare_published(numbers, tables):
    """The study's own value beside each published one.

    Parameters
    ----------
    numbers : list of Number
    tables : dict of str to pandas.DataFrame
        Tables of the study by path below results/.

    Returns
    -------
    pandas.DataFrame
        Columns ``number``, ``where``, ``published``, ``ours``, ``ci_low``, ``ci_high``, ``unit``,
        ``low``, ``high``, ``above``, ``passed`` ("yes", "no", or "" if not judged), ``fault``,
        ``group``, ``table``, ``column``, ``select``, ``why``.

    Raises
    ------
    InputError
        If a column is unknown, or a selection has no row or several.
    """
    opened = {path: Selectable(path, table) for path, table in tables.items()}
    rows = [_answer(each, opened[each.table]) for each in numbers]
    ours = {row["number"]: row["ours"] for row in rows}
    for each, row in zip(numbers, rows, strict=True):
        row["passed"], row["fault"] = _judge(each, row["ours"], ours)
    columns = ["number", "where", "published", "ours", "ci_low", "ci_high", "unit", "low", "high"]
    columns += ["above", "passed", "fault", "group", "table", "column", "select", "why"]
    return pd.DataFrame(rows, columns=columns)


def failures(table):
    """One sentence for each row of `compare_published` that failed."""
    failed = table[table["passed"] == "no"]
    return [f"{row.number} ({row.where}): {row.fault}" for row in failed.itertuples()]


def _answer(each, table):
    try:
        row = table.one(each.select)
        value = table.value(row, each.column)
    except InputError as error:
        raise InputError(f"{each.place}: {each.number}: {error}") from None
    interval = each.column in _WITH_INTERVAL
    unit = str(row.get("unit", "")) if each.column == "estimate" else each.column
    return {
        "number": each.number, "where": each.where, "published": each.published, "ours": value,
        "ci_low": row.get("ci_low", np.nan) if interval else np.nan,
        "ci_high": row.get("ci_high", np.nan) if interval else np.nan,
        "unit": unit.replace("_", " "), "low": each.low, "high": each.high,
        "above": ", ".join(each.above),
        "group": str(row.get("experiment", each.table.rpartition("/")[2].removesuffix(".tsv"))),
        "table": each.table, "column": each.column, "select": json.dumps(each.select),
        "why": each.why,
    }  # fmt: skip


def _judge(each, value, ours):
    """Whether ours lies where it must, and if not, why."""
    faults = []
    if value < each.low or value > each.high:
        ends = [f"{end:.4g}" if math.isfinite(end) else "" for end in (each.low, each.high)]
        side = "outside [{}, {}]" if all(ends) else ("below {}{}" if ends[0] else "above {}{}")
        faults.append(f"{value:.4g} is {side.format(*ends)}")
    faults += [
        f"{value:.4g} does not exceed {other} ({ours[other]:.4g})"
        for other in each.above
        if not value > ours[other]
    ]
    judged = bool(each.above) or math.isfinite(each.low) or math.isfinite(each.high)
    if judged and math.isnan(value):
        faults = ["ours is masked or missing"]
    return ("no" if faults else "yes") if judged else "", "; ".join(faults)
