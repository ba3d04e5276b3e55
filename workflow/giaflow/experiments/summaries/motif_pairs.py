"""What pairs of patterns say: folds by distance, periods, and the direction in which they act."""

from itertools import combinations, pairwise

import numpy as np

from giaflow.base.checks import check_name
from giaflow.experiments.summaries import chosen, periodicity, share
from giaflow.statistics.contrasts import LEVEL, Contrast, Result
from giaflow.statistics.distance_curves import harmonic
from giaflow.statistics.estimates import derived
from giaflow.statistics.resampling import bootstrap_means


def summarise(settings, contrasts, effects, inference):
    """Rows ``fold``, ``mean_fold``, ``fold_by_distance``, ``wave``, ``phase``, ``period`` and
    ``direction_index``."""
    for read in settings.targets.values():
        for target in read.values():
            check_name(target, inference.targets, "target")
    scans = _scans(contrasts)
    level = {
        (contrasts[k].labels["centre"], contrasts[k].labels["strands"]): effects[k]
        for k in chosen(contrasts, LEVEL)
    }
    found = []
    for (_, centre, _, strands), members in scans.items():
        for k in members:
            found.append(_fold(contrasts[k], effects[k], level[centre, strands[0]], inference))
        for listed in settings.averages:
            found.append(
                _average(listed, contrasts, effects, members, level[centre, strands[0]], inference)
            )
    pairs = dict.fromkeys(key[:3] for key in scans)
    for pair in pairs:
        found += _classes(
            settings, contrasts, effects, _apart(pair, scans, contrasts), level, inference
        )
    if settings.period is not None:
        for (pair, centre, _, strands), members in scans.items():
            members = [k for k in members if not contrasts[k].flags]
            only = settings.reader(centre, strands[0])
            found += _waves(settings, pair, strands, only, contrasts, effects, members, inference)
    for (_, a, b), (_, c, d) in combinations(pairs, 2):
        if (a, b) == (d, c):
            both = [
                _apart(p, scans, contrasts) for p in ((f"{b} -> {a}", a, b), (f"{a} -> {b}", b, a))
            ]
            found += _direction(settings, a, b, both, contrasts, effects, level, inference)
    return found


def _scans(contrasts):
    """Interactions in order of distance, by (pair, centre, side, strands)."""
    found = {}
    for k in chosen(contrasts, "interaction"):
        labels = contrasts[k].labels
        key = tuple(labels[name] for name in ("pair", "centre", "side", "strands"))
        found.setdefault(key, []).append(k)
    return found


def _apart(pair, scans, contrasts):
    """The interactions of a pair, of every strand, whose patterns share no letters."""
    return [
        k for key, members in scans.items() if key[:3] == pair for k in members
        if not contrasts[k].flags
    ]  # fmt: skip


def _fold(contrast, interaction, level, inference, estimand="fold"):
    """(AB - B + background) / A, 1 without interaction."""
    value, low, high = inference.ratio(interaction + level, level)
    row = derived(len(interaction), value, low, high)
    return Result(contrast.labels, estimand, row, "fold", contrast.flags, contrast.only)


def _average(listed, contrasts, effects, members, level, inference):
    """The mean of the folds of one scan at some distances."""
    here = [k for k in members if contrasts[k].labels["distance"] in listed]
    kept = ("arm", "pair", "centre", "side", "strands")
    first = contrasts[here[0]]
    labels = {key: first.labels[key] for key in kept}
    labels["distances"] = ", ".join(map(str, sorted(listed)))
    interaction = np.mean([effects[k] for k in here], axis=0)
    flags = max(contrasts[k].flags for k in here)
    return _fold(
        Contrast(labels, {}, flags=flags, only=first.only),
        interaction,
        level,
        inference,
        "mean_fold",
    )


def _read(settings, centre, strands, values, inference):
    """Values (N, T) of the target that reads a pattern in the centre, in every column.

    Arms of both strands are averaged, and each has its own target.
    """
    only = settings.reader(centre, strands[0])
    if not only:
        return values
    return np.repeat(values[:, [inference.targets.index(only)]], len(inference.targets), axis=1)


def _arms(settings, members, contrasts, effects, level, inference):
    """Means (N, T) over arms of the interaction and of the level of the pattern in the centre."""
    parts = [], []
    for k in members:
        labels = contrasts[k].labels
        centre, strands = labels["centre"], labels["strands"]
        for part, values in zip(parts, (effects[k], level[centre, strands[0]]), strict=True):
            part.append(_read(settings, centre, strands, values, inference))
    return (np.mean(part, axis=0) for part in parts)


def _named(settings, centre, inference):
    """The target under which rows of both strands are listed; empty for every one."""
    return next(iter(settings.targets.get(centre, {}).values()), "")


def _classes(settings, contrasts, effects, members, level, inference):
    """Folds averaged over distances and strands, by class of distance."""
    distance = np.array([contrasts[k].labels["distance"] for k in members])
    for low, high in pairwise([0, *settings.classes, np.inf]):
        here = [k for k, d in zip(members, distance, strict=True) if low < d <= high]
        if not here:
            continue
        name = f"{low:g} to {high:g}" if np.isfinite(high) else f"beyond {low:g}"
        interaction, alone = _arms(settings, here, contrasts, effects, level, inference)
        labels = {key: contrasts[here[0]].labels[key] for key in ("arm", "pair", "centre", "side")}
        row = share(
            Contrast({**labels, "distances": name}, {}), "fold_by_distance", interaction + alone,
            alone, inference,
        )  # fmt: skip
        only = _named(settings, labels["centre"], inference)
        yield Result(row.labels, row.estimand, row.found, "fold", only=only)


def _waves(settings, pair, strands, only, contrasts, effects, members, inference):
    """The wave in one scan, on the targets that read it."""
    distances = np.array([contrasts[k].labels["distance"] for k in members], float)
    if len(members) < 5 * settings.period:
        return
    curves = np.stack([effects[k] for k in members], axis=1)
    for t, target in enumerate(inference.targets):
        if only not in ("", target):
            continue
        fit = harmonic(
            distances, curves[:, :, t], settings.period, inference.rng, inference.confidence
        )
        labels = {"arm": "pair", "pair": pair, "strands": strands}
        labels["explained"] = round(fit.explained, 4)
        yield from periodicity.rows(fit, labels, target, len(curves), settings.period, inference)


def _direction(settings, a, b, both, contrasts, effects, level, inference):
    """(rA - rB) / (|rA| + |rB|) of the relative interactions where A and where B is read.

    r is the mean interaction over distances and strands, over the level of the pattern that is
    read: 1 if only A gains by B, -1 if only B gains by A. Masked where neither differs from zero.
    """
    if not all(name in settings.targets for name in (a, b)) or not all(both):
        return
    relative = []
    for members in both:
        interaction, alone = _arms(settings, members, contrasts, effects, level, inference)
        relative.append(interaction[:, 0] / alone[:, 0].mean())
    relative, tail = np.stack(relative, axis=1), (1 - inference.confidence) / 2
    se = relative.std(axis=0, ddof=1) / np.sqrt(len(relative))
    values = np.full(3, np.nan)
    if (np.abs(relative.mean(axis=0)) > 2 * se).any():
        drawn = _index(bootstrap_means(relative, inference.rng))
        values = np.array([_index(relative.mean(axis=0)), *np.quantile(drawn, [tail, 1 - tail])])
    row = derived(len(relative), *(np.full(len(inference.targets), value) for value in values))
    labels = {"arm": "pair", "pair": f"{b} -> {a} over {a} -> {b}"}
    yield Result(labels, "direction_index", row, "index", only=_named(settings, a, inference))


def _index(means):
    """The index of means (..., 2)."""
    total = np.maximum(np.abs(means).sum(axis=-1), 1e-300)
    return (means[..., 0] - means[..., 1]) / total
