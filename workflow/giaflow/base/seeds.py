"""Random generators derived from one seed and labels.

Each draw names itself, so adding a model or an experiment never changes another's numbers, and
no result depends on the order, number or placement of jobs.
"""

import hashlib

import numpy as np


def generator(seed, *labels):
    """A random generator that depends on the seed and on the labels alone.

    Parameters
    ----------
    seed : int
        The study's seed, 0 or greater; 0 is a seed like any other.
    *labels : str or int
        What is drawn, for example ``("null", "dinucleotide", "peaks", 3)``.

    Returns
    -------
    numpy.random.Generator
        Equal seeds and labels give equal streams, on any machine and in any process.

    Raises
    ------
    TypeError
        If the seed is not a whole number, or a label neither text nor a whole number.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise TypeError(f"seed must be a whole number, 0 or greater, got {seed!r}")
    words = [int(seed)]
    for label in labels:
        if isinstance(label, bool) or not isinstance(label, (str, int, np.integer)):
            raise TypeError(f"a seed label must be text or a whole number, got {label!r}")
        # The type is part of the hash: the label 1 and the label "1" are different draws.
        kind = "s" if isinstance(label, str) else "i"
        digest = hashlib.sha256(f"{kind}:{label}".encode()).digest()
        words.append(int.from_bytes(digest[:16], "little"))
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(words)))
