"""What a spacing profile says: best gap, reach, steric threshold, and the fold of the pair."""

import numpy as np
import scipy

from giaflow.experiments.summaries import chosen
from giaflow.statistics.contrasts import LEVEL, Result
from giaflow.statistics.distance_curves import decay_length, threshold
from giaflow.statistics.estimates import derived
from giaflow.statistics.resampling import bootstrap_means, chosen_on_one_half, max_t


def summarise(settings, contrasts, effects, inference):
    """Rows of every arrangement and target."""
    found = list(_folds(contrasts, effects, inference))
    pairs = chosen(contrasts, "interaction")
    for name in dict.fromkeys(contrasts[k].labels["arrangement"] for k in pairs):
        members = sorted(
            chosen(contrasts, "interaction", arrangement=name),
            key=lambda k: contrasts[k].labels["gap"],
        )
        gaps = np.array([contrasts[k].labels["gap"] for k in members], float)
        labels = {"arm": "pair", "arrangement": name}
        curves = np.stack([effects[k] for k in members], axis=1)
        for t, target in enumerate(inference.targets):
            found += _shape(curves[:, :, t], gaps, labels, target, t, inference)
    if len(pairs) > len(members):
        curves = np.stack([effects[k] for k in pairs], axis=1)
        every = [contrasts[k].labels for k in pairs]
        for t, target in enumerate(inference.targets):
            found += _best(curves[:, :, t], every, "best_arrangement", target, inference)
    return found


def _best(curve, labels, estimand, target, inference):
    """The best of K arrangements (N, K), chosen on one half: its effect on the other, and on it."""
    best, held_out = chosen_on_one_half(curve)
    if len(held_out) < 2:
        return
    kept = {key: labels[best][key] for key in ("arm", "arrangement", "gap")}
    for name, half, how in (
        (estimand, held_out, inference.mean),
        (f"{estimand}_as_chosen", curve[0::2, best], inference.other),
    ):
        values = np.repeat(half[:, None], len(inference.targets), axis=1)
        flags = "" if half is held_out else "winner"
        yield Result(kept, name, how(values), flags=flags, only=target)


def _folds(contrasts, effects, inference):
    """(AB - B + background) / A, 1 without interaction (Avsec et al. 2021, Nat Genet 53:354)."""
    for k in chosen(contrasts, "interaction"):
        labels = contrasts[k].labels
        (a,) = chosen(contrasts, LEVEL, strands=labels["strands"][0])
        value, low, high = inference.ratio(effects[k] + effects[a], effects[a])
        row = derived(len(effects[k]), value, low, high)
        yield Result(labels, "fold", row, "fold", contrasts[k].flags)


def _shape(curve, gaps, labels, target, t, inference):
    """Rows of one profile (N, K) on one target."""
    n, width = len(curve), len(inference.targets)

    def row(estimate, low=np.nan, high=np.nan, p=np.nan):
        return derived(n, *(np.full(width, value) for value in (estimate, low, high, p)))

    yield from _best(
        curve, [{**labels, "gap": int(gap)} for gap in gaps], "best_interaction", target, inference
    )
    one_sided = scipy.stats.t.ppf(inference.confidence, n - 1)
    low = curve.mean(axis=0) - one_sided * curve.std(axis=0, ddof=1) / np.sqrt(n)
    nearest = threshold(low, inference.sesoi[t])
    from_gap = np.nan if nearest is None else gaps[nearest]
    yield Result(labels, "steric_threshold", row(from_gap), "letters", only=target)
    _, p = max_t(curve, inference.rng, inference.confidence)
    if len(gaps) >= 4 and p.min() < 1 - inference.confidence:
        drawn = decay_length(gaps, bootstrap_means(curve, inference.rng, 500))
        tail = (1 - inference.confidence) / 2
        value = decay_length(gaps, curve.mean(axis=0)[None])[0]
        found = row(value, *np.quantile(drawn, [tail, 1 - tail]))
        yield Result(labels, "decay_length", found, "letters", only=target)
