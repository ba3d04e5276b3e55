"""Names that refer to nothing: for every reference, what it may name."""

from giaflow import validation
from giaflow.base.alphabet import IUPAC
from giaflow.base.checks import InputError, check_name

# Sections of the config whose names become folders.
SECTIONS = ("sequences", "models", "nulls", "experiments")
ALIKE = "differ only in case, which some file systems do not keep apart; rename one"


def unknown_names(study, sources):
    for path, name, allowed, kind in _references(study, sources):
        try:
            check_name(name, allowed, kind)
        except InputError as error:
            yield path, str(error)


def alike_names(study):
    """Names that differ only in case: folders of them are one folder on some systems."""
    listed = {key: list(getattr(study, key)) for key in SECTIONS}
    for section, names in listed.items():
        for first, second in _alike(names):
            yield (section, second), f"{first!r} and {second!r} {ALIKE}"
    for name, model in study.models.items():
        measured = model.train.measured if model.train else None
        positives = model.train.positives if model.train else {}
        for targets in (model.output.targets, positives, measured.values if measured else {}):
            for first, second in _alike(targets or ()):
                yield ("models", name), f"targets {first!r} and {second!r} {ALIKE}"


def _alike(names):
    """Pairs of names that differ only in case."""
    seen = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            yield other, name


def _references(study, sources):
    """Key path, name, allowed names and kind of everything that refers to something by name."""
    sets, runnable = study.sequences, {*study.models, *study.groups, *study.families}
    for name in study.sources:
        yield ("sources", name), name, sources, "source"
    for name, one in sets.items():
        if one.source:
            yield ("sequences", name, "source"), one.source, sources, "source"
        for where, used in patterns_of(name, one):
            if set(used.upper()) - set(IUPAC):
                yield where, used, study.patterns, "pattern"
        if one.measured:
            where = ("sequences", name, "measured", "laboratory")
            yield where, one.measured.laboratory, validation.MODELS, "laboratory model"
    for name, model in study.models.items():
        if model.train:
            for target, used in model.train.positives.items():
                yield ("models", name, "train", "positives", target), used, sets, "sequence set"
            for target, used in model.train.negatives.items():
                yield ("models", name, "train", "negatives", target), used, sets, "sequence set"
            if model.train.measured:
                where = ("models", name, "train", "measured")
                yield (*where, "sequences"), model.train.measured.sequences, sets, "sequence set"
                yield (*where, "test"), model.train.measured.test, sets, "sequence set"
        if model.source:
            where = ("models", model.family or name, "source")
            yield where, model.source, sources, "source"
        if model.laboratory:
            where = ("models", name, "laboratory")
            yield where, model.laboratory, validation.MODELS, "laboratory model"
        for target, read in model.output.functionals.items():
            used = getattr(read.settings, "pattern", None)
            if used is not None and set(used.upper()) - set("ACGTUN"):
                where = ("models", name, "output", "targets", target, "settings", "pattern")
                yield where, used, study.patterns, "pattern"
    for name, null in study.nulls.items():
        for i, used in enumerate(null.sequences):
            yield ("nulls", name, "sequences", i), used, sets, "sequence set"
        for i, used in enumerate(null.reference):
            yield ("nulls", name, "reference", i), used, sets, "sequence set"
        if null.inputs.model:
            yield ("nulls", name, "inputs", "model"), null.inputs.model, study.models, "model"
    if study.attribution:
        for used in study.attribution.sequences:
            yield ("attribution", "sequences", used), used, sets, "sequence set"
        for i, used in enumerate(study.attribution.models):
            yield ("attribution", "models", i), used, runnable, "model, group or family"
        if study.attribution.periods:
            where, methods = (
                ("attribution", "periods"),
                [each.method for each in study.attribution.methods],
            )
            yield (*where, "method"), study.attribution.periods.method, methods, "attribution"
            for i, used in enumerate(study.attribution.periods.patterns):
                yield (*where, "patterns", i), used, study.patterns, "pattern"
        if study.attribution.second_order_ism:
            for used in study.attribution.second_order_ism.sequences:
                where = ("attribution", "second_order_ism", "sequences", used)
                yield where, used, sets, "sequence set"
    if study.motifs:
        attributed = study.attribution.sequences if study.attribution else {}
        methods = [m.method for m in study.attribution.methods] if study.attribution else []
        yield (
            ("motifs", "attribution"),
            study.motifs.attribution,
            methods,
            "attribution in this study",
        )
        for target, used in study.motifs.sequences.items():
            for i, one in enumerate(used):
                where = ("motifs", "sequences", target, i)
                yield where, one, attributed, "attributed sequence set"
    for name, entry in study.experiments.items():
        for i, used in enumerate(entry.models):
            yield ("experiments", name, "models", i), used, runnable, "model, group or family"
        for i, used in enumerate(entry.nulls):
            yield ("experiments", name, "nulls", i), used, study.nulls, "null"
        for i, used in enumerate(getattr(entry.settings, "sequences", [])):
            yield ("experiments", name, "settings", "sequences", i), used, sets, "sequence set"
        for i, used in enumerate(getattr(entry.settings, "patterns", [])):
            yield ("experiments", name, "settings", "patterns", i), used, study.patterns, "pattern"
    if isinstance(study.jobs.experiment_shards, dict):
        for name in study.jobs.experiment_shards:
            where = ("jobs", "experiment_shards", name)
            yield where, name, study.experiments, "experiment"
    for i, used in enumerate(study.calibration.sequences if study.calibration else []):
        yield ("calibration", "sequences", i), used, sets, "sequence set"
    for target, used in study.statistics.controls.items():
        yield ("statistics", "controls", target), used, study.patterns, "pattern"
    yield from _target_references(study)


def patterns_of(name, one):
    """Key path and letters or name of the patterns that a sequence set is made with."""
    if one.instances:
        yield ("sequences", name, "instances", "pattern"), one.instances.pattern
    if one.planted is not None:
        yield ("sequences", name, "planted"), one.planted


def _target_references(study):
    """The same for targets, where every model's targets are known before it is opened."""
    used = [model.laboratory for model in study.models.values()]
    used += [one.measured.laboratory for one in study.sequences.values() if one.measured]
    if any(name and name not in validation.MODELS for name in used):
        return
    if any(unmeasured(study, model) for model in study.models.values()):
        return
    listed = [study.targets(model) for model in study.models]
    if None in listed:
        return
    known = sorted({target for targets in listed for target in targets})
    sections = [(("statistics", "sesoi"), study.statistics.sesoi)]
    sections.append((("statistics", "controls"), study.statistics.controls))
    if study.motifs:
        sections.append((("motifs", "sequences"), study.motifs.sequences))
    for path, used in sections:
        for target in used:
            yield (*path, target), target, known, "target"
    for name, entry in study.experiments.items():
        if getattr(entry.settings, "target", None):
            where = ("experiments", name, "settings", "target")
            yield where, entry.settings.target, known, "target"
    for name, null in study.nulls.items():
        if null.inputs.target:
            yield ("nulls", name, "inputs", "target"), null.inputs.target, known, "target"
    for name, entry in study.experiments.items():
        for pattern, read in getattr(entry.settings, "targets", {}).items():
            for strand, target in read.items():
                where = ("experiments", name, "settings", "targets", pattern, strand)
                yield where, target, known, "target"


def unmeasured(study, model):
    """The key and the name of a set whose measured values a model is to learn without any."""
    learned = model.train.measured if model.train else None
    if learned is None or learned.values:
        return None
    for key in ("sequences", "test"):
        name = getattr(learned, key)
        if name not in study.sequences or study.sequences[name].measured is None:
            return key, name
    return None
