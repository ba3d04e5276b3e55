"""Mistakes that only the whole study shows: what does not fit, or does not go together."""

import numpy as np

from giaflow import experiments, nulls
from giaflow.base.alphabet import UNKNOWN
from giaflow.base.checks import InputError, check_fits, check_name
from giaflow.base.seeds import generator
from giaflow.config.checks.jobs import job_faults
from giaflow.config.checks.laboratory import laboratory_faults
from giaflow.config.checks.names import alike_names, patterns_of, unknown_names
from giaflow.config.checks.supply import ill_supplied
from giaflow.edits.patterns import Pattern, check_text


def study_faults(study, sources):
    """Key path and sentence of every mistake that only the whole study shows."""
    yield from unknown_names(study, sources)
    yield from alike_names(study)
    yield from laboratory_faults(study)
    yield from _window_fault(study)
    yield from job_faults(study)
    for group, members in study.groups.items():
        if len(members) == 1:
            text = f"group {group!r} has one model; replicates are at least two"
            yield ("models", members[0], "group"), text
    for name, text in study.letters.items():
        try:
            check_text(text)
            check_fits(text, 0, study.length)
        except InputError as error:
            yield ("patterns", name), str(error)
            return
    for name, one in study.sequences.items():
        for where, used in patterns_of(name, one):
            text = study.letters.get(used, used)
            try:
                check_text(text)
                check_fits(text, 0, study.length)
            except InputError as error:
                yield where, str(error)
    for name, null in study.nulls.items():
        yield from ill_supplied(name, null)
        module = nulls.REGISTRY.load(null.kind)
        if hasattr(module, "fits"):
            try:
                module.fits(null.settings, study.length)
            except InputError as error:
                yield ("nulls", name, "settings"), str(error)
        for i, text in enumerate(null.options.purge):
            try:
                check_fits(text, 0, study.length)
            except InputError as error:
                yield ("nulls", name, "options", "purge", i), str(error)
    for name, entry in study.experiments.items():
        yield from _misfits(study, name, entry, study.letters)
    yield from _own_pattern_faults(study)


def _own_pattern_faults(study):
    """Patterns that one model has for itself: their names, letters and experiments."""
    for model, chosen in study.models.items():
        where, faults = ("models", chosen.family or model, "patterns"), []
        for name, text in chosen.patterns.items():
            try:
                check_name(name, study.patterns, "pattern")
                check_text(text)
                check_fits(text, 0, study.length)
            except InputError as error:
                faults.append(((*where, name), f"model {model!r}: {error}"))
        yield from faults
        if faults or not chosen.patterns:
            continue
        letters = {**study.letters, **chosen.patterns}
        for name, entry in study.experiments.items():
            other = study.experiment(name, model)
            if model in study.runs_on(name) and other != entry:
                for path, text in _misfits(study, name, other, letters):
                    yield path, f"with the patterns of model {model!r}: {text}"


def _window_fault(study):
    """A fault if the window of second-order mutagenesis does not lie inside a sequence."""
    pairs = study.attribution.second_order_ism if study.attribution else None
    stop = study.length if pairs is None or pairs.stop is None else pairs.stop
    if pairs is not None and not pairs.start + 2 <= stop <= study.length:
        yield (
            ("attribution", "second_order_ism", "start" if pairs.stop is None else "stop"),
            f"the window {pairs.start} to {stop} must hold at least 2 of the {study.length} "
            "letters of a sequence",
        )


def _misfits(study, name, entry, letters):
    """Try every condition on one sequence: a design that does not fit fails here."""
    asked = getattr(entry.settings, "patterns", [])
    patterns = [Pattern.of(k, v) for k, v in letters.items() if not asked or k in asked]
    used = [null.count for key, null in study.nulls.items() if key in (entry.nulls or [key])]
    donors = np.broadcast_to(np.uint8(0), (min(used, default=1_000_000), study.length))
    if hasattr(entry.settings, "variants"):
        # Known once sequences are read; the design is checked without any.
        patterns = []
    try:
        experiment = experiments.REGISTRY.load(entry.kind)
        rng = generator(study.seed, "experiment", name)
        listed = experiment.conditions(entry.settings, patterns, study.length, rng)
        for condition in listed:
            # Unknown letters hold no pattern, and every letter of a donor differs from them.
            condition.apply(np.full((1, study.length), UNKNOWN, np.uint8), donors)
        experiment.contrasts(entry.settings, listed)
    except InputError as error:
        yield ("experiments", name), str(error)
