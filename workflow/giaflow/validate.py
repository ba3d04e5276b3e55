"""From a raw configuration to a checked `Study`, or one sentence for every mistake."""

import types
import typing

import numpy as np
from pydantic import ValidationError

from giaflow import experiments, laboratory, nulls
from giaflow.alphabet import UNKNOWN
from giaflow.checks import InputError, check_fits, check_name, nearest
from giaflow.config import Study
from giaflow.patterns import Pattern, check_text
from giaflow.seeds import generator


def load_study(
    raw, locate=lambda path: "config", sources=(), read_matrix=None, read_rows=None, exists=None
):
    """Check a configuration completely, before any job starts.

    Parameters
    ----------
    raw : dict
        As read from YAML.
    locate : callable, optional
        Key path (tuple of str and int) -> text such as ``config/config.yaml:12``.
    sources : collection of str, optional
        Names of what can be obtained (resources/sources.tsv).
    read_matrix : callable, optional
        `giaflow.io.matrices.matrix_of`; needed for patterns that are matrices.
    read_rows : callable, optional
        `giaflow.io.rows.read_rows`; needed for models from tables.
    exists : callable, optional
        Path -> whether there is such a file; without it, files are not looked for.

    Returns
    -------
    giaflow.config.Study

    Raises
    ------
    InputError
        One line per mistake: where, which key and value, what is allowed, the nearest name.
    """
    try:
        context = {"read": read_matrix, "rows": read_rows, "patterns": None}
        study = Study.model_validate(raw, context=context)
    except ValidationError as error:
        faults = _explanations(error.errors())
        if any(path[:1] == ("patterns",) for path, _ in faults):
            # Experiments may have named the patterns that could not be read.
            faults = [fault for fault in faults if fault[0][:1] != ("experiments",)]
    else:
        faults = [*_faults(study, sources), *_absent(study, exists)]
    if faults:
        lines = [f"{locate(path)}: {'.'.join(map(str, path))}: {text}" for path, text in faults]
        raise InputError("\n".join(dict.fromkeys(lines)))
    return study


def _descend(annotation, step):
    """The annotation one step of a pydantic location further, and whether the step is a key."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if step == "[key]":
        # pydantic's mark that a mapping's key is at fault, not its value.
        return annotation, False
    if origin is typing.Annotated:
        return _descend(args[0], step)
    if origin in (typing.Union, types.UnionType):
        members = _members(annotation)
        if len(members) == 1:
            return _descend(members[0], step)
        # pydantic names the chosen member of a union, or the type, in the location: it is no key.
        return next((m for m in members if _chosen(m, step)), annotation), False
    if origin in (dict, list):
        return args[-1], True
    fields = getattr(annotation, "model_fields", {})
    return (fields[step].annotation if step in fields else None), True


def _members(annotation):
    """The annotations that one may be of: several of a union, and not None."""
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    found = typing.get_args(annotation) if union else [annotation]
    return [member for member in found if member is not type(None)]


def _chosen(member, step):
    """Whether a member of a union is a plug-in of that name or has that tag."""
    tags = [getattr(each, "tag", None) for each in getattr(member, "__metadata__", ())]
    return step in tags or getattr(member, "__name__", "").endswith(f".{step}")


def _explanations(faults):
    """Key path and sentence of each pydantic error; a number or a word is one choice, no two."""
    words = {
        fault["loc"][:-1]: fault["ctx"]["expected"]
        for fault in faults
        if fault["type"] == "literal_error" and str(fault["loc"][-1]).startswith("literal[")
    }
    found = []
    for fault in faults:
        place = fault["loc"][:-1]
        if place in words and str(fault["loc"][-1]).startswith("literal["):
            continue
        path, text = _explain(fault)
        found.append((path, f"{text}; or {words[place]}" if place in words else text))
    return found


def _explain(fault):
    """The key path and the sentence of one pydantic error."""
    path, annotation, holder = (), Study, Study
    for step in fault["loc"]:
        holder = _members(annotation)[0]
        annotation, is_key = _descend(annotation, step)
        path += (step,) if is_key else ()
    kind, value, context = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        known = sorted(holder.model_fields)
        listed = ", ".join(known) or "none"
        return path, f"unknown key {path[-1]!r}; known are {listed}{nearest(path[-1], known)}"
    if kind == "missing":
        return path, f"the key {path[-1]!r} is required"
    if kind.startswith("union_tag"):
        word = context["discriminator"].strip("'")
        if kind == "union_tag_not_found":
            return (*path, word), f"the key {word!r} is required"
        tag, known = context["tag"], context["expected_tags"].replace("'", "").split(", ")
        return (
            *path,
            word,
        ), f"unknown {word} {tag!r}; known are {', '.join(known)}{nearest(tag, known)}"
    if kind == "literal_error" and path[-1:] == ("kind",):
        return path, f"unknown kind {value!r}; known are {context['expected']}"
    if kind == "string_pattern_mismatch":
        return path, f"{value!r} is not a name: 1 to 64 letters, digits, '_', '.' or '-'"
    text = fault["msg"].removeprefix("Value error, ")
    told = isinstance(value, (dict, list)) or repr(value) in text
    shown = "" if told else f", got {value!r}"
    return path, text[:1].lower() + text[1:] + shown


def _faults(study, sources):
    """Key path and sentence of every mistake that only the whole study shows."""
    yield from _unknown_names(study, sources)
    yield from _laboratory_faults(study)
    yield from _window_fault(study)
    if study.coarse and study.calibration:
        text = "coarse jobs cannot be held against known truths; allowed with calibration: fine"
        yield ("jobs", "grain"), text
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
    for name, null in study.nulls.items():
        yield from _ill_supplied(name, null)
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


def _absent(study, exists):
    """Files that are not where the study says: their owner must supply them."""
    if exists is None:
        return
    for name, model in study.models.items():
        if model.path is not None and not exists(model.path):
            yield (
                ("models", model.family or name, "path"),
                f"model {model.path} not found; give the file of your network there, or on the "
                f"command line: --config 'models={{{name}: {{path: my_network.keras}}}}'",
            )
    tables = {
        ("sequences", name, "probes", "file"): one.probes.file
        for name, one in study.sequences.items()
        if one.probes
    }
    for name, model in study.models.items():
        if model.train and model.train.measured:
            where = ("models", model.family or name, "train", "measured", "values")
            tables |= {
                (*where, target, "file"): values.file
                for target, values in model.train.measured.values.items()
            }
    for path, file in tables.items():
        if not exists(file):
            yield (
                path,
                f"there is no file {file!r}; save yours there, or give its path here: "
                "resources/README.md says where such tables come from",
            )


def _references(study, sources):
    """Key path, name, allowed names and kind of everything that refers to something by name."""
    sets = study.sequences
    for name in study.sources:
        yield ("sources", name), name, sources, "source"
    for name, one in sets.items():
        if one.source:
            yield ("sequences", name, "source"), one.source, sources, "source"
        if one.measured:
            where = ("sequences", name, "measured", "laboratory")
            yield where, one.measured.laboratory, laboratory.MODELS, "laboratory model"
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
            yield where, model.laboratory, laboratory.MODELS, "laboratory model"
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
        runnable = {*study.models, *study.groups, *study.families}
        for i, used in enumerate(entry.models):
            yield ("experiments", name, "models", i), used, runnable, "model, group or family"
        for i, used in enumerate(entry.nulls):
            yield ("experiments", name, "nulls", i), used, study.nulls, "null"
        for i, used in enumerate(getattr(entry.settings, "sequences", [])):
            yield ("experiments", name, "settings", "sequences", i), used, sets, "sequence set"
        for i, used in enumerate(getattr(entry.settings, "patterns", [])):
            yield ("experiments", name, "settings", "patterns", i), used, study.patterns, "pattern"
    for i, used in enumerate(study.calibration.sequences if study.calibration else []):
        yield ("calibration", "sequences", i), used, sets, "sequence set"
    for target, used in study.statistics.controls.items():
        yield ("statistics", "controls", target), used, study.patterns, "pattern"
    yield from _target_references(study)


def _target_references(study):
    """The same for targets, where every model's targets are known before it is opened."""
    used = [model.laboratory for model in study.models.values()]
    used += [one.measured.laboratory for one in study.sequences.values() if one.measured]
    if any(name and name not in laboratory.MODELS for name in used):
        return
    if any(_unmeasured(study, model) for model in study.models.values()):
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


def _unmeasured(study, model):
    """The key and the name of a set whose measured values a model is to learn without any."""
    learned = model.train.measured if model.train else None
    if learned is None or learned.values:
        return None
    for key in ("sequences", "test"):
        name = getattr(learned, key)
        if name not in study.sequences or study.sequences[name].measured is None:
            return key, name
    return None


def _unknown_names(study, sources):
    for path, name, allowed, kind in _references(study, sources):
        try:
            check_name(name, allowed, kind)
        except InputError as error:
            yield path, str(error)


# What a null model may be given under `inputs` for each array that it needs: the keys that serve,
# all of one set or all of another, and those that may be added.
_SUPPLY = {
    "windows": ([{"genome"}], {"avoid"}),
    "candidates": ([{"fasta"}, {"genome", "regions"}], set()),
    "values": ([{"values"}], set()),
    "predictions": ([{"model", "target"}], set()),
}


def _ill_supplied(name, null):
    """A null model that lacks what its kind needs, or is given what it does not read."""
    module = nulls.REGISTRY.load(null.kind)
    needed = module.needs(null.settings) if hasattr(module, "needs") else ()
    if getattr(null.settings, "by", "") == "prediction":
        needed = ("predictions",)
    given = {key for key, value in null.inputs if value}
    choices, extra = [set()], {"target"} if null.options.band else set()
    for array in needed:
        choices, more = _SUPPLY[array]
        extra = extra | more
    if any(keys <= given <= keys | extra for keys in choices):
        return
    where, kind = ("nulls", name, "inputs"), f"null model kind {null.kind!r}"
    wanted = " or ".join(" and ".join(sorted(keys)) for keys in choices)
    unread = sorted(given - set().union(*choices) - extra)
    if unread:
        serves = f"; it reads {wanted}" if wanted else ""
        yield (*where, unread[0]), f"{kind} with these settings does not read this key{serves}"
    else:
        yield where, f"{kind} with these settings needs inputs: {wanted}"


def _laboratory_faults(study):
    """Laboratory models that take another length than the study's, or a calibration of none."""
    known = {
        name: laboratory.load(model.laboratory)
        for name, model in study.models.items()
        if model.laboratory in laboratory.MODELS
    }
    for name, oracle in known.items():
        if oracle.length != study.length:
            yield (
                ("models", name, "laboratory"),
                f"laboratory model {oracle.name!r} takes {oracle.length} letters, but the "
                f"config's length is {study.length}",
            )
    for name, one in study.sequences.items():
        if one.measured and one.measured.laboratory in laboratory.MODELS:
            oracle = laboratory.load(one.measured.laboratory)
            if oracle.length != study.length or not oracle.motifs:
                yield (
                    ("sequences", name, "measured", "laboratory"),
                    f"laboratory model {oracle.name!r} takes {oracle.length} letters and has "
                    f"{len(oracle.motifs)} motifs to plant; the config's length is {study.length}",
                )
    for name, model in study.models.items():
        fault = _unmeasured(study, model)
        if fault and fault[1] in study.sequences:
            yield (
                ("models", name, "train", "measured", fault[0]),
                f"sequence set {fault[1]!r} has no `measured`, so the values must be given",
            )
    if study.calibration and not any(oracle.link is None for oracle in known.values()):
        yield (
            ("calibration",),
            "calibration needs a laboratory model with exact truths (LabR, LabD, ...)",
        )


def _window_fault(study):
    """The window of second-order mutagenesis, if it is no part of a sequence."""
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
