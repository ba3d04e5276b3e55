"""A Keras model as a plan. Imports Keras; what runs a plan does not.

Nested and sequential models are followed into their layers. The first layer that has no op here
becomes, with everything that depends on it, one opaque op, which `rest_function` runs in Keras.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras.src.models import Functional

from giaflow.base.checks import InputError
from giaflow.models.plan.plan import INPUT, Op, Plan, used
from giaflow.models.readers import keras_operations, keras_weighted_layers
from giaflow.models.readers.keras_weighted_layers import Unknown, need


@dataclass(frozen=True)
class Call:
    """One use of a Keras operation: `inputs` and `outputs` are tensors of the plan."""

    operation: object
    arguments: object
    keras_inputs: tuple
    inputs: tuple
    outputs: tuple
    shapes: tuple


def export(model, alphabet="ACGT", sha256="", length=None, embedding=None):
    """Turn a Keras model into a plan without targets.

    Parameters
    ----------
    model : keras.Model
        Functional or Sequential, with one input (L, 4); custom layers and layers without an op
        are allowed and become opaque.
    alphabet : str
        Letters of the input.
    sha256 : str
        Hash of the model file.
    length : int, optional
        Letters of a sequence, for a model that takes any number.
    embedding : keras.KerasTensor, optional
        A tensor of the model's own graph to remember; it is forgotten if it needs an opaque op.

    Returns
    -------
    Plan
        Heads by the names of the model's outputs.

    Raises
    ------
    InputError
        If the model is not a graph of layers, has several inputs, an input that is not (L, 4), or
        takes any length and none is given, or another than its own is.
    """
    found = _Analysis(model, length, [] if embedding is None else [embedding])
    ops, shapes = found.ops, found.shapes
    if found.opaque:
        ops = [*ops, _opaque(found)]
    remembered = None
    if found.known.issuperset(found.also) and found.also:
        remembered = (embedding._keras_history.operation.name, *found.also)
    return Plan(
        used(ops, [*found.heads.values(), *found.also]),
        shapes,
        found.heads,
        embedding=remembered,
        alphabet=alphabet,
        sha256=sha256,
    )


class _Analysis:
    """The calls of a model sorted into known ops and opaque calls; equal for equal models."""

    def __init__(self, model, length, also=()):
        self.calls, outputs, also, shape = _calls(model, length, also)
        self.ops, self.shapes, self.opaque = [], {INPUT: shape}, []
        self.reason, self._alias, self.known = None, {}, {INPUT}
        fresh = 1 + max((t for call in self.calls for t in call.outputs), default=0)
        for call in self.calls:
            inputs = self.tensors(call.inputs)
            try:
                need(self.known.issuperset(inputs), "it follows such a layer")
                made = _converted(call, inputs, self.shapes, fresh)
            except Unknown as why:
                self.reason = self.reason or (call.operation.name, str(why))
                self.opaque.append(call)
                continue
            if not made:
                self._alias[call.outputs[0]] = inputs[0]
                continue
            self.ops += [op for op, _ in made]
            self.shapes |= {op.output: shape for op, shape in made}
            self.known.add(call.outputs[0])
            fresh += len(made)
        self.heads = dict(zip(outputs, self.tensors(outputs.values()), strict=True))
        self.also = self.tensors(also)
        reads = [t for call in self.opaque for t in self.tensors(call.inputs)]
        self.reads = tuple(dict.fromkeys(t for t in reads if t in self.known))
        self.makes = tuple(dict.fromkeys(t for t in self.heads.values() if t not in self.known))

    def tensors(self, tensors):
        """Tensors of the plan, past layers that do nothing."""
        return tuple(self._alias.get(t, t) for t in tensors)


def _converted(call, inputs, shapes, fresh):
    """[(Op, shape of its output)] for a call, none where it does nothing to a trained model."""
    operation, kwargs = call.operation, call.arguments.kwargs
    convert = keras_weighted_layers.CONVERTERS.get(
        type(operation)
    ) or keras_operations.CONVERTERS.get(type(operation))
    need(convert is not None, f"there is no op for {type(operation).__name__}")
    dtype = getattr(operation, "compute_dtype", None) or "float32"
    need(dtype == "float32", f"it computes in {dtype}")
    need(getattr(operation, "quantization_mode", None) is None, "its weights are quantised")
    need(not kwargs.get("training"), "it runs in training mode")
    need(all(v is None for name, v in kwargs.items() if "mask" in name), "it is masked")
    chain = convert(operation, call, [shapes[t] for t in inputs])
    if chain and chain[0][0] == "multiply":
        # What is repeated along the other comes last.
        inputs = tuple(sorted(inputs, key=lambda t: -shapes[t][0]))
    ops = []

    def append(link, inputs, output):
        kind, settings, weights, shape = link
        ops.append((Op(kind, operation.name, inputs, (output,), settings, weights), shape))
        return (output,)

    if chain and isinstance(chain[0], list):
        # A link for each input, before what joins them.
        each = zip(chain.pop(0), inputs, strict=True)
        inputs = tuple(append(link, (t,), fresh + len(ops))[0] for link, t in each)
    for link in chain[:-1]:
        inputs = append(link, inputs, fresh + len(ops))
    if chain:
        append(chain[-1], inputs, call.outputs[0])
    return ops


def _opaque(found):
    macs = 0
    for call in found.opaque:
        for t, shape in zip(call.outputs, call.shapes, strict=True):
            if t in found.makes:
                if len(shape) > 2 or None in shape:
                    raise InputError(
                        f"layer {call.operation.name!r} gives a head with axes {shape}"
                    )
                found.shapes[t] = (1, *shape) if len(shape) == 1 else shape
        positions = (call.shapes[0][0] or 1) if len(call.shapes[0]) == 2 else 1
        weights = getattr(call.operation, "weights", [])
        macs += positions * sum(int(np.prod(w.shape)) for w in weights if len(w.shape) > 1)
    layer, reason = found.reason
    settings = {"reason": reason, "macs": int(macs)}
    return Op("opaque", layer, found.reads, found.makes, settings)


def _calls(model, length, also):
    """(calls in order, name of a head -> tensor, further tensors, shape of the input)."""
    graph = _graph(model)
    if graph is None:
        raise InputError(
            "the model is not built from layers by the functional or sequential interface"
        )
    shape = tuple(graph.inputs[0].shape[1:])
    if len(graph.inputs) != 1 or len(shape) != 2 or shape[1] != 4:
        shapes = ", ".join(str(tuple(t.shape)) for t in graph.inputs)
        raise InputError(f"the model needs one input with axes (N, L, 4), but it has {shapes}")
    if shape[0] is None and length is None:
        raise InputError("the model takes sequences of any length; say how long yours are")
    if None not in (shape[0], length) and shape[0] != length:
        raise InputError(f"length {length} does not fit the model, which reads {shape[0]} letters")
    shape = (shape[0] or length, 4)
    calls = []
    tensor = _follow(graph, [INPUT], calls, iter(range(1, 1 << 30)))
    names = graph.output_names if hasattr(graph, "output_names") else None
    if isinstance(graph.output, dict):
        # In the order in which Keras flattens a dict, that of `heads_function`.
        called = {id(t): name for name, t in graph.output.items()}
        names = [called[id(t)] for t in graph.outputs]
    names = names or [f"output_{i}" for i in range(len(graph.outputs))]
    if len(set(names)) < len(names):
        names = [f"{name}_{i}" for i, name in enumerate(names)]
    heads = {name: tensor[id(t)] for name, t in zip(names, graph.outputs, strict=True)}
    return calls, heads, [tensor[id(t)] for t in also], shape


def _graph(operation):
    """The functional graph in a model or nested model, or None."""
    if type(operation) is keras.Sequential:
        return operation._functional
    plain = isinstance(operation, Functional) and type(operation).call is Functional.call
    return operation if plain else None


def _follow(graph, inputs, calls, fresh):
    """Append the calls inside a graph; identity of a Keras tensor of it -> tensor of the plan."""
    tensor = {id(t): i for t, i in zip(graph.inputs, inputs, strict=True)}
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in graph._nodes_by_depth[depth]:
            if node.is_input:
                continue
            keras_inputs = tuple(node.arguments.keras_tensors)
            reads = tuple(tensor[id(t)] for t in keras_inputs)
            inner = _graph(node.operation)
            if inner is not None and len(inner.inputs) == len(reads):
                inside = _follow(inner, reads, calls, fresh)
                made = [inside[id(t)] for t in inner.outputs]
            else:
                made = [next(fresh) for _ in node.outputs]
                shapes = tuple(tuple(t.shape[1:]) for t in node.outputs)
                calls.append(
                    Call(node.operation, node.arguments, keras_inputs, reads, tuple(made), shapes)
                )
            tensor |= {id(t): i for t, i in zip(node.outputs, made, strict=True)}
    return tensor


def rest_function(model, plan):
    """The opaque op of a plan as a function of arrays, run by the model's own layers.

    Parameters
    ----------
    model : keras.Model
        The model that `export` turned into `plan`.
    plan : Plan
        With an opaque op.

    Returns
    -------
    callable
        Tensors (N, L, C), one for each input of the opaque op, to a list of tensors; to be
        wrapped in `plain.PlainPredictor`.
    """
    found = _Analysis(model, plan.length)

    def rest(inputs):
        values = {}
        for t, x in zip(plan.opaque.inputs, inputs, strict=True):
            values[t] = x
        for call in found.opaque:
            reads = found.tensors(call.inputs)
            given = {
                id(symbol): _shaped(values[t], symbol) if t in plan.opaque.inputs else values[t]
                for symbol, t in zip(call.keras_inputs, reads, strict=True)
            }
            args, kwargs = call.arguments.fill_in(given)
            made = keras.tree.flatten(call.operation(*args, **kwargs))
            values |= dict(zip(call.outputs, made, strict=True))
        return [values[t] for t in plan.opaque.outputs]

    return rest


def _shaped(x, symbol):
    """A tensor of the plan (N, L, C) with the axes that Keras gave it: a vector has no L."""
    if len(symbol.shape) > 3:
        return keras.ops.reshape(x, (-1, *symbol.shape[1:]))
    return x if len(symbol.shape) == 3 else x[:, 0]


def heads_function(model):
    """A model as a function of one-hot (N, L, 4) to the list of its heads, for inference."""
    return lambda onehot: keras.tree.flatten(model(onehot, training=False))
