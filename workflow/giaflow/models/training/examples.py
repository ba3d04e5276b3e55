"""What a network is trained on.

Each target learns from its own sequences (label 1) and their dinucleotide shuffles or its own
negatives (label 0), and from nothing else: a sequence of one target says nothing about another, so
no target is taught to be the absence of another. Both are drawn afresh in every epoch, and of DNA
half of all sequences are turned to the other strand.

Measured values are learned from the sequences as they are, on one strand, by least squares. A share
of the sequences can be held out to choose the epoch: `giaflow.models.training.schedule.Course`.
"""

import numpy as np

from giaflow.base.alphabet import reverse_complement
from giaflow.base.checks import InputError
from giaflow.base.seeds import generator
from giaflow.sequences.shuffle import shuffle


def scaled(values, how):
    """Values (N,) as a network learns them: in standard deviations about their mean.

    Parameters
    ----------
    values : numpy.ndarray
        (N,) float, nan where a sequence was not measured.
    how : {"none", "log", "clip"}
        none returns the values unchanged. The others are those of Koo et al. 2021 (PLOS Comput
        Biol 17:e1008925): the logarithm of x - min + 1, or x cut above four standard deviations
        of all values (from zero).
    """
    if how == "none":
        return values
    if how == "log":
        values = np.log(values - np.nanmin(values) + 1)
    else:
        values = np.minimum(values, 4 * np.nanstd(values))
    spread = np.nanstd(values)
    return (values - np.nanmean(values)) / (spread if spread else 1.0)


def split(n, share, seed, label):
    """Rows to learn from and rows held out (`share` of n), at random."""
    order = generator(seed, "validation", label).permutation(n)
    held_out = int(n * share)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def held_out(places, chosen, seed, label):
    """Which sequences of a set a network is tested on, and which it learns from.

    With `test_chromosomes` a sequence without a place is in neither: it may come from one of them.

    Parameters
    ----------
    places : giaflow.sequences.places.Places
        Of N sequences.
    chosen : dict
        ``test_chromosomes`` (list), or ``test_share`` of all, at random.
    seed : int
    label : str
        The set's name in the study.

    Returns
    -------
    tested, learned : numpy.ndarray
        (N,) bool.

    Raises
    ------
    InputError
        If no sequence is left on one side, or none has a place.
    """
    if chosen["test_chromosomes"]:
        key, what = "test_chromosomes", f"test_chromosomes of sequence set {label!r}"
        tested = places.on(chosen["test_chromosomes"], what)
        learned = places.known & ~tested
    else:
        key, tested = "test_share", np.zeros(len(places), bool)
        tested[split(len(tested), chosen["test_share"], seed, f"test {label}")[1]] = True
        learned = ~tested
    if not learned.any() or not tested.any():
        raise InputError(
            f"{key} {chosen[key]} leave {learned.sum()} of {len(tested)} sequences of {label!r} "
            "for training; some must be held out and some kept"
        )
    return tested, learned


def labelled(positives, rng, negatives=None, one_strand=False):
    """Sequences, as many shuffles or negatives, and labels, in random order.

    Parameters
    ----------
    positives : list of numpy.ndarray
        One (N_t, L) uint8 array of codes per target.
    rng : numpy.random.Generator
    negatives : list of (numpy.ndarray or None), optional
        Codes of what is negative for each target; None shuffles its own sequences.
    one_strand : bool
        Leave sequences as they are, as RNA; else half are turned to the other strand.

    Returns
    -------
    codes : numpy.ndarray
        (N, L) uint8.
    labels : numpy.ndarray
        (N, T) float32: 1, 0, or -1 where a sequence says nothing about a target.
    """
    codes, labels = [], []
    for target, real in enumerate(positives):
        others = None if negatives is None else negatives[target]
        others = shuffle(real, 2, rng) if others is None else rng.permutation(others)[: len(real)]
        label = np.full((len(real) + len(others), len(positives)), -1, np.float32)
        label[: len(real), target] = 1
        label[len(real) :, target] = 0
        codes.append(np.concatenate([real, others]))
        labels.append(label)
    codes, labels = np.concatenate(codes), np.concatenate(labels)
    if not one_strand:
        turned = rng.random(len(codes)) < 0.5
        codes[turned] = reverse_complement(codes[turned])
    order = rng.permutation(len(codes))
    return codes[order], labels[order]


def epochs(positives, seed, label, course, negatives=None, one_strand=False):
    """Yield (codes (N, L), labels (N, T), learning rate) for each epoch of a training.

    Parameters
    ----------
    positives : list of numpy.ndarray
        One (N_t, L) uint8 array of codes per target.
    seed : int
    label : str
        The model's name in the study.
    course : iterable of float
        Learning rate of each epoch: a `giaflow.models.training.schedule.Course`.
    negatives, one_strand
        As in `labelled`.
    """
    for epoch, rate in enumerate(course):
        rng = generator(seed, "training", label, epoch)
        yield *labelled(positives, rng, negatives, one_strand), rate


def measured_epochs(codes, values, seed, label, course):
    """Yield (codes (N, L), values (N, T), learning rate) for each epoch, in an order of its own.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8.
    values : numpy.ndarray
        (N, T) float, nan where a sequence was not measured.
    seed, label, course
        As in `epochs`.
    """
    for epoch, rate in enumerate(course):
        order = generator(seed, "training", label, epoch).permutation(len(codes))
        yield codes[order], values[order].astype(np.float32), rate
