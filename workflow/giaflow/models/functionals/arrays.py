"""What several functionals compute, with numpy's or Keras's operations."""

import numpy as np

from giaflow.base.checks import InputError


def softmax(ops, logits):
    """Probabilities over positions of logits (N, L, C), for each channel."""
    raised = ops.exp(logits - ops.max(logits, axis=1, keepdims=True))
    return raised / ops.sum(raised, axis=1, keepdims=True)


def totals(ops, logcounts):
    """Counts of each strand of their logarithms, which are log(1 + counts)."""
    return ops.exp(logcounts) - 1


def frozen(ops, values):
    """Values that no gradient passes through."""
    return ops.stop_gradient(values) if hasattr(ops, "stop_gradient") else values


def check_strands(settings, shapes):
    """Raise `InputError` unless the counts are one number, or one for each profile's strand."""
    strands, counts = shapes[settings.profile][1], shapes[settings.counts]
    if len(counts) != 1 or counts[0] not in (1, strands):
        raise InputError(
            f"output {settings.counts!r} has axes {counts} per sequence, but the profile "
            f"{settings.profile!r} has {strands} strands: one number for each, or one, is needed"
        )


def uniform(n, length, rng):
    """Codes (n, length) of uniform letters."""
    return rng.integers(0, 4, (n, length), dtype=np.uint8)
