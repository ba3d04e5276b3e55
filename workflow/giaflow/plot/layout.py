"""What the figures of effects share: rows of panels, names, units, colours and the legend."""

import numpy as np

from giaflow.plot.theme import PALETTE

# Inches of a letter.
LETTER = 0.075
# A label beside a panel has room for so many letters.
BESIDE = 28
# Panels side by side.
WIDE = 4


def words(estimand):
    """An estimand's name as a label says it."""
    return estimand.replace("_", " ")


def labelled(word, unit):
    """A label beside a panel, in two lines where one is longer than the panel is tall."""
    label = word if unit == word else f"{word} ({unit})"
    return label if len(label) <= BESIDE else f"{word}\n({unit})"


def targets_of(parts):
    """The targets of a figure's first table, in its order."""
    return list(dict.fromkeys(parts[0][0]["target"]))


def arranged(parts, targets):
    """What each row of panels shows: an estimand's table and word, and at most `WIDE` targets."""
    chunks = [targets[i : i + WIDE] for i in range(0, len(targets), WIDE)]
    return [(*part, chunk) for part in parts for chunk in chunks]


def spare(axes, rows):
    """Hide the panels beyond each row's last target; the lowest panel (C,) of every column."""
    lowest = {}
    for line, (*_, chunk) in zip(axes, rows, strict=True):
        for column, axis in enumerate(line):
            if column < len(chunk):
                lowest[column] = axis
            else:
                axis.set_axis_off()
    return list(lowest.values())


def unit_of(table):
    """The unit of a table's estimates."""
    return table["unit"].iloc[0]


def colours_of(tables, hue):
    """One colour for each value of a column, the same in every panel."""
    values = dict.fromkeys(value for table in tables for value in table[hue].dropna())
    # A pair is what a spacing scan is about: it has the first colour wherever it is listed.
    ordered = sorted(values, key=lambda value: value != "pair")
    return {value: PALETTE[i % len(PALETTE)] for i, value in enumerate(ordered)}


def interval_of(group):
    """How far each interval reaches below and above its estimate: (2, N)."""
    return np.abs(group[["ci_low", "ci_high"]].sub(group["estimate"], axis=0).to_numpy().T)


def shade_sesoi(span, rows):
    """A band of effects too small to matter."""
    size = rows["sesoi"].max()
    if np.isfinite(size):
        span(-size, size, color="0.93", lw=0, zorder=-1)


def legend_below(figure, axes, hue):
    """The labels of all panels below them, if there are several; numbers are told what they are."""
    found = {}
    for axis in axes.flat:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            found.setdefault(str(label), handle)
    if len(found) < 2:
        return
    width, tall = figure.get_size_inches()
    columns = min(len(found), 4, max(1, int(width / (0.6 + LETTER * max(map(len, found))))))
    # Further lines of it take nothing from the panels.
    figure.set_size_inches(width, tall + 0.25 * ((len(found) - 1) // columns))
    figure.legend(
        found.values(), found.keys(), loc="outside lower center", ncols=columns,
        frameon=False, title=hue if all(label.isdigit() for label in found) else None,
    )  # fmt: skip
