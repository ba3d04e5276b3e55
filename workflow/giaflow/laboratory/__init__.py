"""The laboratory: models whose global effects are known, to prove that the numbers are right.

Each is a sum of products of linear forms in distinct positions. Under a null model whose
positions are independent the expectation of such a model is its value at the matrix of letter
probabilities, and overwriting letters overwrites rows of that matrix: true effects are exact.

forms        the linear forms: occupancies of a motif, pairs of sites, base pairs
oracle       a laboratory model: its formula, link, targets and derivative
rna          LabR: an RNA of 41 letters with sites, steric hindrance, a hairpin and 3' GC
dna          LabD: a DNA of 200 letters with two motifs, periodic spacing and a direction
controls     models blind to a window, and models of mean zero with spread
truth        true effects: exact at a probability matrix, else by Monte Carlo with standard error
designs      the designs of the benchmark, as conditions and contrasts
replicates   the same study many times over on fresh backgrounds
calibration  how far the workflow's estimates are from the truth, with bands to pass
validation   a study's own designs held against the truth by every check
bench        what the declared marks are measured with
marks_rna    the declared marks of LabR: power, screen, hairpin, additivity, ...
marks_dna    the declared marks of LabD: period, direction, ...
quadratic    the form of LabD, and what an edit changes in it
settings     how often a study is repeated
agreement    the tables of a study against the truth
simulation   random sequences to study these models on

A model is a name in `MODELS`, and is used in a config as ``model: {laboratory: <name>}``.
"""

import importlib

from giaflow.checks import check_name

# Explicit names, and the module that holds each in its `ORACLES`.
MODELS = {
    "LabR": "rna",
    "LabR_exp": "rna",
    "LabR_sigmoid": "rna",
    "LabD": "dna",
    "LabD_exp": "dna",
    "LabD_sigmoid": "dna",
    "Inert": "controls",
    "ZeroMean": "controls",
    "ZeroMeanSkewed": "controls",
}

# Modules with the marks that are declared for a model, whatever a study asks.
MARKS = {"LabR": "marks_rna", "LabD": "marks_dna"}


def module(name):
    """Dotted module name of a laboratory model, for code digests; raises `InputError`."""
    check_name(name, MODELS, "laboratory model")
    return f"{__name__}.{MODELS[name]}"


def load(name):
    """The `Oracle` called `name`; raises `InputError` with the nearest name if there is none."""
    return importlib.import_module(module(name)).ORACLES[name]


def marks(name):
    """Dotted module name of the declared marks of a laboratory model that has some."""
    return f"{__name__}.{MARKS[name]}"
