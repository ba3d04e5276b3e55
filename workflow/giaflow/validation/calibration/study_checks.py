"""A study's own designs on a laboratory model, held against the truth by every check."""

import numpy as np
import pandas as pd

from giaflow.base.checks import InputError
from giaflow.base.seeds import generator
from giaflow.statistics.estimates import paired
from giaflow.statistics.resampling import sign_flip
from giaflow.validation.calibration import checks
from giaflow.validation.calibration.repeated_studies import dealt, redrawn, replicate
from giaflow.validation.truth.truth import exact, has_exact

# Letters of the window that is redrawn in experiments without an effect.
WINDOW = 6
# Draws of the sign-flip test.
FLIPS = 999


def calibrate(model, oracle, designs, profile, sesoi, settings, seed):
    """Every check of every design that has an exact truth.

    Parameters
    ----------
    model : giaflow.models.base.Model
        What is run.
    oracle : giaflow.validation.oracles.oracle.Oracle
        What is true; without a link, so that truths are exact.
    designs : list of giaflow.validation.calibration.designs.Design
    profile : numpy.ndarray
        (L, 4) letter probabilities of the backgrounds.
    sesoi : numpy.ndarray
        (T,) smallest effects of interest, in the model's unit.
    settings : giaflow.validation.calibration.settings.Repeats
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
    parts = []
    for design in designs:
        if not has_exact(oracle, design):
            continue
        truth = exact(oracle, design, profile)
        rng = generator(seed, "calibration", oracle.name, design.name)
        found = replicate(
            model, design, truth, profile, settings.n, settings.replicates, sesoi, rng,
            deals=settings.deals,
        )  # fmt: skip
        parts += checks_of(design, found, sesoi, rng)
    parts += nothing(model, oracle.name, profile, sesoi, settings, seed)
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def checks_of(design, found, sesoi, rng):
    """Tables of the checks that suit a design's replicates."""
    silent = ~found.found.se.any(axis=1)
    skewed = np.stack([checks.needed(each) for each in found.measured]) > found.found.n
    parts = [
        checks.verdicts(found.only(~silent), sesoi),
        checks.inert(found.only(silent)),
        checks.bias(found.only(~silent)),
        checks.coverage(found.only(~silent & ~skewed)),
        checks.skewed_coverage(found.only(~silent & skewed), sesoi, rng),
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


def nothing(model, name, profile, sesoi, settings, seed):
    """Tables of the mini-experiments without an effect, one for each target that has a spread.

    The t-test is that of the tables. Signs flip as in any test of a symmetric effect: before and
    after are exchangeable, so that test is exact for every model, however rare the effects.
    """
    start = (len(profile) - WINDOW) // 2
    rng = generator(seed, "calibration", name, "redrawn")
    n = settings.n
    window = slice(start, start + WINDOW)
    effects = redrawn(model, window, profile, n, settings.null_experiments, rng)
    parts = []
    for t, target in enumerate(model.targets):
        each = effects[:, :, [t]]
        if not each.any():
            continue
        label = f"redrawn {window.start}..{window.stop - 1} on {target}"
        pool = np.moveaxis(each, 1, 0).reshape(-1, 1)
        many = dealt(pool, n, rng, settings.deals)
        many = many[:, many.any(axis=(0, 2))]
        first = int(each.any(axis=(0, 2)).sum())
        p = paired(many, sesoi[[t]]).p[:, 0]
        parts.append(checks.type_one_error(label, p, first, rare=checks.needed(pool)[0] > n))
        flipped = sign_flip(many[:, :, 0], rng, FLIPS)
        parts.append(checks.type_one_error(f"{label}, sign flips", flipped, first))
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
