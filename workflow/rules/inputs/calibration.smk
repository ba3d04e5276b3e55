"""What rules need to know of the laboratory and of what is trained on it."""


def exact_truths(model):
    """Whether a model of the study is of the laboratory and its true effects are exact."""
    return bool(model.laboratory) and validation.load(model.laboratory).link is None


def can_redraw(null):
    """Whether a null model draws as many backgrounds as are asked for."""
    return not hasattr(nulls.REGISTRY.load(study.nulls[null].kind), "pool")


def repeated_experiments(wildcards):
    """The experiments of a laboratory model, to be repeated."""
    return {
        name: plain(chosen)
        for name, chosen in study.experiments.items()
        if study.takes_part(name, wildcards.model)
    }


def can_resample(experiment):
    """Whether what an experiment edits can be drawn again: backgrounds, or simulated sequences."""
    settings = study.experiments[experiment].settings
    used = getattr(settings, "sequences", [])
    return all(study.sequences[name].simulated for name in used) or hasattr(settings, "variants")


def resampled_sets(wildcards):
    """What the simulated sequences that an experiment edits are drawn from."""
    if variant_files(wildcards):
        return []
    used = getattr(study.experiments[wildcards.experiment].settings, "sequences", [])
    return [simulation(name) for name in used]


def allele_sequences(wildcards):
    """Files of the sequences in which variants lie; none if the experiment has no variants."""
    return edited_sequences(wildcards) if variant_files(wildcards) else []


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
        "learned.py", validation.module(name), *map(experiments.REGISTRY.module, kinds)
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
    modules = sorted({validation.module(name) for name in validation.MODELS})
    plugins = (experiments.REGISTRY, summaries.REGISTRY)
    modules += [registry.module(name) for registry in plugins for name in registry.names]
    return code_digest("marks.py", validation.marks(laboratory_name(wildcards)), *modules)
