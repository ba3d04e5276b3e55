"""Shuffles that keep every count of k letters, uniform over all sequences that have them.

A sequence is a walk in the graph whose vertices are its (k-1)-mers and whose edges are its
k-mers; its shuffles are the walks that use every edge once. Such a walk is fixed by the last edge
that leaves each vertex, which together form a tree towards the final vertex, and by the order of
the other edges. Drawing the tree uniformly (Wilson 1996, STOC 28:296) and the orders uniformly
gives every shuffle the same chance (Altschul & Erickson 1985, Mol Biol Evol 2:526; Jiang et al.
2008, BMC Bioinformatics 9:192).
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from giaflow.alphabet import UNKNOWN
from giaflow.checks import InputError, check_codes

LARGEST_K = 6

# Rows are dealt to threads in chunks of this many.
_CHUNK = 1024
_STEP = np.uint64(0x9E3779B97F4A7C15)

_compiled = njit(cache=True, nogil=True, error_model="numpy")


def shuffle(codes, k, rng, *, threads=1):
    """Shuffle each sequence, keeping its counts of k consecutive letters.

    Every sequence with the same k-let counts, and the same first and last k - 1 letters, is
    equally likely; the original is one of them. Unknown letters stay where they are and each
    maximal run of known letters is shuffled by itself, so no k-let is made or lost across a gap;
    a run of k letters or fewer has one arrangement and stays (for k = 1, a run of one).

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8 codes.
    k : int
        1 (letters), 2 (dinucleotides) ... 6.
    rng : numpy.random.Generator
        Gives one number, from which every row has its own stream.
    threads : int
        Threads to use; the result does not depend on it.

    Returns
    -------
    numpy.ndarray
        (N, L) uint8.

    Raises
    ------
    InputError
        If k is not a whole number from 1 to 6, or sequences are shorter than k.
    """
    check_codes(codes)
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= LARGEST_K:
        raise InputError(f"k={k!r} cannot be kept by a shuffle; allowed are 1..{LARGEST_K}")
    if codes.shape[1] < k:
        raise InputError(
            f"sequences have length {codes.shape[1]}, but a shuffle of k={k} needs {k}"
        )
    out = np.array(codes, order="C")
    seed = rng.integers(0, 2**64, dtype=np.uint64)
    starts = range(0, len(out), _CHUNK)
    if threads == 1:
        _shuffle_rows(out, k, seed, 0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda at: _shuffle_rows(out[at : at + _CHUNK], k, seed, at), starts))
    return out


@_compiled
def _mix(word):
    """Scramble 64 bits (the finaliser of SplitMix64, Steele et al. 2014, OOPSLA)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@_compiled
def _below(state, n):
    """The next state and a whole number uniform on 0..n-1 (Lemire 2019, ACM TOMACS 29:3)."""
    bound = np.uint64(n)
    low_bits = np.uint64(0xFFFFFFFF)
    state += _STEP
    product = (_mix(state) >> np.uint64(32)) * bound
    if product & low_bits < bound:
        surplus = np.uint64(1 << 32) % bound
        while product & low_bits < surplus:
            state += _STEP
            product = (_mix(state) >> np.uint64(32)) * bound
    return state, np.int64(product >> np.uint64(32))


@_compiled
def _shuffle_rows(rows, k, seed, first_row):
    """Shuffle the known runs of rows (n, L) in place; row i draws from stream first_row + i."""
    length = rows.shape[1]
    vertices = 4 ** (k - 1)
    count = np.zeros(vertices, np.int64)
    offset = np.empty(vertices, np.int64)
    last = np.empty(vertices, np.int64)
    settled = np.empty(vertices, np.bool_)
    met = np.empty(length, np.int64)
    edges = np.empty(length, np.uint8)
    for i in range(rows.shape[0]):
        row = rows[i]
        state = _mix(seed ^ _mix(np.uint64(first_row + i) + _STEP))
        stop = 0
        while stop < length:
            start = stop
            while stop < length and row[stop] != UNKNOWN:
                stop += 1
            if k == 1:
                state = _permute(row[start:stop], state)
            elif stop - start > k:
                run = row[start:stop]
                state = _rewalk(run, k - 1, state, count, offset, last, settled, met, edges)
            stop += 1


@_compiled
def _permute(run, state):
    """Permute a run of letters in place; returns the next state."""
    for i in range(len(run) - 1, 0, -1):
        state, j = _below(state, i + 1)
        run[i], run[j] = run[j], run[i]
    return state


@_compiled
def _rewalk(run, width, state, count, offset, last, settled, met, edges):
    """Replace a run by a uniform walk over its edges, in place; returns the next state.

    The arrays are work space: by vertex, `count` (zeros, and left as zeros) and `offset` bound
    the vertex's letters in `edges`; `last` is its last exit and `settled` whether that is final;
    `met` lists the vertices that have exits.
    """
    mask = len(count) - 1
    origin = 0
    for i in range(width):
        origin = (origin << 2) | run[i]
    v = origin
    n_met = 0
    for i in range(width, len(run)):
        if count[v] == 0:
            met[n_met] = v
            n_met += 1
        count[v] += 1
        v = ((v << 2) | run[i]) & mask
    root = v
    at = 0
    for i in range(n_met):
        v = met[i]
        offset[v] = at
        at += count[v]
        count[v] = 0
        settled[v] = False
    settled[root] = True
    v = origin
    for i in range(width, len(run)):
        edges[offset[v] + count[v]] = run[i]
        count[v] += 1
        v = ((v << 2) | run[i]) & mask

    # Wilson: from each vertex walk at random until the tree is reached. A vertex met again
    # overwrites its exit, which erases the loop; then the path joins the tree.
    for i in range(n_met):
        v = met[i]
        while not settled[v]:
            state, last[v] = _below(state, count[v])
            v = ((v << 2) | edges[offset[v] + last[v]]) & mask
        v = met[i]
        while not settled[v]:
            settled[v] = True
            v = ((v << 2) | edges[offset[v] + last[v]]) & mask

    # Take the last exits out; `last` holds their letters from here on.
    for i in range(n_met):
        v = met[i]
        if v != root:
            count[v] -= 1
            exit_at = offset[v] + last[v]
            last[v] = edges[exit_at]
            edges[exit_at] = edges[offset[v] + count[v]]

    # Walk, drawing each exit from those left: the same as permuting them beforehand.
    v = origin
    for i in range(width, len(run)):
        if count[v] > 0:
            state, j = _below(state, count[v])
            count[v] -= 1
            letter = edges[offset[v] + j]
            edges[offset[v] + j] = edges[offset[v] + count[v]]
        else:
            letter = np.uint8(last[v])
        run[i] = letter
        v = ((v << 2) | letter) & mask
    return state
