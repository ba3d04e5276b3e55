"""One look for all figures: colour-blind palette, small fonts, no chart junk."""

import textwrap

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import seaborn as sns

PALETTE = sns.color_palette("colorblind")
GREY = "0.45"
# Letter colours that differ in lightness too: A green, C blue, G orange, T and U red-violet.
LETTERS = {"A": "#009E73", "C": "#0072B2", "G": "#E69F00", "T": "#CC3377", "U": "#CC3377"}


def use_theme():
    """Set the style of all figures that follow; text in SVG stays text, equal input equal bytes."""
    sns.set_theme(
        context="paper",
        style="ticks",
        palette=PALETTE,
        rc={
            "font.size": 9,
            "axes.titlesize": 10,
            "axes.labelsize": 9,
            "svg.fonttype": "none",
            "svg.hashsalt": "giaflow",
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
        },
    )


def panels(rows, columns, width, height, **options):
    """A figure of rows x columns panels, each `width` x `height` inches; axes as a 2-D array."""
    use_theme()
    figure, axes = plt.subplots(
        rows, columns, figsize=(width * columns, height * rows), squeeze=False, **options
    )
    # Or pyplot would keep every figure that a job of many runs draws.
    plt.close(figure)
    return figure, axes


def wrapped(count, across, width, height, **options):
    """As `panels`, `count` of them in rows of `across`; what the last row has beyond is hidden."""
    across = min(across, count)
    figure, axes = panels(-(-count // across), across, width, height, **options)
    for axis in axes.flat[count:]:
        axis.set_axis_off()
    return figure, axes


def empty(message):
    """A figure that says why there is nothing to draw."""
    figure, axes = panels(1, 1, 5, 1.2)
    axes[0, 0].text(0.5, 0.5, textwrap.fill(message, 60), ha="center", va="center")
    axes[0, 0].set_axis_off()
    return figure
