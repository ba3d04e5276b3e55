"""Running an experiment on a formula, from settings to its table, as the workflow does."""

import numpy as np

from giaflow import experiments
from giaflow.edits.patterns import Pattern
from giaflow.experiments.constructs import Subjects
from giaflow.experiments.run import run as run_experiment
from giaflow.statistics.verdicts import Inference


def uniform(rng, n=61, length=47):
    """Backgrounds (n, length) with every letter equally likely."""
    return rng.integers(0, 4, (n, length), dtype=np.uint8)


def conditions_of(kind, settings, length=47, patterns=(), seed=0):
    """Settings object and conditions of an experiment."""
    module = experiments.REGISTRY.load(kind)
    settings = module.Settings(**settings)
    rng = np.random.default_rng(seed)
    patterns = [Pattern(*p) if isinstance(p, tuple) else p for p in patterns]
    return settings, module.conditions(settings, patterns, length, rng)


def run(kind, settings, model, codes, patterns=(), sesoi=0.1, donors=None):
    """The table of an experiment on backgrounds `codes` and a model."""
    inference = Inference(
        np.full(len(model.targets), sesoi), 0.95, np.random.default_rng(1), tuple(model.targets)
    )
    patterns = [Pattern(*p) if isinstance(p, tuple) else p for p in patterns]
    subjects = Subjects(codes, np.arange(len(codes)), donors)
    rng = np.random.default_rng(0)
    return run_experiment(kind, settings, patterns, subjects, model, rng, inference)


def pick(table, **labels):
    """Rows of a table with these values."""
    for key, value in labels.items():
        table = table[table[key] == value]
    return table


def one(table, **labels):
    """The one row of a table with these values."""
    (row,) = pick(table, **labels).itertuples()
    return row
