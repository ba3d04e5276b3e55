"""Backgrounds that come from one place: what is independent, and what is not.

Shuffles of one real sequence, or sequences that overlap in the genome, share more than chance.
They form a cluster, and the cluster is the unit of every interval and test.
"""

import numpy as np
import scipy


def loci(places):
    """Number the places that sequences come from: overlapping intervals are one place.

    Parameters
    ----------
    places : giaflow.sequences.places.Places
        Of M sequences.

    Returns
    -------
    numpy.ndarray
        (M,) int64 from 0, in order of first appearance; a sequence of unknown place has its own.
    """
    chrom, start, end, known = places.chrom, places.start, places.end, places.known
    place, here, reach = np.arange(len(chrom)), None, -1
    for i in np.lexsort((start, chrom)):
        if not known[i]:
            continue
        if here is not None and chrom[i] == chrom[here] and start[i] < reach:
            place[i] = place[here]
            reach = max(reach, end[i])
        else:
            here, reach = i, end[i]
    return _in_order(place)


def _in_order(labels):
    """Labels (M,) numbered from 0 in order of first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def joined(first, second):
    """Clusters (N,) of what shares a label of either kind (N,), directly or through others."""
    first, second = _in_order(first), _in_order(second)
    ones, labels = np.ones(len(first), bool), int(first.max(initial=-1)) + 1
    size = labels + int(second.max(initial=-1)) + 1
    graph = scipy.sparse.coo_array((ones, (first, labels + second)), shape=(size, size))
    return _in_order(scipy.sparse.csgraph.connected_components(graph, directed=False)[1][first])


def by_cluster(values, clusters):
    """One value per cluster, whose plain mean and standard error are the cluster-robust ones.

    Value g is mean + (G / N) * (sum over cluster g of value - mean). The mean of these G values is
    the mean over all N backgrounds, and their standard error that of Liang & Zeger 1986
    (Biometrika 73:13) times sqrt(G / (G - 1)), called CR1; Student's t has G - 1 degrees of
    freedom. So every interval, test, band and bootstrap of independent units holds for clusters.

    Parameters
    ----------
    values : numpy.ndarray
        (N, ...) float64.
    clusters : numpy.ndarray or None
        (N,) labels; None if every background is a cluster of its own.

    Returns
    -------
    numpy.ndarray
        (G, ...) in order of first appearance; the values themselves if all labels differ.
    """
    if clusters is None or not len(values):
        return values
    number = _in_order(clusters)
    count = number.max() + 1
    if count == len(values):
        return values
    mean = values.mean(axis=0)
    sums = np.zeros((count, *values.shape[1:]))
    np.add.at(sums, number, values - mean)
    return mean + count / len(values) * sums
