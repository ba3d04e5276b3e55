"""Opening a model that the import rule has checked."""

from giaflow.checks import InputError
from giaflow.io.files import read_json, sha256
from giaflow.model.network import load_model


def open_checked(model_file, plan_file, threads):
    """Load the model of a plan (model.json) after verifying that its file is still the same.

    Raises
    ------
    InputError
        If the file's hash is not the one the import rule recorded.
    """
    plan = read_json(plan_file)
    if sha256(model_file) != plan["sha256"]:
        raise InputError(f"model {model_file} changed since it was checked; run the workflow again")
    keys = ("length", "targets", "head", "unit", "sha256", "batch")
    return load_model(model_file, threads=threads, **{key: plan[key] for key in keys})
