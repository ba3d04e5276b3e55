"""Opening a model that the import rule has checked."""

import functools
import hashlib

from giaflow import validation
from giaflow.base.checks import InputError
from giaflow.base.code_digest import module_digest
from giaflow.io.files import read_json, read_npz, sha256
from giaflow.models.formula_model import FormulaModel
from giaflow.models.functionals import readings
from giaflow.models.letter_order import in_letter_order
from giaflow.models.planned_model import PlannedModel
from giaflow.models.readers.keras_network import load_model


def open_laboratory(name):
    """A laboratory model behind the face of a model; its hash is that of its code."""
    oracle = validation.load(name)
    code = f"{name} {module_digest(validation.module(name))}"
    return FormulaModel(
        oracle,
        oracle.length,
        oracle.targets,
        oracle.unit,
        oracle.derivative,
        hashlib.sha256(code.encode()).hexdigest(),
        oracle.predict_edits,
    )


def open_checked(model_file, plan_files, threads):
    """Open the model that the import rule checked, after verifying that it is still the same.

    No deep learning library is imported for a laboratory model, which has no file, nor for a
    network as long as its plan suffices.

    Parameters
    ----------
    model_file : str
    plan_files : list of str
        The import rule's model.json and plan.npz.
    threads : int

    Raises
    ------
    InputError
        If the hash of the file or formula is not the one the import rule recorded.
    """
    content = tuple(sha256(file) for file in (plan_files[0], model_file) if file)
    return _opened(model_file or None, tuple(plan_files), threads, content)


# A coarse job asks for its one model in every run.
@functools.lru_cache(maxsize=1)
def _opened(model_file, plan_files, threads, content):
    record_file, ops_file = plan_files
    plan = read_json(record_file)
    if plan["laboratory"] is not None:
        model = open_laboratory(plan["laboratory"])
        if model.sha256 != plan["sha256"]:
            raise InputError(
                f"laboratory model {plan['laboratory']!r} changed since it was checked; "
                "run the workflow again"
            )
        return model
    if sha256(model_file) != plan["sha256"]:
        raise InputError(f"model {model_file} changed since it was checked; run the workflow again")
    keys = ("length", "targets", "head", "unit", "sha256", "batch")

    functionals = [one for one in plan["targets"].values() if isinstance(one, dict)]
    read = readings(plan["targets"]) if functionals else []

    def open_network():
        recorded = {key: plan[key] for key in keys} | {"trust": plan.get("trust", False)}
        return load_model(model_file, threads=threads, **recorded, readings=read)

    arrays = read_npz(ops_file)
    model = PlannedModel(arrays, open_network, threads, read) if arrays else open_network()
    return in_letter_order(model, plan["letters"])
