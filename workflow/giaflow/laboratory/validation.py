"""A study's own designs on a laboratory model, held against the truth by every check."""

import numpy as np
import pandas as pd

from giaflow.checks import InputError
from giaflow.laboratory import calibration as checks
from giaflow.laboratory.replicates import redrawn, replicate
from giaflow.laboratory.truth import exact, has_exact
from giaflow.seeds import generator
from giaflow.stats import paired

# Letters of the window that is redrawn in experiments without an effect.
WINDOW = 6
# Probability that right estimates fail any mark of a model.
RISK = 0.01
# If a contrast's standard error itself varies this much, a few rare backgrounds make it up, and
# no interval from its few hundred backgrounds can be trusted.
UNRELIABLE = 0.2


def calibrate(model, oracle, designs, profile, sesoi, settings, seed):
    """Every check of every design that has an exact truth.

    Parameters
    ----------
    model : giaflow.model.base.Model
        What is run.
    oracle : giaflow.laboratory.oracle.Oracle
        What is true; without a link, so that truths are exact.
    designs : list of giaflow.laboratory.designs.Design
    profile : numpy.ndarray
        (L, 4) letter probabilities of the backgrounds.
    sesoi : numpy.ndarray
        (T,) smallest effects of interest, in the model's unit.
    settings : giaflow.laboratory.settings.Repeats
    seed : int
        The study's seed.

    Returns
    -------
    pandas.DataFrame
        Columns of `calibration.COLUMNS`.

    Raises
    ------
    InputError
        If the model has a link.
    """
    if oracle.link is not None:
        raise InputError(f"laboratory model {oracle.name!r} has a link: no truth of it is exact")
    designs = [design for design in designs if has_exact(oracle, design)]
    n, many = settings.n, settings.replicates
    cells = sum(len(design.contrasts) for design in designs) * len(model.targets)
    # Every cell has three marks with a band, and each target of the redrawn window two.
    level = 1 - RISK / (3 * cells + 2 * len(model.targets))
    parts = []
    for design in designs:
        truth = exact(oracle, design, profile)
        rng = generator(seed, "calibration", oracle.name, design.name)
        found = replicate(model, design, truth, profile, n, many, sesoi, rng)
        parts += judge(design, found, sesoi, level)
    parts += _nothing(model, oracle.name, profile, sesoi, settings, level, seed)
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def judge(design, found, sesoi, level):
    """Tables of the checks that suit a design's replicates."""
    se = found.found.se
    silent = ~se.any(axis=1)
    spread = se.std(axis=1) / np.where(silent, 1, se.mean(axis=1))
    rare = spread > UNRELIABLE
    sound = found.only(~silent & ~rare)
    parts = [
        checks.verdicts(found.only(~silent), sesoi),
        checks.inert(found.only(silent)),
        checks.bias(sound, level),
        checks.coverage(sound, level=level),
        checks.power(sound, level=level),
        checks.reported(checks.coverage(found.only(rare)), "{}, rare effects"),
    ]
    pairs = [k for k, c in enumerate(design.contrasts) if c.estimand == "interaction"]
    if len(pairs) > 2:
        name = f"{design.name}: interactions"
        parts.append(checks.profile_error(name, found, pairs, sesoi))
        gaps = [design.contrasts[k].labels.get("gap") for k in pairs]
        if None not in gaps:
            nearest_first = [k for _, k in sorted(zip(gaps, pairs, strict=True))]
            parts.append(checks.threshold(name, found, nearest_first, sesoi))
    return parts


def _nothing(model, name, profile, sesoi, settings, level, seed):
    """Tables of the mini-experiments without an effect, one for each target that has a spread."""
    start = (len(profile) - WINDOW) // 2
    rng = generator(seed, "calibration", name, "redrawn")
    effects = redrawn(
        model, slice(start, start + WINDOW), profile, settings.n, settings.null_experiments, rng
    )
    found = paired(effects, sesoi)
    parts = []
    for t, target in enumerate(model.targets):
        seen = found.verdict[:, t] != "inert"
        if seen.any():
            label = f"redrawn {start}..{start + WINDOW - 1} on {target}"
            se = found.se[seen, t]
            rare = se.std() > UNRELIABLE * se.mean()
            marks = checks.type_one_error(label, found.p[seen, t], level=level, symmetric=not rare)
            parts.append(marks)
    return parts


def check_passed(table):
    """Raise `InputError` that names every failed mark of a gathered table (column ``model``)."""
    failed = table[~table["passed"].astype(bool)]
    if len(failed):
        named = [
            f"{row.model}: {row.check} of {row.design}: {row.value:.4g} is outside "
            f"[{row.low:.4g}, {row.high:.4g}]"
            for row in failed.itertuples()
        ]
        raise InputError(
            f"{len(failed)} of {len(table)} calibration marks failed\n" + "\n".join(named)
        )
