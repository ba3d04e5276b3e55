"""What a study reads from a model's heads: one scalar per target, as more ops of the plan."""

from dataclasses import dataclass

import numpy as np

from giaflow.base.checks import InputError, check_name
from giaflow.models.plan.plan import Op

REDUCTIONS = ("sum", "mean", "max")
TRANSFORMS = ("linear", "log", "log1p", "exponential", "square", "sigmoid", "softplus")


@dataclass(frozen=True)
class Target:
    """A scalar read from a head with axes (L, C); a head without positions has L = 1.

    Attributes
    ----------
    name : str
    head : str
        Name of the head.
    column : int
        Channel of the head.
    start, stop : int or None
        Positions of the head that count, 0-based half-open; None is the first or the end.
    reduce : str
        How the positions become one number, one of `REDUCTIONS`.
    transform : str
        What is applied to that number, one of `TRANSFORMS`.
    """

    name: str
    head: str
    column: int = 0
    start: int | None = None
    stop: int | None = None
    reduce: str = "mean"
    transform: str = "linear"


# Multiplications that reading a number of a head is worth: an exponential, a sum and a division.
WORK = 20


def with_readings(plan, readings, unit=""):
    """Append to a plan one op that reads functionals from its heads.

    Parameters
    ----------
    plan : Plan
        A plan without targets, all of whose ops are known.
    readings : list of giaflow.models.functionals.Reading
        At least one, in the order of the predictions' axis T.
    unit : str

    Returns
    -------
    Plan
        Its last op is opaque: `reading_function` computes it.
    """
    heads = list(dict.fromkeys(head for one in readings for head in one.heads))
    plan = plan.reading({head: plan.heads[head] for head in heads})
    result, inputs = max(plan.shapes) + 1, tuple(plan.heads.values())
    numbers = sum(int(np.prod(plan.shapes[t])) for t in inputs)
    settings = {"reason": "functionals read whole heads", "macs": WORK * numbers, "numpy": True}
    op = Op("opaque", "readings", inputs, (result,), settings)
    names = tuple(one.name for one in readings)
    shapes = {result: (1, len(names))}
    return plan.extended([op], shapes, targets=names, result=result, unit=unit)


def reading_function(plan, readings):
    """What the last op of `with_readings` computes: arrays (N, L, C) of heads to [(N, T)]."""
    opaque = plan.opaque
    name_of = {tensor: name for name, tensor in plan.heads.items()}

    def read(arrays):
        heads = {
            # A head without positions has length 1 in a plan.
            name_of[t]: array[:, 0] if plan.shapes[t][0] == 1 else array
            for t, array in zip(opaque.inputs, arrays, strict=True)
        }
        return [np.stack([one.read(np, heads) for one in readings], axis=1).astype(np.float32)]

    return read


def with_targets(plan, targets, unit=""):
    """Append to a plan the ops that read targets from its heads.

    Parameters
    ----------
    plan : Plan
        A plan without targets.
    targets : list of Target
        At least one, in the order of the predictions' axis T.
    unit : str
        Unit of the targets.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If there is no target, a name occurs twice, or a target names a head, column, position,
        reduction or transform that does not exist.
    """
    names = tuple(t.name for t in targets)
    if not names or len(set(names)) < len(names):
        raise InputError(
            f"targets need one name each, all different, got {', '.join(names) or 'none'}"
        )
    for target in targets:
        _check(plan, target)
    fresh, ops, shapes, parts, order = max(plan.shapes) + 1, [], {}, [], []

    def add(kind, source, shape, settings=None, weights=None):
        nonlocal fresh
        ops.append(Op(kind, "targets", source, (fresh,), settings or {}, weights or {}))
        shapes[fresh] = shape
        fresh += 1
        return fresh - 1

    # Targets that differ only in their column are read together.
    for key in dict.fromkeys(_key(t) for t in targets):
        group = [i for i, t in enumerate(targets) if _key(t) == key]
        head, start, stop, reduce, transform = key
        length = plan.shapes[plan.heads[head]][0]
        positions = np.arange(length, dtype=np.int32)[start:stop]
        channels = np.array([targets[i].column for i in group], np.int32)
        take = {"positions": positions, "channels": channels}
        at = add("take", (plan.heads[head],), (len(positions), len(group)), None, take)
        if len(positions) > 1:
            mode = {"sum": "sum", "mean": "average", "max": "max"}[reduce]
            pool = {"mode": mode, "size": len(positions), "stride": 1, "left": 0}
            at = add("pool", (at,), (1, len(group)), pool)
        if transform != "linear":
            function = {"name": transform, "parameters": {}}
            at = add("activation", (at,), (1, len(group)), function)
        parts.append(at)
        order += group
    at = parts[0] if len(parts) == 1 else add("concat", tuple(parts), (1, len(targets)))
    if order != list(range(len(targets))):
        back = {"positions": np.zeros(1, np.int32), "channels": np.argsort(order).astype(np.int32)}
        at = add("take", (at,), (1, len(targets)), None, back)
    return plan.extended(ops, shapes, targets=names, result=at, unit=unit)


def _key(target):
    return target.head, target.start, target.stop, target.reduce, target.transform


def _check(plan, target):
    where = f"target {target.name!r}"
    check_name(target.head, tuple(plan.heads), f"head of {where}")
    check_name(target.reduce, REDUCTIONS, f"reduction of {where}")
    check_name(target.transform, TRANSFORMS, f"transform of {where}")
    length, channels = plan.shapes[plan.heads[target.head]]
    if not 0 <= target.column < channels:
        raise InputError(
            f"{where} reads column {target.column}, "
            f"but head {target.head!r} has columns 0..{channels - 1}"
        )
    start = 0 if target.start is None else target.start
    stop = length if target.stop is None else target.stop
    if not 0 <= start < stop <= length:
        raise InputError(
            f"{where} reads positions {start}..{stop}, "
            f"but head {target.head!r} has positions 0..{length}"
        )
