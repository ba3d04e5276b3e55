"""A model as a plan: a short list of ops with weights.

Every tensor of a plan has axes (N, L, C); a vector is a tensor of length 1, so global pooling is
pooling over all positions and a dense layer on a vector is a convolution of width 1. Tensor 0 is
the one-hot input. The kinds of ops, their settings and their weights:

conv        stride, dilation, left, groups   kernel (k, C / groups, D), bias (D,); `left` zeros
                                             stand before the sequence, as many as needed after
affine      -                                scale (C,), shift (C,)
activation  name, parameters                 none, or slope (C,) for prelu
norm        epsilon, center                  scale (C,), shift (C,); over the channels of a position
share       size                             softmax of a channel over runs of `size` positions
pool        mode, size, stride, left         max, average or sum; an average counts real positions
take        -                                positions (L,) and channels (C,), -1 reads a zero
add, multiply, maximum, minimum              two or more inputs; multiply repeats a vector
                                             along positions, and one channel along all
concat      -                                two or more inputs, one after another along channels
flatten     -                                (L, C) -> (1, L C)
opaque      reason, macs                     what only Keras can compute; one op may have several
                                             inputs and outputs, and it is the last before targets
"""

import hashlib
import json
from dataclasses import dataclass, field, replace

import numpy as np

from giaflow.base.checks import InputError

FORMAT = 2
INPUT = 0
KINDS = (
    *("conv", "affine", "activation", "norm", "share", "pool", "take", "flatten"),
    *("add", "multiply", "maximum", "minimum", "concat", "opaque"),
)


@dataclass(frozen=True)
class Op:
    """One op of a plan.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    name : str
        The Keras layer it came from.
    inputs, outputs : tuple of int
        Tensors read and written; only an opaque op writes more than one.
    settings : dict
        JSON values, by the module's table.
    weights : dict of numpy.ndarray
        float32 weights, int32 for `take`, by the module's table.
    """

    kind: str
    name: str
    inputs: tuple
    outputs: tuple
    settings: dict = field(default_factory=dict)
    weights: dict = field(default_factory=dict)

    @property
    def output(self):
        """The tensor written by an op with one output."""
        return self.outputs[0]


@dataclass(frozen=True)
class Plan:
    """A model as ops in the order of computation.

    Attributes
    ----------
    ops : tuple of Op
    shapes : dict
        Tensor -> (L, C).
    heads : dict
        Name of a head -> tensor.
    targets : tuple of str
        Names of the targets, the channels of `result`; empty before `targets.with_targets`.
    result : int or None
        The tensor (1, T) that holds the targets.
    embedding : tuple of (str, int) or None
        The layer before the last one, and its tensor.
    alphabet, unit, sha256 : str
        Letters of the input, unit of the targets, hash of the model file.
    """

    ops: tuple
    shapes: dict
    heads: dict
    targets: tuple = ()
    result: int | None = None
    embedding: tuple | None = None
    alphabet: str = "ACGT"
    unit: str = ""
    sha256: str = ""

    @property
    def length(self):
        """Letters of the input."""
        return self.shapes[INPUT][0]

    @property
    def opaque(self):
        """The op that only Keras can compute, or None."""
        return next((op for op in self.ops if op.kind == "opaque"), None)

    def extended(self, ops, shapes, **changes):
        """A copy with more ops and shapes at the end, and other changed fields."""
        return replace(self, ops=(*self.ops, *ops), shapes={**self.shapes, **shapes}, **changes)

    def reading(self, heads):
        """A copy without targets that has other heads (dict), and only the ops they depend on."""
        return replace(
            self, ops=used(self.ops, heads.values()), heads=heads, targets=(), result=None
        )


def used(ops, tensors):
    """The ops that some of the tensors depend on, in order."""
    wanted, kept = set(tensors), []
    for op in reversed(ops):
        if wanted & set(op.outputs):
            kept.append(op)
            wanted |= set(op.inputs)
    return tuple(kept[::-1])


def to_arrays(plan):
    """A plan as a dict of arrays for an npz file.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict of numpy.ndarray
        ``plan`` holds the ops as JSON bytes (uint8), ``digest`` a SHA-256 over all the rest, and
        ``w/<op>/<name>`` the weights.
    """
    ops = [
        {
            "kind": op.kind,
            "name": op.name,
            "inputs": list(op.inputs),
            "outputs": list(op.outputs),
            "settings": op.settings,
            "weights": sorted(op.weights),
        }
        for op in plan.ops
    ]
    head = {
        "format": FORMAT,
        "ops": ops,
        "shapes": [[int(t), *map(int, shape)] for t, shape in plan.shapes.items()],
        "heads": plan.heads,
        "targets": list(plan.targets),
        "result": plan.result,
        "embedding": plan.embedding,
        "alphabet": plan.alphabet,
        "unit": plan.unit,
        "sha256": plan.sha256,
    }
    arrays = {"plan": np.frombuffer(json.dumps(head).encode(), np.uint8)}
    for i, op in enumerate(plan.ops):
        arrays |= {f"w/{i}/{name}": array for name, array in op.weights.items()}
    arrays["digest"] = np.frombuffer(_digest(arrays).encode(), np.uint8)
    return arrays


def _digest(arrays):
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def from_arrays(arrays):
    """The plan in a dict of arrays (`to_arrays`), checked before use.

    Parameters
    ----------
    arrays : mapping of str to numpy.ndarray

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If the arrays are not a plan, have another format, are damaged, or name an unknown op.
    """
    arrays = {name: arrays[name] for name in arrays}
    if "plan" not in arrays or "digest" not in arrays:
        raise InputError("this is not the plan of a model: it lacks the arrays 'plan' and 'digest'")
    digest = arrays.pop("digest").tobytes().decode("ascii", "replace")
    if digest != _digest(arrays):
        raise InputError(
            "the plan is damaged: its digest does not fit its arrays; import the model again"
        )
    head = json.loads(arrays["plan"].tobytes())
    if head["format"] != FORMAT:
        raise InputError(
            f"the plan has format {head['format']}, but {FORMAT} is read; import the model again"
        )
    ops = tuple(_op(i, entry, arrays) for i, entry in enumerate(head["ops"]))
    return Plan(
        ops=ops,
        shapes={t: (length, channels) for t, length, channels in head["shapes"]},
        heads=head["heads"],
        targets=tuple(head["targets"]),
        result=head["result"],
        embedding=head["embedding"] and tuple(head["embedding"]),
        alphabet=head["alphabet"],
        unit=head["unit"],
        sha256=head["sha256"],
    )


def _op(i, entry, arrays):
    if entry["kind"] not in KINDS:
        raise InputError(
            f"op {i} of the plan is a {entry['kind']!r}, which this version does not know"
        )
    weights = {name: arrays[f"w/{i}/{name}"] for name in entry["weights"]}
    return Op(
        kind=entry["kind"],
        name=entry["name"],
        inputs=tuple(entry["inputs"]),
        outputs=tuple(entry["outputs"]),
        settings=entry["settings"],
        weights=weights,
    )
