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

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.checks import InputError, check_codes

LARGEST_K = 6

# Rows are dealt to threads in chunks of this many.
_CHUNK = 1024
# Up to this work space (bytes), each vertex has room for all edges and none need be counted first.
_ROOM = 1 << 18

# Indices below are unsigned: numba wraps signed ones, which costs a third of the time.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_ZERO, _ONE, _TWO, _HALF = (np.uint64(n) for n in (0, 1, 2, 32))
_LOW_BITS = np.uint64(0xFFFFFFFF)

_compiled = njit(cache=True, nogil=True, error_model="numpy")


def shuffle(codes, k, rng, *, threads=1):
    """Shuffle each sequence, keeping its counts of k consecutive letters.

    Every sequence with the same k-let counts, and the same first and last k - 1 letters, is
    equally likely; the original is one of them. Unknown letters stay where they are and each
    maximal run of known letters is shuffled by itself, so no k-let is made or lost across a gap;
    a run of k + 1 letters or fewer has one arrangement and stays (for k = 1, a run of one).

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
    check_k(k, codes.shape[1])
    out = np.array(codes, order="C")
    seed = rng.integers(0, 2**64, dtype=np.uint64)
    starts = range(0, len(out), _CHUNK)
    if threads == 1:
        _shuffle_rows(out, k, seed, 0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda at: _shuffle_rows(out[at : at + _CHUNK], k, seed, at), starts))
    return out


def check_k(k, length):
    """Raise `InputError` unless a shuffle can keep counts of k letters in so long sequences."""
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= LARGEST_K:
        raise InputError(f"k={k!r} cannot be kept by a shuffle; allowed are 1..{LARGEST_K}")
    if length < k:
        raise InputError(f"sequences have length {length}, but a shuffle of k={k} needs {k}")


@_compiled
def _mix(word):
    """Scramble 64 bits (the finaliser of SplitMix64, Steele et al. 2014, OOPSLA)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@_compiled
def _below(state, bound):
    """The next state and a number uniform on 0..bound-1 (Lemire 2019, ACM TOMACS 29:3)."""
    state += _STEP
    product = (_mix(state) >> _HALF) * bound
    if product & _LOW_BITS < bound:
        surplus = (_ONE << _HALF) % bound
        while product & _LOW_BITS < surplus:
            state += _STEP
            product = (_mix(state) >> _HALF) * bound
    return state, product >> _HALF


@_compiled
def _shuffle_rows(rows, k, seed, first_row):
    """Shuffle the known runs of rows (n, L) in place; row i draws from stream first_row + i."""
    length = rows.shape[1]
    vertices = 4 ** (k - 1)
    roomy = vertices * length <= _ROOM
    count = np.zeros(vertices, np.uint64)
    offset = np.arange(vertices).astype(np.uint64) * np.uint64(length)
    last = np.empty(vertices, np.uint64)
    settled = np.empty(vertices, np.bool_)
    met = np.empty(length, np.uint64)
    edges = np.empty(vertices * length if roomy else length, np.uint8)
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
            elif stop - start > k + 1:
                run, width = row[start:stop], np.uint64(k - 1)
                if not roomy:
                    _make_room(run, width, count, offset)
                origin, root, n_met = _lay_out(run, width, count, offset, edges, met)
                state = _hang(root, met[:n_met], state, count, offset, edges, last, settled)
                state = _walk(run, width, origin, state, count, offset, edges, last)
            stop += 1


@_compiled
def _permute(run, state):
    """Permute a run of letters in place; returns the next state."""
    left = np.uint64(len(run))
    while left > _ONE:
        state, j = _below(state, left)
        left -= _ONE
        run[left], run[j] = run[j], run[left]
    return state


@_compiled
def _follow(vertex, letter, count):
    """The vertex reached from a vertex by a letter."""
    return ((vertex << _TWO) | np.uint64(letter)) & np.uint64(len(count) - 1)


@_compiled
def _origin(run, width, count):
    """The vertex of the first `width` letters of a run."""
    vertex, i = _ZERO, _ZERO
    while i < width:
        vertex = _follow(vertex, run[i], count)
        i += _ONE
    return vertex


@_compiled
def _make_room(run, width, count, offset):
    """Give each vertex just the room in `edges` that its letters need."""
    vertex, i = _origin(run, width, count), width
    while i < np.uint64(len(run)):
        count[vertex] += _ONE
        vertex = _follow(vertex, run[i], count)
        i += _ONE
    at = _ZERO
    for v in range(len(count)):
        offset[v] = at
        at += count[v]
        count[v] = _ZERO


@_compiled
def _lay_out(run, width, count, offset, edges, met):
    """Sort the letters of a run by the vertex, the `width` letters before, that they leave.

    A vertex's letters go to `edges` from its `offset` on, their number to `count` (zeros before),
    and the vertices that have any to `met`. Returns the first and the final vertex, and how many
    were met.
    """
    origin = _origin(run, width, count)
    vertex, n_met, i = origin, _ZERO, width
    while i < np.uint64(len(run)):
        have = count[vertex]
        if have == _ZERO:
            met[n_met] = vertex
            n_met += _ONE
        edges[offset[vertex] + have] = run[i]
        count[vertex] = have + _ONE
        vertex = _follow(vertex, run[i], count)
        i += _ONE
    return origin, vertex, n_met


@_compiled
def _hang(root, met, state, count, offset, edges, last, settled):
    """Take each vertex's last exit out of its letters and into `last`; returns the next state.

    Wilson: from each vertex walk at random until the tree is reached. A vertex met again
    overwrites its exit, which erases the loop; then the path joins the tree.
    """
    for vertex in met:
        settled[vertex] = False
    settled[root] = True
    for start in met:
        vertex = start
        while not settled[vertex]:
            state, last[vertex] = _below(state, count[vertex])
            vertex = _follow(vertex, edges[offset[vertex] + last[vertex]], count)
        vertex = start
        while not settled[vertex]:
            settled[vertex] = True
            vertex = _follow(vertex, edges[offset[vertex] + last[vertex]], count)
    for vertex in met:
        if vertex != root:
            count[vertex] -= _ONE
            at = offset[vertex] + last[vertex]
            last[vertex] = edges[at]
            edges[at] = edges[offset[vertex] + count[vertex]]
    return state


@_compiled
def _walk(run, width, origin, state, count, offset, edges, last):
    """Write a walk over the edges into a run; returns the next state and leaves zeros in `count`.

    Each exit is drawn from those left, which is the same as permuting them beforehand.
    """
    vertex, i = origin, width
    while i < np.uint64(len(run)):
        left = count[vertex]
        if left > _ZERO:
            state, j = _below(state, left)
            left -= _ONE
            count[vertex] = left
            at = offset[vertex]
            letter = edges[at + j]
            edges[at + j] = edges[at + left]
        else:
            letter = np.uint8(last[vertex])
        run[i] = letter
        vertex = _follow(vertex, letter, count)
        i += _ONE
    return state
