"""Running an experiment on a formula, from settings to its table, as the workflow does."""

import json

import numpy as np

from giaflow import experiments
from giaflow.edits.embed import Condition, chunks
from giaflow.edits.patterns import Pattern
from giaflow.edits.replace import sharing
from giaflow.experiments import summaries
from giaflow.statistics.effect_tables import importance_table
from giaflow.statistics.verdicts import Judge

IDENTITY = {"study": "s", "model": "m", "unit": "unit", "null": "n", "experiment": "e"}


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


def run(kind, settings, model, codes, patterns=(), sesoi=0.1, donors=None, **options):
    """The table of an experiment on backgrounds `codes` and a model."""
    settings, conditions = conditions_of(kind, settings, codes.shape[1], patterns)
    module, targets, measures = experiments.REGISTRY.load(kind), model.targets, {}
    if hasattr(module, "measures"):
        made = [Pattern(*p) if isinstance(p, tuple) else p for p in patterns]
        measures = module.measures(settings, made, codes)
    if hasattr(module, "search"):

        def ask(trials):
            return model.predict_edits(codes, chunks(trials, codes, 500, donors))

        found, measures = module.search(settings, ask, *codes.shape, targets)
        conditions += found
    edited = list(chunks(conditions, codes, 500, donors))
    predictions = model.predict_edits(codes, iter(edited))
    changed = np.concatenate([(chunk != codes).any(axis=2) for chunk in edited])
    labels = [Condition(json.loads(json.dumps(c.labels)), ()) for c in conditions]
    contrasts = module.contrasts(settings, labels)
    clusters = None if donors is None else sharing(conditions, len(codes), len(donors))
    sequences = summaries.Sequences(predictions, model.predict(codes), changed, measures, clusters)
    judge = Judge(np.full(len(targets), sesoi), 0.95, np.random.default_rng(1), targets)
    return importance_table(
        contrasts,
        predictions,
        model.predict(codes),
        {**IDENTITY, "targets": targets},
        judge,
        summaries.of(kind, settings, contrasts, sequences),
        changed=changed,
        clusters=clusters,
        **options,
    )


def pick(table, **labels):
    """Rows of a table with these values."""
    for key, value in labels.items():
        table = table[table[key] == value]
    return table


def one(table, **labels):
    """The one row of a table with these values."""
    (row,) = pick(table, **labels).itertuples()
    return row
