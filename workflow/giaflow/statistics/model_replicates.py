"""Several models of one network: how much an effect changes when the network is trained again.

An interval over backgrounds says nothing about that. The second level is the model: each gives
one estimate, and their mean has a t interval with M - 1 degrees of freedom.
"""

import numpy as np
import pandas as pd
import scipy

from giaflow.statistics.estimates import paired

_KEYS = ["target", "unit", "null", "experiment", "estimand", "causal", "condition"]
COLUMNS = (
    "study", "group", *_KEYS, "models", "estimate", "sd_models", "se", "ci_low", "ci_high", "p",
    "same_sign", "monte_carlo_se", "monte_carlo_low", "monte_carlo_high", "verdict", "sesoi",
)  # fmt: skip


def compare_models(table, groups, confidence=0.95):
    """The mean of each condition's estimates over the models of a group.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of `giaflow.statistics.effect_tables.CORE` of all models.
    groups : dict of str to list of str
        Group to its models.
    confidence : float
        Of both intervals.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: a row for each condition that at least two models of a group have, and
        whose value is a mean effect. `ci_low` and `ci_high` are the interval over models.
        `monte_carlo_low` and `monte_carlo_high` hold what chance draws of backgrounds leave open
        for these very models: models share backgrounds, so the errors of their estimates do not
        average out, and the standard error of the mean is at most the mean of their own.
    """
    table = table[~table["verdict"].isin(["derived", "masked"])]
    parts = [
        _group(name, table[table["model"].isin(members)], confidence)
        for name, members in groups.items()
    ]
    rows = [part for part in parts if len(part)]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(COLUMNS))


def _group(name, rows, confidence):
    """The rows of one group: conditions that have as many models are estimated at once."""
    parts = []
    keyed = rows.groupby(_KEYS, sort=False, dropna=False)
    counted = keyed["model"].transform("count")
    for models, some in rows.groupby(counted, sort=False):
        if models < 2:
            continue
        order = some.groupby(_KEYS, sort=False, dropna=False).ngroup()
        some = some.iloc[np.argsort(order, kind="stable")]
        # One column a condition, one row a model.
        values = {
            key: some[key].to_numpy(float).reshape(-1, models).T
            for key in ("estimate", "se", "sesoi")
        }
        found = paired(values["estimate"], values["sesoi"].mean(axis=0), confidence)
        error = values["se"].mean(axis=0)
        half = scipy.stats.norm.ppf((1 + confidence) / 2) * error
        ahead = (np.sign(values["estimate"]) == np.sign(found.estimate)).mean(axis=0)
        part = some.iloc[::models][["study", *_KEYS]].reset_index(drop=True)
        parts.append(part.assign(
            group=name,
            models=models,
            estimate=found.estimate,
            sd_models=found.se * np.sqrt(models),
            se=found.se,
            ci_low=found.ci_low,
            ci_high=found.ci_high,
            p=found.p,
            same_sign=ahead,
            monte_carlo_se=error,
            monte_carlo_low=found.estimate - half,
            monte_carlo_high=found.estimate + half,
            verdict=found.verdict,
            sesoi=values["sesoi"].mean(axis=0),
        ))  # fmt: skip
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)] if parts else pd.DataFrame()
