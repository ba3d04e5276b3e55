"""Predictions to importance tables: one row per contrast and target, in one tidy schema."""

import json
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
import scipy

from giaflow.base.alphabet import DNA, SPELLED, in_rna, spelled
from giaflow.statistics.clusters import by_cluster
from giaflow.statistics.contrasts import BACKGROUND, EFFECT, LEVEL, Contrast, rows_of, weigh
from giaflow.statistics.estimates import adjust, derived, silence_noise, unjudged
from giaflow.statistics.resampling import max_t

# Every table of every experiment has these columns; an experiment's own labels follow `condition`.
CORE = (
    "study", "model", "target", "unit", "null", "experiment", "estimand", "causal", "condition",
    "n", "clusters", "estimate", "se", "ci_low", "ci_high", "band_low", "band_high", "p", "p_sweep",
    "q", "verdict", "sesoi", "mde", "d_z", "positive", "in_sd", "control_pct", "flags",
)  # fmt: skip
_FOUND = ("estimate", "se", "ci_low", "ci_high", "p", "verdict", "mde", "d_z")

# Share of a contrast's weight: one arm of a pair reaches it, one of twenty scrambled controls not.
FAR = 0.25


def effects(contrast, predictions, baseline, changed=None):
    """Per-background values (n, T) of a contrast, float noise set to zero."""
    total = weigh(contrast, predictions, baseline, changed)
    beside = weigh(Contrast({}, {BACKGROUND: 1.0}, LEVEL), predictions, baseline)
    return silence_noise(total, beside[rows_of(contrast, len(baseline), changed)])


def _bands(contrasts, measured, inference):
    """Band half-widths in standard errors and sweep-wide p-values (K, T); nan outside sweeps."""
    found = np.full((2, len(contrasts), len(inference.sesoi)), np.nan)
    sweeps = dict.fromkeys((c.estimand, c.sweep) for c in contrasts if c.sweep)
    for sweep in sweeps:
        members = [k for k, c in enumerate(contrasts) if (c.estimand, c.sweep) == sweep]
        together = np.stack([measured[k] for k in members], axis=1)
        for t in range(len(inference.sesoi)):
            width, p = max_t(together[:, :, t], inference.rng, inference.confidence)
            found[0, members, t], found[1, members, t] = width, p
    return found


@dataclass(frozen=True)
class Identity:
    """Names of what a table was made with; each is a column of it."""

    study: str = ""
    model: str = ""
    null: str = ""
    experiment: str = ""


def effect_table(
    contrasts, predictions, inference, identity, summarise=None, correction="bh", *,
    extrapolates=None, spread=None, given=False,
):  # fmt: skip
    """Estimate every contrast on every target.

    Parameters
    ----------
    contrasts : list of giaflow.statistics.contrasts.Contrast
    predictions : giaflow.statistics.predictions.Predictions
    inference : giaflow.statistics.verdicts.Inference
        Smallest effects of interest, confidence, and the generator of bands and bootstraps.
    identity : Identity
    summarise : callable, optional
        Per-contrast effects (list of (N, T)) and inference -> list of
        `giaflow.statistics.contrasts.Result`.
    correction : {"bh", "by", "holm"}
        How q is computed over the family: the rows of one estimand.
    extrapolates : numpy.ndarray, optional
        (C, T) bool: conditions that bring predictions beyond those of real sequences; a contrast
        of which they carry a share of `FAR` is flagged ``extrapolates``.
    spread : numpy.ndarray, optional
        (T,) standard deviation of predictions on real sequences, for the column ``in_sd``.
    given : bool
        Whether the backgrounds are given sequences, not draws: then effects are individual ones.

    Returns
    -------
    pandas.DataFrame
        Columns `CORE` and the experiment's labels. Rows are flagged ``conditioned`` where the
        backgrounds were chosen by a value, which changes the estimand, and ``capped`` where they
        miss the precision that was asked for.
    """
    baseline, changed, clusters = predictions.baseline, predictions.changed, predictions.clusters
    half_width, conditioned = predictions.half_width, bool(predictions.conditioning)
    identity = {
        **asdict(identity),
        "targets": predictions.targets,
        "unit": predictions.unit,
        "spread": spread,
    }
    measured = [predictions.effects(contrast) for contrast in contrasts]
    positive = [(each > 0).sum(axis=0) / max(len(each), 1) for each in measured]
    total = [len(each) for each in measured]
    if clusters is not None:
        rows_used = [rows_of(contrast, len(baseline), changed) for contrast in contrasts]
        pairs = zip(measured, rows_used, strict=True)
        measured = [by_cluster(each, clusters[rows]) for each, rows in pairs]
    widths, p_sweep = _bands(contrasts, measured, inference)
    shown = [k for k, contrast in enumerate(contrasts) if contrast.row]
    estimates = dict(zip(shown, inference.means([measured[k] for k in shown]), strict=True))
    rows = []
    for k in shown:
        contrast, found = contrasts[k], estimates[k]
        if found.n < 2 and not contrast.first:
            # One background is a value only where a single sequence is asked about.
            found = derived(found.n, *[np.full(len(inference.sesoi), np.nan)] * 3)
        if contrast.unit or contrast.estimand == LEVEL:
            found = unjudged(found)
        if contrast.estimand == LEVEL:
            found = replace(found, p=np.full_like(found.p, np.nan))
        own = {
            "n": np.full(len(inference.sesoi), total[k]),
            "causal": np.full(len(inference.sesoi), _causal(contrast, given, found.n)),
            "positive": positive[k],
            "band_low": found.estimate - widths[k] * found.se,
            "band_high": found.estimate + widths[k] * found.se,
            "p_sweep": p_sweep[k],
        }
        unit = {"unit": contrast.unit or identity["unit"]}
        flags = {"extrapolates": _extrapolated(contrast, extrapolates), "conditioned": conditioned}
        if half_width is not None and found.n > 1 and not contrast.unit:
            flags["capped"] = _half(found, inference) > half_width
        rows += _rows(contrast, found, identity | unit, inference.sesoi, flags, own)
    share = len(baseline) / (len(baseline) if clusters is None else len(np.unique(clusters)))
    for result in summarise(measured, inference) if summarise else ():
        unit = {"unit": result.unit or identity["unit"]}
        flags = {"conditioned": conditioned}
        # A summary may use some of the clusters: of the backgrounds it has as large a share.
        n = round(result.found.n * share) if result.n is None else result.n
        own = {"n": np.full(len(inference.sesoi), n)}
        rows += _rows(result, result.found, identity | unit, inference.sesoi, flags, own)
    table = pd.DataFrame(rows, columns=_columns(rows))
    table["q"] = table.groupby("estimand")["p"].transform(lambda p: adjust(p, correction))
    return table


def _causal(contrast, given, n):
    """Name of a contrast in the language of interventions; of given sequences individual ones."""
    if given and contrast.causal:
        return "ICE" if n == 1 else "mean ICE"
    return contrast.causal


def _half(found, inference):
    """Half-width (T,) of the t interval, by which runs are stopped."""
    return scipy.stats.t.ppf((1 + inference.confidence) / 2, found.n - 1) * found.se


def _extrapolated(contrast, extrapolates):
    """Whether conditions that extrapolate carry much of a contrast: (T,) bool, False if unknown."""
    if extrapolates is None:
        return False
    read = {index: abs(w) for index, w in contrast.weights.items() if index != BACKGROUND}
    share = np.array(list(read.values())) @ extrapolates[list(read)] / sum(read.values())
    return share >= FAR


def _rows(source, found, identity, sesoi, flags, own):
    """The rows of one contrast or result, a row a target; `flags` are raised for all or (T,).

    `own` maps columns to (T,) values.
    """
    flags = {"rare": found.rare, **flags}
    raised = {key: np.broadcast_to(value, len(sesoi)) for key, value in flags.items()}
    for t, target in enumerate(identity["targets"]):
        if getattr(source, "only", "") not in ("", target):
            continue
        told = [source.flags, "inert" if found.verdict[t] == "inert" else ""]
        told += [key for key, value in raised.items() if value[t]]
        told.append("too_few" if found.n < 2 else "")
        spread = np.nan if identity["spread"] is None else identity["spread"][t] or np.nan
        sized = not source.unit and source.estimand != LEVEL
        yield {
            **{key: identity[key] for key in ("study", "model")},
            "target": target,
            **{key: identity[key] for key in ("unit", "null", "experiment")},
            "estimand": source.estimand,
            "condition": json.dumps(source.labels),
            **source.labels,
            "clusters": found.n,
            **{key: getattr(found, key)[t] for key in _FOUND},
            **{key: values[t] for key, values in own.items()},
            "sesoi": np.nan if source.unit else sesoi[t],
            "in_sd": found.estimate[t] / spread if sized else np.nan,
            "control_pct": np.nan,
            "flags": ", ".join(filter(None, told)),
        }


def _columns(rows):
    """Core columns with the experiment's own after `condition`, in order of appearance."""
    own = list(dict.fromkeys(key for row in rows for key in row if key not in CORE))
    after = CORE.index("condition") + 1
    return [*CORE[:after], *own, *CORE[after:]]


def add_control(table, unit, controls):
    """Fill ``control_pct``: the estimate as a percentage of the target's positive control.

    Parameters
    ----------
    table : pandas.DataFrame
        From `effect_table`.
    unit : str
        The model's: rows in another unit have no percentage.
    controls : dict of str to float
        Target to the effect of its positive control, from `giaflow.experiments.positive_controls`.
    """
    sized = (table["unit"] == unit) & (table["estimand"] != LEVEL)
    whole = table["target"].map(controls).where(sized).astype(float)
    return table.assign(control_pct=100 * table["estimate"] / whole)


def spelled_table(table, alphabet):
    """The table with letters as the alphabet writes them: U in RNA."""
    if alphabet == DNA:
        return table
    columns = {
        key: [in_rna(key, each) if isinstance(each, str) else each for each in table[key]]
        for key in (*SPELLED, "arm", "variant")
        if key in table
    }
    conditions = [json.dumps(spelled(json.loads(text), alphabet)) for text in table["condition"]]
    return table.assign(**columns, condition=conditions)


def split(table):
    """The rows of importance.tsv (estimand ``global_importance``) and those of contrasts.tsv."""
    simple = table["estimand"] == EFFECT
    return table[simple].reset_index(drop=True), table[~simple].reset_index(drop=True)
