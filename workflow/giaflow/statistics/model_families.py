"""What is alike in a family of models: one effect in each of many networks, side by side.

Models of a family learned different things, such as the binding of different proteins, so their
mean does not estimate anything better. A family has a distribution instead: how many of its models
have the effect, and how large it is in each.
"""

import json

import numpy as np
import pandas as pd

# The estimands that are compared, with what a reader calls them. Each is a share of the effect of
# the model's own pattern, so that models of different scales compare.
COMPARED = {
    "fill_bias": "lost by filling a region, share of the pattern's effect",
    "end_bias": "3' minus 5' construct, share of the pattern's effect",
    "additivity_share": "beyond the sum of single copies, share of that sum",
}
COLUMNS = (
    "study", "family", "model", "target", "null", "experiment", "estimand", "condition",
    "estimate", "ci_low", "ci_high", "performance",
)  # fmt: skip
SPREAD = (
    "study", "family", "target", "null", "experiment", "estimand", "condition", "models", "masked",
    "median", "lower_quartile", "upper_quartile", "above", "below",
)  # fmt: skip
# Labels of a condition that name the letters of a model's own pattern.
OWN = {"letters", "pattern"}
_ARM = ["study", "family", "target", "null", "experiment", "estimand", "condition"]


def compare_families(table, families, performance):
    """The compared estimands of every model of a family.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of `giaflow.statistics.effect_tables.CORE` of all models.
    families : dict of str to list of str
        Family to its models.
    performance : pandas.DataFrame
        Columns ``model``, ``target``, ``auc`` and ``r``: how well a trained model learned.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, with nan where a ratio is masked. The condition is without the letters
        that differ between models.
    """
    member = {model: family for family, models in families.items() for model in models}
    rows = table[table["estimand"].isin(COMPARED) & table["model"].isin(member)].copy()
    rows["family"] = rows["model"].map(member)
    rows["condition"] = [_shared(text) for text in rows["condition"]]
    learned = performance.assign(performance=performance["r"].fillna(performance["auc"]))
    learned = learned[["model", "target", "performance"]]
    return rows.merge(learned, on=["model", "target"], how="left")[list(COLUMNS)]


def _shared(condition):
    """A condition without what a model's own pattern puts into it."""
    labels = {key: value for key, value in json.loads(condition).items() if key not in OWN}
    return json.dumps(labels, sort_keys=True)


def spread(rows):
    """Median, quartiles and numbers of models of each compared arm.

    Parameters
    ----------
    rows : pandas.DataFrame
        As `compare_families` returns them.

    Returns
    -------
    pandas.DataFrame
        Columns `SPREAD`; ``above`` and ``below`` count models whose interval leaves zero on that
        side, ``masked`` those whose pattern has no clear effect.
    """
    found = []
    for key, arm in rows.groupby(_ARM, sort=False, dropna=False):
        known = arm[arm["estimate"].notna()]
        low, middle, high = (
            known["estimate"].quantile([0.25, 0.5, 0.75]) if len(known) else [np.nan] * 3
        )
        above, below = (known["ci_low"] > 0).sum(), (known["ci_high"] < 0).sum()
        counts = (len(arm), len(arm) - len(known))
        found.append((*key, *counts, middle, low, high, above, below))
    return pd.DataFrame(found, columns=list(SPREAD))
