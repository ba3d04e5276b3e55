"""Two-sample tests: a classifier of words or embeddings, and the maximum mean discrepancy.

Classifier: Lopez-Paz & Oquab 2017 (ICLR), with the area under the curve as its statistic.
Discrepancy: Gretton et al. 2012 (J Mach Learn Res 13:723), the unbiased estimate.
"""

import numpy as np
import scipy

from giaflow.base.checks import check_finite
from giaflow.nulls.diagnostics.verdicts import row
from giaflow.sequences.pattern_search import count_words

_FOLDS = 5
_COMPONENTS = 50
# With fewer sequences of either kind there is nothing to train on.
_FEWEST = 2 * _FOLDS
_BANDWIDTHS = (0.5, 1.0, 2.0)


def classifier_rows(null, data, rng, settings):
    """Rows for a classifier of codes (N, L) against (M, L) by their counts of three letters."""
    pair = [_choose(codes, rng, settings) for codes in (null, data)]
    counts = [np.stack([count_words(codes[None], 3) for codes in each]) for each in pair]
    return _auc_rows("3-mers", *counts, rng, settings)


def embedding_rows(null, data, mmd_rng, auc_rng, settings):
    """Rows for embeddings (N, D) and (M, D): discrepancy by bandwidth, and a classifier."""
    for each, what in ((null, "backgrounds"), (data, "data")):
        check_finite(np.asarray(each), f"embeddings of the {what}")
    pair = [_choose(np.asarray(each), mmd_rng, settings) for each in (null, data)]
    rows = _mmd_rows(*pair, mmd_rng, settings)
    return rows + _auc_rows("embeddings", *pair, auc_rng, settings)


def _choose(array, rng, settings):
    """At most `two_sample_sequences` random rows."""
    return array[rng.permutation(len(array))[: settings.two_sample_sequences]]


def standard_components(features):
    """Standardise features (N, D) and turn them into at most 50 principal components (N, C)."""
    features = np.asarray(features, float)
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    left, size, _ = np.linalg.svd(scaled, full_matrices=False)
    return (left * size)[:, :_COMPONENTS]


def area_under_curve(labels, scores):
    """Chance that a member's score is above a non-member's, ties half: labels (N,) 0 or 1."""
    members = labels == 1
    n, m = members.sum(), (~members).sum()
    return (scipy.stats.rankdata(scores)[members].sum() - n * (n + 1) / 2) / (n * m)


def classifier_auc(one, other, rng, permutations):
    """How well a logistic regression tells two samples apart.

    Parameters
    ----------
    one, other : numpy.ndarray
        (N, D) and (M, D) features, at least ten rows each.
    rng : numpy.random.Generator
        Deals the folds and permutes the labels.
    permutations : int
        Permutations behind the p-value.

    Returns
    -------
    auc : float
        Mean area under the curve over five held-out folds.
    p : float
        Share of label permutations, the given labels included, with an area as large.
    """
    # A second to import, and the thresholds of this package are read whenever a study is checked.
    from sklearn import config_context
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    features = standard_components(np.concatenate([one, other]))
    labels = np.repeat([0, 1], [len(one), len(other)])
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=int(rng.integers(2**32)))

    def area(labels):
        found = []
        for train, test in folds.split(features, labels):
            # A loose tolerance: ranks, not coefficients, are wanted.
            model = LogisticRegression(tol=1e-2, max_iter=1_000)
            model.fit(features[train], labels[train])
            found.append(area_under_curve(labels[test], model.decision_function(features[test])))
        return float(np.mean(found))

    # Most of the time would go into scikit-learn checking what is known to be right.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        auc = area(labels)
        as_large = sum(area(rng.permutation(labels)) >= auc for _ in range(permutations))
    return auc, (1 + as_large) / (1 + permutations)


def _auc_rows(detail, one, other, rng, settings):
    limits = (settings.auc_warn, settings.auc_fail)
    if min(len(one), len(other)) < _FEWEST:
        return [row("classifier_auc", f"{detail}: too few sequences", np.nan, *limits)]
    auc, p = classifier_auc(one, other, rng, settings.auc_permutations)
    rows = [row("classifier_auc", detail, auc, *limits)]
    return rows + [row("classifier_p", detail, p)] * (settings.auc_permutations > 0)


def mmd(kernel, members):
    """Unbiased squared discrepancies of groups of a sample.

    Parameters
    ----------
    kernel : numpy.ndarray
        (N, N) symmetric kernel with zeros on its diagonal.
    members : numpy.ndarray
        (N, P) of 0 and 1: each column divides the N rows into two groups of two or more.

    Returns
    -------
    numpy.ndarray
        (P,) squared discrepancy between the two groups of each column.
    """
    members = members.astype(kernel.dtype)
    n = members.sum(axis=0)
    m = len(kernel) - n
    inside = (members * (kernel @ members)).sum(axis=0)
    either = members.T @ kernel.sum(axis=1)
    outside = kernel.sum() - 2 * either + inside
    return inside / (n * (n - 1)) + outside / (m * (m - 1)) - 2 * (either - inside) / (n * m)


def _halves(n, columns, rng):
    """Random divisions (n, columns) of n rows into halves, as 0 and 1."""
    half = np.repeat([1, 0], [n // 2, n - n // 2])
    return rng.permuted(np.tile(half[:, None], columns), axis=0)


def _mmd_rows(one, other, rng, settings):
    if min(len(one), len(other)) < _FEWEST:
        return [row("embedding_mmd", "too few sequences", np.nan, settings.mmd_warn)]
    distance = scipy.spatial.distance.pdist(standard_components(np.concatenate([one, other])))
    middle = np.median(distance)
    n, m = len(one), len(other)
    given = np.repeat([1, 0], [n, m])[:, None]
    permuted = rng.permuted(np.tile(given, settings.mmd_permutations), axis=0)
    halves = _halves(m, settings.splits, rng)
    # The noise of the estimate is in proportion to 1 / n + 1 / m.
    scale = (1 / n + 1 / m) / (1 / (m // 2) + 1 / (m - m // 2))
    rows = []
    for bandwidth in _BANDWIDTHS:
        width = bandwidth * middle if middle > 0 else 1.0
        kernel = scipy.spatial.distance.squareform(np.exp(-((distance / width) ** 2) / 2))
        [found] = mmd(kernel, given)
        noise = scale * np.sqrt(np.mean(mmd(kernel[n:, n:], halves) ** 2))
        p = (1 + np.sum(mmd(kernel, permuted) >= found)) / (1 + settings.mmd_permutations)
        ratio = found / noise if noise > 0 else 0.0
        warn = settings.mmd_warn
        detail = f"bandwidth {bandwidth:g} x median"
        judged = row("embedding_mmd", detail, ratio, warn)
        if p >= settings.mmd_p:
            judged["verdict"] = "ok"
        rows += [judged, row("embedding_mmd_p", detail, p)]
    return rows
