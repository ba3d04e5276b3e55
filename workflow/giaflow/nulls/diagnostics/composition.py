"""Words of k letters: divergence in excess of noise, the most telling words, CpG."""

import numpy as np
import pandas as pd

from giaflow.base.alphabet import decode
from giaflow.nulls.diagnostics.verdicts import row
from giaflow.sequences.pattern_search import count_words, words

# Divergences of longer words are mostly noise at the usual sizes: they inform only.
_JUDGED_K = 3


def jensen_shannon(one, other):
    """Jensen-Shannon divergence in bits, 0..1, of two arrays of counts; 0 if either is empty."""
    if not one.sum() or not other.sum():
        return 0.0
    p, q = one / one.sum(), other / other.sum()
    middle = (p + q) / 2
    parts = (
        np.sum(x * np.log2(np.where(x > 0, x / np.where(middle > 0, middle, 1), 1))) for x in (p, q)
    )
    return sum(parts) / 2


def split_half_divergence(codes, k, n_other, rng, splits):
    """Divergence to expect between samples of one source: codes (N, L), and n_other more.

    The mean over random halves of the sequences, scaled from their sizes to N and n_other, since
    the divergence of two samples of n1 and n2 sequences is in proportion to 1 / n1 + 1 / n2.
    """
    word, known = words(codes, k)
    total = np.bincount(word[known], minlength=4**k)
    half = len(codes) // 2
    found = []
    for _ in range(splits):
        rows = rng.permutation(len(codes))[:half]
        part = np.bincount(word[rows][known[rows]], minlength=4**k)
        found.append(jensen_shannon(part, total - part))
    scale = (1 / len(codes) + 1 / n_other) / (1 / half + 1 / (len(codes) - half))
    return float(np.mean(found)) * scale


def kmer_table(null, data, k):
    """Every word of k letters with its frequencies.

    Parameters
    ----------
    null, data : numpy.ndarray
        (N, L) and (M, L) uint8 codes.
    k : int
        Letters per word.

    Returns
    -------
    pandas.DataFrame
        kmer, frequency_null, frequency_data, log2_ratio (null over data, half a count added to
        each), sorted by log2_ratio, largest first.
    """
    counts = np.stack([count_words(codes, k) for codes in (null, data)])
    shares = (counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 0.5 * 4**k)
    letters = np.arange(4**k)[:, None] // 4 ** np.arange(k - 1, -1, -1) % 4
    table = pd.DataFrame(
        {
            "kmer": [decode(word) for word in letters],
            "frequency_null": counts[0] / max(counts[0].sum(), 1),
            "frequency_data": counts[1] / max(counts[1].sum(), 1),
            "log2_ratio": np.log2(shares[0] / shares[1]),
        }
    )
    order = ["log2_ratio", "kmer"]
    return table.sort_values(order, ascending=[False, True], ignore_index=True)


def cpg_ratio(codes):
    """Observed over expected CpG: frequency of CG over C times G; NaN if C or G is absent."""
    letters = count_words(codes, 1)
    pairs = count_words(codes, 2)
    expected = letters[1] / max(letters.sum(), 1) * letters[2] / max(letters.sum(), 1)
    return pairs[4 * 1 + 2] / pairs.sum() / expected if expected > 0 and pairs.sum() else np.nan


def composition_rows(null, data, rng, settings):
    """Rows for codes (N, L) and (M, L): divergence by k, the most telling words, CpG."""
    chosen = data
    if len(data) > settings.max_sequences:
        chosen = data[np.sort(rng.permutation(len(data))[: settings.max_sequences])]
    rows = []
    for k in range(1, settings.largest_k + 1):
        found = jensen_shannon(count_words(null, k), count_words(data, k))
        noise = split_half_divergence(chosen, k, len(null), rng, settings.splits)
        limits = (settings.jsd_warn, settings.jsd_fail) if k <= _JUDGED_K else ()
        rows.append(row("kmer_jsd_excess", f"k={k}", found - noise, *limits))
        rows.append(row("kmer_jsd", f"k={k}", found))
    table = kmer_table(null, data, settings.largest_k)
    top = settings.top_kmers
    for end, part in (("over", table.head(top)), ("under", table.tail(top)[::-1])):
        for kmer, ratio in zip(part["kmer"], part["log2_ratio"], strict=True):
            rows.append(row(f"kmer_{end}represented", kmer, ratio))
    for name, codes in (("null", null), ("data", data)):
        rows.append(row("cpg_observed_expected", name, cpg_ratio(codes)))
    return rows
