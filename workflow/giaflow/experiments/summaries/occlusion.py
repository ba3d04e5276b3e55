"""Removal of instances as shares of the total, one at a time, and by distance of pairs."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from giaflow.experiments.summaries import chosen, share
from giaflow.statistics.clusters import by_cluster
from giaflow.statistics.contrasts import INTACT, LEVEL, Contrast, Result, combined
from giaflow.statistics.estimates import derived
from giaflow.statistics.resampling import two_level

BY_SEQUENCE = True


def summarise(settings, contrasts, effects, inference, sequences):
    """Shares of each pattern, the mean over sites, and the classes of distance of each pair."""
    found = []
    for k in chosen(contrasts, "total"):
        name, n = contrasts[k].labels["pattern"], len(sequences.rows(contrasts[k]))
        for part, removed in (("necessity", "one pattern"), ("sufficiency", "all else")):
            (i,) = chosen(contrasts, part, pattern=name, removed=removed)
            found.append(share(contrasts[i], f"{part}_share", effects[i], effects[k], inference, n))
    names = [contrasts[k].labels["pattern"] for k in chosen(contrasts, "site_necessity", site=0)]
    found += [_sites(name, contrasts, inference, sequences) for name in names]
    for k in chosen(contrasts, "interaction"):
        found += _by_distance(settings, contrasts, k, inference, sequences)
    return found


def _sites(name, contrasts, inference, sequences):
    """The mean over sites, each counted once, with a two-level bootstrap interval."""
    members = chosen(contrasts, "site_necessity", pattern=name)
    rows = np.concatenate([sequences.rows(contrasts[k]) for k in members])
    values = np.concatenate([sequences.effects(contrasts[k]) for k in members])
    units = sequences.units(rows)
    n, alpha = len(np.unique(units)), 1 - inference.confidence
    labels = {"pattern": name, "removed": "one site", "sites": len(values)}
    counted = {"n": len(np.unique(rows))}
    if n < 2:
        none = np.full(len(inference.targets), np.nan)
        return Result(labels, "mean_site_necessity", derived(n, none, none, none), **counted)
    drawn = two_level(values, units, inference.rng)
    levels = [alpha / 2, 1 - alpha / 2, alpha, 1 - alpha]
    low, high, low_tost, high_tost = np.quantile(drawn, levels, axis=0)
    verdict = np.select(
        [
            ~values.any(axis=0),
            (low > inference.sesoi) | (high < -inference.sesoi),
            (low_tost > -inference.sesoi) & (high_tost < inference.sesoi),
        ],
        ["inert", "effect", "negligible"],
        default="inconclusive",
    )
    row = derived(n, values.mean(axis=0), low, high)
    row = replace(row, se=drawn.std(axis=0, ddof=1), verdict=verdict)
    return Result(labels, "mean_site_necessity", row, **counted)


def classes(settings, distance):
    """Name, distance or None, and members of classes of distance and of each distance.

    The limits are the settings' ``distances``, and a distance is one by itself that at least
    ``per_distance`` sequences have.
    """
    for low, high in pairwise([0, *settings.distances, np.inf]):
        name = f"{low:g} to {high:g}" if np.isfinite(high) else f"beyond {low:g}"
        members = (distance > low) & (distance <= high)
        if members.any():
            yield name, None, members
    for value in np.unique(distance):
        members = distance == value
        if members.sum() >= settings.per_distance:
            yield "each", float(value), members


def _by_distance(settings, contrasts, k, inference, sequences):
    """Interaction, necessity beside the other and fold of one pair, by distance."""
    name, pair = contrasts[k].labels["pattern"], sequences.effects(contrasts[k])
    # After the cycle of a pair stands, of either pattern, its necessity beside the other.
    arms = []
    for beside in contrasts[k + 1 : k + 3]:
        level = combined((1, INTACT), (-1, beside.weights))
        without = Contrast(beside.labels, level, LEVEL, present=True)
        arms.append((beside.labels, sequences.effects(beside), sequences.effects(without)))
    rows = sequences.rows(contrasts[k])
    for label, value, members in classes(settings, sequences.measures[name][rows]):
        units = sequences.units(rows[members])
        told, counted = {"distances": label, "distance": value}, {"n": len(units)}
        both = {"pattern": name, "removed": "both", **told}
        cycle = by_cluster(pair[members], units)
        yield Result(both, "interaction_by_distance", inference.mean(cycle), **counted)
        for labels, *values in arms:
            beside, level = (by_cluster(each[members], units) for each in values)
            labels = {**labels, **told}
            yield Result(labels, "necessity_by_distance", inference.mean(beside), **counted)
            # (AB - B + background) / A of the pattern A that stays, 1 without interaction.
            stays = {"pattern": labels["beside"], "beside": labels["pattern"]}
            fold = Contrast({**both, **stays}, {})
            found = share(fold, "fold_by_distance", cycle + level, level, inference, **counted)
            yield replace(found, unit="fold")
