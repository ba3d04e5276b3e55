"""The laboratory: models whose global effects are known, to prove that the numbers are right.

Each is a sum of products of linear forms in distinct positions. Under a null model whose
positions are independent the expectation of such a model is its value at the matrix of letter
probabilities, and overwriting letters overwrites rows of that matrix: true effects are exact.

oracles/      the models: linear forms, LabR (an RNA of 41 letters with sites, steric hindrance, a
              hairpin and 3' GC), LabD (a DNA of 200 letters with two motifs, periodic spacing and a
              direction), models that are blind to a window, and random sequences to study them on
truth/        true effects: exact at a probability matrix, else by Monte Carlo with a standard
              error; the tables of a study held against them
calibration/  designs, repeated studies and declared checks: coverage, power, false discoveries
published/    published numbers held against a study's tables

A model is a name in `MODELS`, and is used in a config as ``model: {laboratory: <name>}``.
"""

import importlib

from giaflow.base.checks import check_name

# Explicit names, and the module that holds each in its `ORACLES`.
MODELS = {
    "LabR": "rna",
    "LabR_exp": "rna",
    "LabR_sigmoid": "rna",
    "LabD": "dna",
    "LabD_exp": "dna",
    "LabD_sigmoid": "dna",
    "Inert": "blind_models",
    "ZeroMean": "blind_models",
    "ZeroMeanSkewed": "blind_models",
}

# Modules with the marks that are declared for a model, whatever a study asks.
MARKS = {"LabR": "marks_rna", "LabD": "marks_dna"}


def module(name):
    """Dotted module name of a laboratory model, for code digests; raises `InputError`."""
    check_name(name, MODELS, "laboratory model")
    return f"{__name__}.oracles.{MODELS[name]}"


def load(name):
    """The `Oracle` called `name`; raises `InputError` with the nearest name if there is none."""
    return importlib.import_module(module(name)).ORACLES[name]


def marks(name):
    """Dotted module name of the declared marks of a laboratory model that has some."""
    return f"{__name__}.calibration.{MARKS[name]}"
