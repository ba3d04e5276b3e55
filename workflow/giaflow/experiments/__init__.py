"""Experiments: declared designs, one file each.

An experiment is one file here plus its name in `REGISTRY`. The file holds

    Settings                                    a pydantic model of its options
    conditions(settings, patterns, length)      the list of conditions
    contrasts(settings, conditions)             the list of contrasts between them
    FIGURE                                      how the result is drawn

It never sees one-hot arrays, batches, files, seeds or plots. `patterns` are all patterns the
experiment asked for, discovered ones and scrambled controls included; contrasts of the estimand
``global_importance`` go to importance.tsv, all others to contrasts.tsv.
"""

from giaflow.registry import Registry

REGISTRY = Registry("experiment", "giaflow.experiments", ("global_importance", "spacing"))
