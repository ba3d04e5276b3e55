"""What rules need to know of experiments."""


def experiments_on(wildcards):
    """Names of the experiments that run on a model and a null model."""
    return [
        name
        for name in study.experiments
        if wildcards.null in study.nulls_of(name) and study.takes_part(name, wildcards.model)
    ]


def constructs(wildcards):
    """Predictions of all experiments on a model and a null model."""
    folder = f"results/models/{wildcards.model}/experiments/{wildcards.null}"
    return [f"{folder}/{name}/predictions.nc" for name in experiments_on(wildcards)]


def null_predicted(wildcards):
    """Predictions of the backgrounds themselves; none if an experiment edits real sequences."""
    if edited_sequences(wildcards):
        return []
    return f"results/models/{wildcards.model}/nulls/{wildcards.null}/predictions.nc"


@cache
def chosen_experiment(name, model):
    """The section of an experiment on a model as JSON values."""
    return plain(study.experiment(name, model))


def experiment_settings(wildcards):
    """Everything an experiment's predictions depend on; how they are judged does not matter here."""
    chosen = chosen_experiment(wildcards.experiment, wildcards.model)
    asked = {"half_width": half_width(wildcards)}
    return {key: chosen[key] for key in ("kind", "settings")} | asked


def experiment_code(script, *further, opens_model=False):
    """A function to the digest of a script, of the experiment and model it runs, and of more."""

    def digest(wildcards):
        kind = study.experiments[wildcards.experiment].kind
        plugins = [experiments.REGISTRY, *(package.REGISTRY for package in further)]
        modules = [each.module(kind) for each in plugins if kind in each.names]
        modules += opened_code(wildcards) if opens_model else []
        return code_digest(script, *modules)

    return digest


def experiment_patterns(wildcards):
    """The configured patterns an experiment asks for, in the order of the config."""
    asked = getattr(study.experiments[wildcards.experiment].settings, "patterns", None)
    if asked is None:
        return {}
    known = {**LETTERS, **study.models[wildcards.model].patterns}
    return {name: letters for name, letters in known.items() if not asked or name in asked}


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
    chosen = {name: chosen_experiment(name, wildcards.model) for name in experiments_on(wildcards)}
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
    return _design(study.experiments[wildcards.experiment].kind)


@cache
def _design(kind):
    return {**asdict(experiments.REGISTRY.load(kind).FIGURE), "alphabet": study.alphabet}
