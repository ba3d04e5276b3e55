"""What a network learned from measurements of a laboratory model, against what is true."""

import json

import numpy as np
from scipy import stats as scipy_stats

from giaflow.base.alphabet import one_hot
from giaflow.validation.calibration.checks import table
from giaflow.validation.oracles.linear_forms import other_strand

# Held-out correlation with the noisy values.
FIT = 0.95
# Area under the ROC curve of planted sites by centred ISM.
SITES = 0.95
# Correlation of a found matrix with the motif's own.
RECOVERED = 0.9
# Correlation of the network's effects with the true ones: our own mark, the specification has none.
EFFECTS = 0.9


def fit(performance):
    """Marks of the held-out correlation of each target (columns ``target``, ``r``)."""
    rows = [("held-out r", row.target, row.r, FIT, 1.0) for row in performance.itertuples()]
    return table(rows)


def model_error(name, found, true, target, control):
    """How far a network's effects are from the true ones: the model's own error.

    Parameters
    ----------
    name : str
        Of the experiment.
    found, true : numpy.ndarray
        (K,) effects in the model's unit.
    target : str
    control : float
        True effect of the strongest motif, the unit of the error.
    """
    label = f"{name} on {target}, {len(true)} effects"
    error = np.sqrt(np.mean((found - true) ** 2)) / abs(control)
    rows = [("model error, share of the strongest motif", label, error, 0.0, np.inf)]
    if len(true) > 2:
        r = scipy_stats.pearsonr(found, true).statistic
        rows.append(("effects, r with the truth", label, r, EFFECTS, 1.0))
    return table(rows)


def matched(rows, design, truth, target, t):
    """Estimates of a study's tables and true values (K, 2) of the contrasts of a design."""
    ordered = [json.dumps(json.loads(text), sort_keys=True) for text in rows["condition"]]
    found = rows.assign(condition=ordered).set_index(["estimand", "condition", "target"])
    return np.array(
        [
            (
                found.loc[(c.estimand, json.dumps(c.labels, sort_keys=True), target), "estimate"],
                truth[k, t],
            )
            for k, c in enumerate(design.contrasts)
        ]
    )


def planted_positions(sites, rows, length, motifs):
    """Which letters belong to planted sites, and which count at all.

    Parameters
    ----------
    sites : pandas.DataFrame
        From `simulation.planted`.
    rows : numpy.ndarray
        (N,) row of each attributed sequence in its set.
    length : int
    motifs : set of str
        Those that act on the target; the sites of others, and the stems around sites, count
        neither way.

    Returns
    -------
    inside, counts : numpy.ndarray
        (N, L) bool.
    """
    inside = np.zeros((len(rows), length), bool)
    counts = np.ones((len(rows), length), bool)
    place = {row: i for i, row in enumerate(rows)}
    for site in sites[sites["sequence"].isin(place)].to_dict("records"):
        i, body = place[site["sequence"]], slice(site["start"], site["end"])
        counts[i, site["from"] : site["to"]] = False
        if site["motif"] in motifs:
            inside[i, body] = counts[i, body] = True
    return inside, counts


def attribution(method, target, contributions, inside, counts, *, judged):
    """Areas under the ROC and the precision-recall curve of planted letters by contribution.

    One value a sequence that holds a site, averaged (Koo & Ploenzke 2021, Nat Mach Intell 3:258).

    Parameters
    ----------
    method, target : str
    contributions : numpy.ndarray
        (N, L).
    inside, counts : numpy.ndarray
        (N, L) bool, from `planted_positions`.
    judged : bool
        Whether the area under the ROC curve has a mark to pass.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    areas = [
        (roc_auc_score(real[used], scores[used]), average_precision_score(real[used], scores[used]))
        for scores, real, used in zip(contributions, inside, counts, strict=True)
        if real.any()
    ]
    roc, precision = np.mean(areas, axis=0)
    name = f"{method} on {target}, {len(areas)} sequences"
    return table(
        [
            ("planted sites, AUROC", name, roc, SITES if judged else 0.0, 1.0),
            ("planted sites, AUPR", name, precision, 0.0, 1.0),
        ]
    )


def recovery(motif, matrices):
    """The best correlation of found letter counts with the rows of a motif.

    Parameters
    ----------
    motif : giaflow.validation.oracles.oracle.Motif
    matrices : list of numpy.ndarray
        (w, 4) counts of found patterns; letters beyond a pattern's ends count as unknown.
    """
    wanted = motif.rows / motif.rows.sum(axis=1, keepdims=True)
    turned = [wanted] if motif.strands == "+" else [wanted, other_strand(wanted)]
    best = 0.0
    for counts in matrices:
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        padded = np.pad(shares, ((len(wanted) - 1,) * 2, (0, 0)), constant_values=0.25)
        for start in range(len(padded) - len(wanted) + 1):
            window = padded[start : start + len(wanted)].ravel()
            if window.std() > 0:
                found = [np.corrcoef(window, rows.ravel())[0, 1] for rows in turned]
                best = max(best, *found)
    return table([("TF-MoDISco, correlation with the motif", motif.name, best, RECOVERED, 1.0)])


def contributions_of(codes, scores):
    """Contributions (N, L) of the observed letters: scores (N, L, 4) at codes (N, L)."""
    return (one_hot(codes) * scores).sum(axis=2)
