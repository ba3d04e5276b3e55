"""The study, checked once; where its files are; and what rules need to know of it."""

import os
from dataclasses import asdict
from pathlib import Path

from giaflow.fingerprint import code_digest, compiled_folder

# Before anything imports numba, here and in every job.
os.environ.setdefault("NUMBA_CACHE_DIR", compiled_folder())

from snakemake.exceptions import WorkflowError

from giaflow import architectures, experiments, laboratory, nulls, summaries
from giaflow.attribution import REGISTRY as METHODS
from giaflow.checks import InputError
from giaflow.controls import KINDS as CONTROL_KINDS
from giaflow.io.matrices import matrix_of
from giaflow.io.origins import locator
from giaflow.io.sources import read_sources
from giaflow.letters import dumped
from giaflow.software import versions
from giaflow.validate import load_study

try:
    SOURCES = read_sources(Path(workflow.basedir).parent / "resources" / "sources.tsv")
    study = load_study(config, locator(workflow.configfiles), SOURCES, matrix_of)
except InputError as error:
    raise WorkflowError(f"\n{error}") from None

# The letters of every pattern, or its matrix: a motif file that changes changes the parameters of
# just those jobs that embed its motif.
LETTERS = {name: dumped(letters) for name, letters in study.letters.items()}
DNN = versions("tensorflow", "keras", "numpy")
ARRAYS = versions("numpy", "pandas", "scipy")
DRAWING = versions("matplotlib", "seaborn", "logomaker")
# What was recorded when a model was imported, its checks and its plan.
PLAN = ["results/models/{model}/model.json", "results/models/{model}/plan.npz"]
NAME = "[A-Za-z0-9][A-Za-z0-9_.-]*"


wildcard_constraints:
    set=NAME,
    model=NAME,
    null=NAME,
    experiment=NAME,
    target=NAME,
    source=NAME,


def plain(settings):
    """A settings object as JSON values: what Snakemake can compare between runs."""
    return settings.model_dump(mode="json")


def archive(wildcards):
    """The downloaded file that holds a sequence set, if it comes from one."""
    chosen = study.sequences[wildcards.set]
    if chosen.source is None:
        return []
    return f"results/resources/{chosen.source}/{SOURCES[chosen.source]['file']}"


def simulated_set(wildcards):
    """What random sequences depend on, or None for a set that is read from files."""
    chosen = study.sequences[wildcards.set]
    if chosen.simulated is None:
        return None
    oracle = chosen.measured.laboratory if chosen.measured else None
    drawn = {"length": study.length, "n": chosen.simulated, "seed": study.seed}
    return {**drawn, "label": wildcards.set, "oracle": oracle}


def measured_code(script):
    """A function to the digest of a script, and of the laboratory model that measures a set."""

    def digest(wildcards):
        measured = study.sequences[wildcards.set].measured
        return code_digest(script, *([laboratory.module(measured.laboratory)] if measured else []))

    return digest


def local_copy(wildcards):
    """The user's own copy of a source, if the config names one."""
    return study.sources.get(wildcards.source, [])


def model_file(wildcards):
    """The file of a model: the user's, or the one trained here; a laboratory model has none."""
    chosen = study.models[wildcards.model]
    if chosen.laboratory is not None:
        return []
    return chosen.path or f"results/models/{wildcards.model}/model.keras"


def laboratory_name(wildcards):
    """The laboratory model that a model is, or None."""
    return study.models[wildcards.model].laboratory


def exact_truths(model):
    """Whether a model of the study is of the laboratory and its true effects are exact."""
    return bool(model.laboratory) and laboratory.load(model.laboratory).link is None


def can_redraw(null):
    """Whether a null model draws as many backgrounds as are asked for."""
    return not hasattr(nulls.REGISTRY.load(study.nulls[null].kind), "pool")


def truth_code(wildcards):
    """Digest of the truth script and of the experiment, null and laboratory model it loads."""
    modules = [
        experiments.REGISTRY.module(study.experiments[wildcards.experiment].kind),
        nulls.REGISTRY.module(study.nulls[wildcards.null].kind),
    ]
    return code_digest("truth.py", *modules, *laboratory_code(wildcards))


def learns_laboratory(model):
    """Name of the laboratory model whose measurements a model is trained on, or None."""
    learned = model.train.measured if model.train else None
    if learned is None or learned.values:
        return None
    return study.sequences[learned.sequences].measured.laboratory


def planted_set():
    """The attributed set that motifs were planted in, or None."""
    attributed = study.attribution.sequences if study.attribution else []
    return next((name for name in attributed if study.sequences[name].measured), None)


def profile_runs(wildcards):
    """Null and experiment of a model's runs whose null model may have an exact truth."""
    return [
        (null, experiment)
        for model, null, experiment in runs()
        if model == wildcards.model and study.nulls[null].kind == "profile"
    ]


def profile_tables(file):
    """A function to one table of every such run."""

    def files(wildcards):
        folder = f"results/models/{wildcards.model}/experiments"
        return [f"{folder}/{n}/{e}/{file}" for n, e in profile_runs(wildcards)]

    return files


def profile_sets(wildcards):
    """Names of the sequence sets that such null models imitate."""
    used = (name for null, _ in profile_runs(wildcards) for name in study.nulls[null].sequences)
    return list(dict.fromkeys(used))


def profile_designs(wildcards):
    """What a script needs to know of such runs."""
    sets = profile_sets(wildcards)
    return [
        (null, name, plain(study.experiments[name]), list(map(sets.index, chosen.sequences)))
        for null, name in profile_runs(wildcards)
        for chosen in [study.nulls[null]]
    ]


def learned_code(wildcards):
    """Digest of the script that scores a trained model, and of what it loads."""
    model = study.models[wildcards.model]
    kinds = sorted({entry.kind for entry in study.experiments.values()})
    name = learns_laboratory(model) or model.laboratory
    return code_digest(
        "learned.py", laboratory.module(name), *map(experiments.REGISTRY.module, kinds)
    )


def repeats(wildcards, *less):
    """How often the experiments of a laboratory model are repeated."""
    chosen = plain(study.calibration)
    return {
        key: value
        for key, value in chosen.items()
        if key not in ("sequences", "repeat", "marks", *less)
    }


def marks_code(wildcards):
    """Digest of the script of declared marks, and of the models and experiments it loads."""
    modules = sorted({laboratory.module(name) for name in laboratory.MODELS})
    plugins = (experiments.REGISTRY, summaries.REGISTRY)
    modules += [registry.module(name) for registry in plugins for name in registry.names]
    return code_digest("marks.py", laboratory.marks(laboratory_name(wildcards)), *modules)


def laboratory_code(wildcards):
    """The module that a script which opens a model loads by name, if it is of the laboratory."""
    name = laboratory_name(wildcards)
    return [] if name is None else [laboratory.module(name)]


def model_code(script, *modules):
    """A function to the digest of a script that opens a model, and of modules it loads by name."""
    return lambda wildcards: code_digest(script, *modules, *laboratory_code(wildcards))


def training_sets(wildcards):
    """Sequence files of a trained model: of its targets in order, or of its measured values."""
    chosen = study.models[wildcards.model].train
    used = chosen.positives.values() if chosen.positives else [chosen.measured.sequences]
    return [f"results/sequences/{name}/sequences.nc" for name in used]


def value_tables(model, name):
    """File and columns of the measured values of a set, for each target of a trained model."""
    chosen = study.models[model].train
    if chosen is None or chosen.measured is None:
        return {}
    given = {target: plain(values) for target, values in chosen.measured.values.items()}
    made = f"results/sequences/{name}/values.tsv"
    return given or {t: {"file": made, "name": "name", "value": t} for t in study.targets(model)}


def value_files(key):
    """A function to the files of values of a model's `sequences` or `test` set, if it has any."""

    def files(wildcards):
        chosen = study.models[wildcards.model].train
        if chosen is None or chosen.measured is None:
            return []
        tables = value_tables(wildcards.model, getattr(chosen.measured, key))
        return list(dict.fromkeys(table["file"] for table in tables.values()))

    return files


def value_columns(key):
    """A function to what a script needs to read the values of a model, by target."""

    def columns(wildcards):
        chosen = study.models[wildcards.model].train
        if chosen is None or chosen.measured is None:
            return None
        return value_tables(wildcards.model, getattr(chosen.measured, key))

    return columns


def training(wildcards):
    """Everything the training of a model depends on."""
    return plain(study.models[wildcards.model].train)


def network_code(wildcards):
    """Digest of the training script and of the architecture it builds."""
    name = study.models[wildcards.model].train.network.architecture
    return code_digest("train.py", architectures.REGISTRY.module(name))


def output_settings(wildcards):
    """Which numbers of a model are read."""
    chosen = study.models[wildcards.model]
    if chosen.train is None:
        return plain(chosen.output)
    columns = {target: i for i, target in enumerate(study.targets(wildcards.model))}
    unit = "logit" if chosen.train.positives else "measured units"
    return {"head": None, "targets": columns, "unit": unit}


def batch(wildcards):
    """Sequences per prediction call of a model."""
    return study.models[wildcards.model].batch


def null_sets(wildcards):
    """Sequence files that a null model imitates."""
    used = study.nulls[wildcards.null].sequences
    return [f"results/sequences/{name}/sequences.nc" for name in used]


def null_settings(wildcards):
    """Everything the backgrounds of a null model depend on, before any band."""
    chosen = plain(study.nulls[wildcards.null])
    del chosen["reference"], chosen["options"]["band"], chosen["most"]
    return {**chosen, "n": study.nulls[wildcards.null].count}


def null_code(wildcards):
    """Digest of the background script and of the null model it draws from."""
    return code_digest("backgrounds.py", nulls.REGISTRY.module(study.nulls[wildcards.null].kind))


def null_input(key):
    """A function to the files that a null model is given under a key, if any."""

    def files(wildcards):
        return getattr(study.nulls[wildcards.null].inputs, key) or []

    return files


def null_values(wildcards):
    """The table of measured values of a null model, if it is given one."""
    values = study.nulls[wildcards.null].inputs.values
    return values.file if values else []


def null_predictions(wildcards):
    """The predictions that order a null model's sequences, if it is given a model for that."""
    model = study.nulls[wildcards.null].inputs.model
    return f"results/models/{model}/predictions.nc" if model else []


def megabytes(files):
    """Size of some files (MB), unpacked; of one that does not exist 0, Snakemake refuses it."""
    sizes = {file: os.path.getsize(file) for file in files if os.path.exists(file)}
    # Letters pack to a quarter of a byte or more each, but for stretches of one letter.
    return sum(size * (5 if file.endswith("gz") else 1) for file, size in sizes.items()) / 1e6


def sequences_memory(wildcards):
    """Megabytes for reading a sequence set: its letters, its names and their index."""
    return int(1000 + 8 * megabytes(study.sequences[wildcards.set].fasta))


def genome_memory(wildcards):
    """Megabytes for drawing backgrounds: a genome's letters, and what is known of its windows."""
    genome = study.nulls[wildcards.null].inputs.genome
    return int(1000 + (1.2 + 150 / study.length) * megabytes([genome] if genome else []))


def null_backgrounds(wildcards):
    """The backgrounds of a null model, or those of them that the model predicts in its band."""
    whole = f"results/nulls/{wildcards.null}/backgrounds.nc"
    kept = f"results/models/{wildcards.model}/nulls/{wildcards.null}/backgrounds.nc"
    return kept if study.nulls[wildcards.null].options.band else whole


def null_reference(wildcards):
    """Names of the sequence sets that a null model's backgrounds are compared with."""
    chosen = study.nulls[wildcards.null]
    return list(chosen.reference or chosen.sequences)


def reference_files(wildcards):
    """Files of the sequence sets that a null model's backgrounds are compared with."""
    return [f"results/sequences/{name}/sequences.nc" for name in null_reference(wildcards)]


def experiments_on(wildcards):
    """Names of the experiments that run on a model and a null model."""
    pair = (wildcards.model, wildcards.null)
    return [experiment for *of, experiment in runs() if tuple(of) == pair]


def constructs(wildcards):
    """Predictions of all experiments on a model and a null model."""
    folder = f"results/models/{wildcards.model}/experiments/{wildcards.null}"
    return [f"{folder}/{name}/predictions.nc" for name in experiments_on(wildcards)]


def experiment_settings(wildcards):
    """Everything an experiment's predictions depend on; how they are judged is no part of it."""
    chosen = plain(study.experiments[wildcards.experiment])
    asked = {"half_width": half_width(wildcards)}
    return {key: chosen[key] for key in ("kind", "settings")} | asked


def experiment_code(script, *further, opens_model=False):
    """A function to the digest of a script, of the experiment and model it runs, and of more."""

    def digest(wildcards):
        kind = study.experiments[wildcards.experiment].kind
        plugins = [experiments.REGISTRY, *(package.REGISTRY for package in further)]
        modules = [each.module(kind) for each in plugins if kind in each.names]
        modules += laboratory_code(wildcards) if opens_model else []
        return code_digest(script, *modules)

    return digest


def experiment_patterns(wildcards):
    """The configured patterns an experiment asks for, in the order of the config."""
    asked = getattr(study.experiments[wildcards.experiment].settings, "patterns", None)
    if asked is None:
        return {}
    return {name: letters for name, letters in LETTERS.items() if not asked or name in asked}


def discovered_matrices(wildcards):
    """The matrices of discovered patterns, if an experiment draws instances of them."""
    sampled = study.motifs is not None and study.motifs.instances == "sampled"
    if not sampled or not discovered(wildcards):
        return []
    return f"results/models/{wildcards.model}/motifs/catalogue.nc"


def discovered(wildcards):
    """The motif catalogue of the model, if the experiment asks for discovered patterns."""
    asked = getattr(study.experiments[wildcards.experiment].settings, "discovered", False)
    if not asked or study.motifs is None:
        return []
    return f"results/models/{wildcards.model}/motifs/catalogue.tsv"


def half_width(wildcards):
    """The half-width that an experiment stops at; none if it predicts everything."""
    chosen = study.experiments[wildcards.experiment]
    grows = study.nulls[wildcards.null].n == "auto" and not edited_sequences(wildcards)
    return "auto" if grows and chosen.half_width is None else chosen.half_width


def stopping_confidence(wildcards):
    """Confidence of the half-width that an experiment stops at; none if it predicts everything."""
    return None if half_width(wildcards) is None else study.statistics.confidence


def stopping_effects(wildcards):
    """The smallest effects of interest that an automatic half-width follows from, if it is one."""
    return study.statistics.sesoi if half_width(wildcards) == "auto" else None


def stopping_data(wildcards):
    """Predictions of real sequences, from which an automatic half-width follows, if it is one."""
    needed = half_width(wildcards) == "auto"
    return f"results/models/{wildcards.model}/predictions.nc" if needed else []


def marking(wildcards):
    """The experiments on a model and a null model that embed what may be a positive control."""
    chosen = {name: plain(study.experiments[name]) for name in experiments_on(wildcards)}
    return {
        name: {key: each[key] for key in ("kind", "settings")}
        for name, each in chosen.items()
        if each["kind"] in CONTROL_KINDS
    }


def marking_predictions(wildcards):
    """Predictions of those experiments."""
    folder = f"results/models/{wildcards.model}/experiments/{wildcards.null}"
    return [f"{folder}/{name}/predictions.nc" for name in marking(wildcards)]


def marking_code(wildcards):
    """Digest of the script that finds positive controls and of the experiments it reads."""
    kinds = sorted({each["kind"] for each in marking(wildcards).values()})
    return code_digest("controls.py", *map(experiments.REGISTRY.module, kinds))


def edited_sequences(wildcards):
    """Files of the real sequences an experiment edits; none if it edits backgrounds."""
    used = getattr(study.experiments[wildcards.experiment].settings, "sequences", [])
    return [f"results/sequences/{name}/sequences.nc" for name in used]


def variant_files(wildcards):
    """Files of the variants whose alleles an experiment embeds, if it does."""
    return getattr(study.experiments[wildcards.experiment].settings, "variants", [])


def figure_design(wildcards):
    """How an experiment's result is drawn."""
    kind = study.experiments[wildcards.experiment].kind
    return asdict(experiments.REGISTRY.load(kind).FIGURE)


def motif_targets(model):
    """Targets of a model whose motifs are sought."""
    known = study.targets(model)
    return [
        t for t in (study.motifs.sequences if study.motifs else []) if known is None or t in known
    ]


def runs():
    """Every (model, null, experiment) of the study."""
    for model in study.models:
        for experiment, chosen in study.experiments.items():
            for null in chosen.nulls or study.nulls:
                yield model, null, experiment


def null_files(name):
    """One file name in the folder of every model and null model that an experiment runs on."""
    pairs = dict.fromkeys((model, null) for model, null, _ in runs())
    return [f"results/models/{model}/nulls/{null}/{name}" for model, null in pairs]


def run_files(name):
    """One file name in the folder of every run."""
    return [f"results/models/{m}/experiments/{n}/{e}/{name}" for m, n, e in runs()]
