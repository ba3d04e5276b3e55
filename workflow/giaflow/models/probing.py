"""Trying a model on random sequences: is it finite, deterministic, and does it answer at all?"""

import math

import numpy as np

from giaflow.base.checks import InputError

PROBES = 64
# Predictions that differ by less than this share of their size do not change.
FLAT = 1e-6
# A probability so near 0 or 1 is one whose network's answer is lost in rounding.
EDGE = 1e-6
# Share of predictions at an edge from which on an output saturates.
MOST = 0.9


def probe(model, rng):
    """Predict a few random sequences and report what a study must know.

    Parameters
    ----------
    model : giaflow.models.base.Model
    rng : numpy.random.Generator

    Returns
    -------
    dict
        ``minimum`` and ``maximum`` per target, ``strand_symmetric`` (f(x) = f(rc x)),
        ``probability`` (the output ends in a sigmoid or a softmax), and ``notes``, sentences about
        targets that do not change or saturate.

    Raises
    ------
    InputError
        If a prediction is not finite or two calls differ.
    """
    codes = rng.integers(0, 4, (PROBES, model.length), dtype=np.uint8)
    first, again = model.predict(codes), model.predict(codes)
    if not np.isfinite(first).all():
        bad = int((~np.isfinite(first).all(axis=1)).sum())
        raise InputError(
            f"the model's predictions are not finite for {bad} of {PROBES} random sequences"
        )
    if not np.array_equal(first, again):
        gap = float(np.abs(first - again).max())
        raise InputError(
            f"the model is random: two predictions of one sequence differ by {gap:.3g}"
        )
    turned = model.predict(np.ascontiguousarray(3 - codes[:, ::-1]))
    scale = max(1.0, float(np.abs(first).max()))
    return {
        "minimum": [float(v) for v in first.min(axis=0)],
        "maximum": [float(v) for v in first.max(axis=0)],
        "strand_symmetric": math.isclose(
            0, float(np.abs(first - turned).max()), abs_tol=1e-4 * scale
        ),
        "probability": getattr(model, "probability", False),
        "notes": notes(first, model, "random sequences"),
    }


def notes(predictions, model, what, probability=None):
    """Sentences about targets whose predictions do not change or saturate.

    Parameters
    ----------
    predictions : numpy.ndarray
        (N, T).
    model : giaflow.models.base.Model
    what : str
        What was predicted, for the sentences.
    probability : bool, optional
        Whether the output ends in a sigmoid or a softmax; by default what the model says.

    Returns
    -------
    list of str
    """
    if probability is None:
        probability = getattr(model, "probability", False)
    found = []
    for values, target in zip(np.asarray(predictions, np.float64).T, model.targets, strict=True):
        at_edge = int(((values <= EDGE) | (values >= 1 - EDGE)).sum())
        if np.ptp(values) <= FLAT * max(np.abs(values).max(), np.finfo(np.float32).tiny):
            saturated = probability and at_edge == len(values)
            advice = "; the output saturates: read the logit (functional: logit)"
            found.append(
                f"target {target}: predictions do not change: all are {values[0]:.6g} on "
                f"{len(values)} {what}{advice if saturated else ''}"
            )
        elif probability and at_edge >= MOST * len(values):
            found.append(
                f"target {target}: the output saturates: {at_edge} of {len(values)} predictions "
                f"of {what} are 0 or 1 within {EDGE:g}; read the logit (functional: logit)"
            )
    return found
