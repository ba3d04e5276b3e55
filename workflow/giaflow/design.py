"""The vocabulary of designs: contrasts between conditions, and how a result is drawn."""

from dataclasses import dataclass

# Stands for the unedited background in a contrast.
BACKGROUND = -1

EFFECT = "global_importance"


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of conditions on the same backgrounds, averaged over backgrounds.

    Attributes
    ----------
    labels : dict
        Column names and JSON values of its row; every contrast of a design has the same columns.
    weights : dict of int to float
        Index of a condition (or `BACKGROUND`) to its weight; weights add up to 0.
    estimand : str
        What is estimated: ``global_importance`` (condition minus background), ``interaction``
        (AB - A - B + background), ``specific_importance`` (pattern minus its scrambled controls).
    """

    labels: dict
    weights: dict
    estimand: str = EFFECT

    def __post_init__(self):
        if abs(sum(self.weights.values())) > 1e-9:
            raise ValueError(f"the weights of a contrast must add up to 0, got {self.weights}")


def effect(index, labels):
    """The contrast of one condition with the background."""
    return Contrast(labels, {index: 1.0, BACKGROUND: -1.0})


@dataclass(frozen=True)
class Figure:
    """How a result table is drawn.

    Attributes
    ----------
    kind : {"forest", "profile"}
        Estimates by name, or along a number.
    x : str
        Column of the names or the number.
    x_label : str
        With its unit.
    hue : str
        Column whose values get colours or markers.
    estimand : str
        Which rows are drawn.
    """

    kind: str
    x: str
    x_label: str
    hue: str
    estimand: str = EFFECT
