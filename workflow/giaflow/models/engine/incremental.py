"""Predictions from a plan, and of edits at the cost of what they change.

A background's activations are computed once. Of an edited sequence only the differences to it
are carried through the network, in windows around the changed letters that grow with every
convolution and become one where they meet. The result is the prediction of the edited sequence:
nothing is approximated, and where differences would save little, whole sequences are predicted.

Equal requests give equal bytes, however they are cut into chunks and for any number of threads.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from giaflow.base.checks import InputError, check_codes
from giaflow.models.engine.background_cache import Cache
from giaflow.models.engine.differences import carry
from giaflow.models.engine.letter_changes import Changes, sizes, windows
from giaflow.models.engine.program import Program, step_macs
from giaflow.models.engine.shared_backgrounds import chosen
from giaflow.models.engine.steps import compiled
from giaflow.models.engine.whole_sequences import Arenas, forward, input_values
from giaflow.models.plan.plan import INPUT

log = logging.getLogger(__name__)

# An edit that costs more multiplications than this part of a whole sequence is predicted whole.
# They are counted, not timed: the two ways differ in the last bits, and results must not depend
# on how busy a machine was when the model was imported.
WORTH = 1 / 1.5
# Conditions searched together for shared edits, and letters they may change: part of the law,
# not settings, because they decide which new backgrounds are found and so the last bits.
CONDITIONS, LETTERS = 1024, 1 << 24
# Bytes of the largest difference that a thread works on, and whole sequences it runs together.
BLOCK, ROWS = 1 << 21, 16
# Letters of the whole sequences that are run together, at most: fewer rows where they are long.
TOGETHER = 1 << 18
# Backgrounds whose edits are planned together.
BACKGROUNDS = 64


class IncrementalModel:
    """A model that runs from its plan.

    Parameters
    ----------
    plan : Plan
        With targets (`targets.with_targets`).
    rest : callable, optional
        What only Keras can compute (`export.rest_function`): arrays (N, L, C) to a list of arrays.
    plain : callable, optional
        The whole model (`plain.PlainPredictor`): one-hot (N, L, 4) to a list of the plan's heads.
        Given, it serves `predict` and edits that change too much to gain.
    memory : int
        Bytes that remembered backgrounds may take, 2 GB by default; a thread takes some 10 MB
        more, and what is predicted its own size. At least three backgrounds are remembered.
    threads : int
        Threads for predictions from the plan.

    Attributes
    ----------
    length : int
    alphabet, unit, sha256 : str
    targets : tuple of str

    Raises
    ------
    InputError
        If the plan has no targets, or an opaque op and neither `rest` nor `plain` is given.
    """

    def __init__(self, plan, rest=None, plain=None, *, memory=2 << 30, threads=1):
        if plan.result is None:
            raise InputError("the plan has no targets; choose what to read from the model's heads")
        self._program = Program(plan)
        opaque = self._program.opaque
        if opaque is not None and rest is None and plain is None:
            raise InputError(
                f"layer {opaque.name!r} cannot run from a plan "
                f"({opaque.settings['reason']}), so the model itself is needed"
            )
        self.length, self.alphabet, self.targets = plan.length, plan.alphabet, plan.targets
        self.unit, self.sha256 = plan.unit, plan.sha256
        self._rest, self._plain = rest, plain
        self._memory, self._threads = memory, threads
        read = tuple(op for op in plan.ops if op.name == "targets")
        self._read = compiled(replace(plan, ops=read), {**plan.shapes})
        self._full, self._tables = self._program.full_macs(), self._program.tables()
        # Without a way to run the opaque op on its own, everything is predicted whole.
        self._carries = opaque is None or rest is not None
        self._arenas = Arenas()
        self._say(opaque)

    def _say(self, opaque):
        """One sentence where something keeps edits from being carried to the end."""
        gain = self._full / max(self._tables[0, 1], 1)
        costs = f"a single letter costs 1/{gain:.1f} of the multiplications of a whole sequence"
        if opaque is not None:
            reason = f"layer {opaque.name!r} ({opaque.settings['reason']})"
            if self._carries:
                log.info(
                    "edits are carried as far as %s and the rest is run whole; %s", reason, costs
                )
            else:
                log.info("edits are predicted whole because of %s", reason)
        elif gain < 1 / WORTH and self._plain is not None:
            dear = max(
                self._program.steps, key=lambda s: step_macs(s, self._program.shapes) * len(s.low)
            )
            log.info("edits are predicted whole: layer %r is the dearest, and %s", dear.name, costs)

    def predict(self, codes):
        """Targets of sequences.

        Parameters
        ----------
        codes : numpy.ndarray
            (N, L) uint8.

        Returns
        -------
        numpy.ndarray
            (N, T) float32, in the plan's unit.

        Raises
        ------
        InputError
            If L is not the model's length.
        """
        check_codes(codes, self.length)
        with self._workers() as each:
            return self._predict(codes, each)

    def _predict(self, codes, each):
        out = np.empty((len(codes), len(self.targets)), np.float32)
        rows = max(1, min(ROWS, TOGETHER // self.length))
        if self._plain is not None:
            rows = max(rows, LETTERS // 4 // self.length)

        def fill(at):
            here = slice(at, at + rows)
            if self._plain is None:
                ends = self._program.whole(codes[here], self._arenas.mine)
                out[here] = self._program.finish(ends, self._rest)
            else:
                out[here] = self._from_heads(self._plain(input_values(codes[here])[INPUT]))

        list((each if self._plain is None else map)(fill, range(0, len(codes), rows)))
        return out

    def _from_heads(self, made):
        shapes, plan = self._program.shapes, self._program.plan
        heads = zip(plan.heads.values(), made, strict=True)
        values = {t: y.reshape(len(y), *shapes[t]) for t, y in heads}
        forward(self._read, values, shapes, self._arenas.mine)
        return values[plan.result][:, 0]

    def predict_edits(self, codes, edited):
        """Targets of edited backgrounds.

        Include the background itself among the conditions where effects are wanted: its
        prediction then comes from the same arithmetic.

        Parameters
        ----------
        codes : numpy.ndarray
            (N, L) uint8, the backgrounds.
        edited : iterable of numpy.ndarray
            Chunks (C, N, L) uint8 of edited backgrounds; C may differ between chunks.

        Returns
        -------
        numpy.ndarray
            (C, N, T) float32, the conditions of all chunks in order.

        Raises
        ------
        InputError
            If a length is not the model's, or a chunk has not the backgrounds' shape.
        """
        check_codes(codes, self.length)
        codes = np.ascontiguousarray(codes)
        if len(codes) == 0:
            return np.empty((sum(map(len, edited)), 0, len(self.targets)), np.float32)
        kept = {}
        with self._workers() as each:
            parts = [self._group(codes, changes, kept, each) for changes in _groups(codes, edited)]
        return np.concatenate([np.empty((0, len(codes), len(self.targets)), np.float32), *parts])

    @contextmanager
    def _workers(self):
        """A `map` over this model's threads."""
        if self._threads == 1:
            yield map
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                yield pool.map

    def _group(self, codes, changes, kept, each):
        n = len(codes)
        conditions = (len(changes.first) - 1) // n
        out = np.empty((conditions, n, len(self.targets)), np.float32)
        flat = out.reshape(conditions * n, -1)
        block = self._block(min(BACKGROUNDS, n))
        for at in range(0, n, block):
            some = np.arange(at, min(at + block, n))
            edits = (np.arange(conditions)[:, None] * n + some).ravel()
            source, base = np.tile(some, conditions), np.tile(some - at, conditions)
            if not self._carries:
                self._whole(codes, changes, edits, source, each, flat)
                continue
            costs, _ = sizes(codes, codes[some], edits, source, base, changes, self._tables)
            costs = costs[0].reshape(conditions, len(some))
            new, moved = chosen(codes, some, changes, costs, self._tables[0], self._full, WORTH)
            moved = moved.ravel()
            # Of as many backgrounds as fit, the activations serve every group of conditions.
            fits = at in kept or (len(kept) + 1) * block <= self._block(len(codes))
            keep = kept if fits else {}
            own = moved < 0
            jobs = (edits[own], source[own], base[own])
            self._carry(codes, changes, codes[some], jobs, (keep, at), each, flat)
            for low in range(0, len(new), block):
                here = (moved >= low) & (moved < low + block)
                jobs = (edits[here], source[here], moved[here] - low)
                self._carry(codes, changes, new[low : low + block], jobs, ({}, 0), each, flat)
        return out

    def _block(self, most):
        """How many backgrounds, up to `most`, a third of the memory holds.

        The others hold a block that is not kept, and a block of new backgrounds beside it.
        """
        return int(np.clip(self._memory // 3 // max(1, self._program.needs.bytes), 1, max(most, 1)))

    def _carry(self, codes, changes, bases, jobs, keep, each, flat):
        """Predict edits of `bases` into rows of `flat`, in blocks that fit a processor's cache."""
        edits, source, base = jobs
        (macs, peak), start = sizes(codes, bases, edits, source, base, changes, self._tables)
        large = macs > WORTH * self._full
        if large.any():
            self._whole(codes, changes, edits[large], source[large], each, flat)
            edits, source, base = edits[~large], source[~large], base[~large]
            peak, start = peak[~large], start[~large]
        if len(edits) == 0:
            return
        kept, key = keep
        if key not in kept:
            kept[key] = Cache(self._program, bases, self._arenas, each)
        order = np.lexsort((start, base))
        edits, source, base = edits[order], source[order], base[order]
        block = np.cumsum(4 * peak[order]) // BLOCK
        cuts = np.flatnonzero(np.diff(block, prepend=-1, append=-1))

        def fill(begin, end):
            here = slice(begin, end)
            window, values = windows(codes, bases, edits[here], source[here], base[here], changes)
            arena = self._arenas.mine
            ends = carry(self._program, kept[key], base[here], window, values, arena)
            flat[edits[here]] = self._program.finish(ends, self._rest)

        list(each(fill, cuts[:-1], cuts[1:]))

    def _whole(self, codes, changes, edits, source, each, flat):
        """Predict edits as whole sequences into rows of `flat`."""
        rows = max(ROWS, LETTERS // self.length)
        for at in range(0, len(edits), rows):
            here = edits[at : at + rows]
            edited = codes[source[at : at + rows]]
            row, letters = changes.of(here)
            edited[row, changes.position[letters]] = changes.letter[letters]
            flat[here] = self._predict(edited, each)


def _groups(codes, edited):
    """Changes of up to `CONDITIONS` conditions at a time, whatever the chunks they arrive in."""
    held, conditions, letters = [], 0, 0
    for chunk in edited:
        if chunk.ndim != 3 or chunk.dtype != np.uint8 or chunk.shape[1:] != codes.shape:
            wanted, got = f"(C, {codes.shape[0]}, {codes.shape[1]})", f"{chunk.dtype} {chunk.shape}"
            raise InputError(f"a chunk of edits must be uint8 with axes {wanted}, got {got}")
        changes = Changes.between(codes, np.ascontiguousarray(chunk))
        ends, done = changes.first[:: len(codes)], 0
        while done < len(chunk):
            # A group ends with the condition that brings it to either limit.
            full = np.searchsorted(ends, ends[done] + LETTERS - letters, "left")
            stop = int(min(len(chunk), done + CONDITIONS - conditions, max(full, done + 1)))
            held.append(changes.rows(done * len(codes), stop * len(codes)))
            conditions, letters = conditions + stop - done, letters + len(held[-1].letter)
            done = stop
            if conditions == CONDITIONS or letters >= LETTERS:
                yield Changes.joined(held)
                held, conditions, letters = [], 0, 0
    if held:
        yield Changes.joined(held)
