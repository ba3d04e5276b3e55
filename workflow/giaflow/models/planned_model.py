"""A checked network that runs from its plan; Keras is opened only for what the plan cannot do."""

import logging

import numpy as np

from giaflow.base.checks import InputError, check_finite
from giaflow.models.engine.incremental import IncrementalModel
from giaflow.models.plan.plan import from_arrays, to_arrays
from giaflow.models.plan.readouts import Target, reading_function, with_readings, with_targets

log = logging.getLogger(__name__)

# Sequences that a plan is tried on, and how far from Keras it may be, in parts of the largest
# prediction: float32 sums in another order differ by less, a wrong layer by far more.
PROBES, NEAR = 32, 1e-4
# Fewer probes where sequences are long: so many letters at most, but four sequences at least.
LETTERS = 1 << 19


def make_plan(model):
    """The plan of a `giaflow.models.readers.keras_network.KerasModel` as arrays, for a file.

    Parameters
    ----------
    model : giaflow.models.readers.keras_network.KerasModel

    Returns
    -------
    dict of str to numpy.ndarray
        Empty if the network is not a graph of layers; then Keras predicts it.
    """
    from giaflow.models.readers.keras_export import export

    try:
        plan = export(
            model.network, sha256=model.sha256, length=model.length, embedding=model.before
        )
    except InputError as error:
        log.info("the network runs in Keras, not from a plan: %s", error)
        return {}
    if model.readings:
        if plan.opaque is not None:
            layer, reason = plan.opaque.name, plan.opaque.settings["reason"]
            log.info("functionals run in Keras because of layer %r: %s", layer, reason)
            return {}
        return to_arrays(with_readings(plan, model.readings, model.unit))
    targets = [Target(name, head=model.head, column=c) for name, c in model.columns.items()]
    return to_arrays(with_targets(plan, targets, model.unit))


def checked_plan(model, arrays, rng):
    """The plan if random sequences and edits of them get from it what Keras predicts, else none.

    Parameters
    ----------
    model : giaflow.models.readers.keras_network.KerasModel
    arrays : dict of str to numpy.ndarray
        From `make_plan`; may be empty.
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to numpy.ndarray
        `arrays`, or empty: then the network is predicted as it is.
    """
    if not arrays:
        return arrays
    probes = int(np.clip(LETTERS // model.length, 4, PROBES))
    codes = rng.integers(0, 4, (probes, model.length), dtype=np.uint8)
    edited, at = codes.copy(), rng.integers(0, model.length, probes)
    edited[np.arange(probes), at] = (codes[np.arange(probes), at] + 1) % 4
    planned = PlannedModel(arrays, lambda: model, 1, model.readings)
    found = np.stack([planned.predict(codes), *planned.predict_edits(codes, [edited[None]])])
    expected = np.stack([model.predict(codes), model.predict(edited)])
    gap, scale = float(np.abs(found - expected).max()), max(1.0, float(np.abs(expected).max()))
    log.info("the plan and Keras differ by at most %.2g, predictions reach %.2g", gap, scale)
    if gap <= NEAR * scale:
        return arrays
    log.warning("the plan is not used: it differs from Keras by %.2g of %.2g", gap, scale)
    return {}


def chosen_plan(arrays, engine):
    """The plan, unless the study asks for whole sequences in Keras.

    Parameters
    ----------
    arrays : dict of str to numpy.ndarray
        From `checked_plan`.
    engine : str
        ``auto``: from the plan, where each edit is carried or predicted whole by its counted
        multiplications. ``edits``: the same, and a network without a plan is refused. ``whole``:
        Keras predicts whole sequences.

    Returns
    -------
    dict of str to numpy.ndarray
        `arrays`, or empty: then the network is predicted as it is.

    Raises
    ------
    InputError
        If edits are asked for and there is no plan.
    """
    if engine == "edits" and not arrays:
        raise InputError(
            "engine: edits needs a network whose layers are known, and this one runs in Keras; "
            "the log says which layer is not; use engine: auto"
        )
    if engine == "whole":
        log.info("whole sequences run in Keras, as engine: whole asks")
        return {}
    return arrays


class PlannedModel:
    """A network behind the face of a model, run from its plan.

    Parameters
    ----------
    arrays : dict of str to numpy.ndarray
        From `make_plan`, not empty.
    open_network : callable
        Returns the `giaflow.models.readers.keras_network.KerasModel`; called only for gradients and
        for what needs layers that a plan does not know.
    threads : int
    readings : list of giaflow.models.functionals.Reading
        What the plan reads of its heads, unless it reads columns.
    """

    def __init__(self, arrays, open_network, threads, readings=()):
        self._open, self._network = open_network, None
        plan = from_arrays(arrays)
        rest = plain = None
        in_numpy = plan.opaque is not None and plan.opaque.settings.get("numpy", False)
        self._needs_keras = plan.opaque is not None and not in_numpy
        if in_numpy:
            rest = reading_function(plan, readings)
        elif self._needs_keras:
            from giaflow.models.readers.keras_batches import PlainPredictor
            from giaflow.models.readers.keras_export import heads_function, rest_function

            keras_model, batch = self._opened().network, self._opened().batch
            rest = PlainPredictor(rest_function(keras_model, plan), batch)
            plain = PlainPredictor(heads_function(keras_model), batch)
        self._model = IncrementalModel(plan, rest, plain, threads=threads)
        self._plan, self._threads = plan, threads
        self.length, self.targets = self._model.length, self._model.targets
        self.unit, self.sha256 = self._model.unit, self._model.sha256

    def _opened(self):
        if self._network is None:
            self._network = self._open()
        return self._network

    def predict(self, codes):
        """Predictions (N, T) float32 of codes (N, L); raises `InputError` if one is not finite."""
        predictions = self._model.predict(codes)
        check_finite(predictions, "predictions")
        return predictions

    def predict_edits(self, codes, edited):
        """Predictions (C, N, T) float32 of chunks (c, N, L) of edited backgrounds."""
        predictions = self._model.predict_edits(codes, edited)
        check_finite(predictions, "predictions of edited sequences")
        return predictions

    @property
    def embedding(self):
        """Name of the layer whose activations `embed` returns, or None."""
        if self._plan.embedding is not None:
            return self._plan.embedding[0]
        return self._opened().embedding if self._needs_keras else None

    def embed(self, codes):
        """Activations (N, D) float32 before the head's last layer; None if there are none.

        Activations by position are averaged over positions.
        """
        if self._plan.embedding is None or not len(codes):
            return self._opened().embed(codes) if self._needs_keras else None
        layer, tensor = self._plan.embedding
        units = range(self._plan.shapes[tensor][1])
        read = [Target(f"{layer}_{unit}", head=layer, column=unit) for unit in units]
        inner = with_targets(self._plan.reading({layer: tensor}), read)
        found = IncrementalModel(inner, threads=self._threads).predict(codes)
        check_finite(found, f"activations of layer {layer!r}")
        return found

    def gradient(self, onehot, target):
        """Derivative (N, L, 4) float32 of a target at one-hot sequences (N, L, 4)."""
        return self._opened().gradient(onehot, target)
