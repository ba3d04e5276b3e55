"""What rules need to know of models: files, training and outputs."""


def model_file(wildcards):
    """The file of a model: the user's, a source's or the one trained here; a formula has none."""
    chosen = study.models[wildcards.model]
    if chosen.laboratory is not None:
        return []
    if chosen.source is not None:
        # By its own name: the ending says what it is.
        name = chosen.member.rpartition("/")[2]
        return f"results/models/{wildcards.model}/member/{name}"
    return chosen.path or f"results/models/{wildcards.model}/model.keras"


def laboratory_name(wildcards):
    """The laboratory model that a model is, or None."""
    return study.models[wildcards.model].laboratory


def laboratory_code(wildcards):
    """The module that a script which opens a model loads by name, if it is of the laboratory."""
    name = laboratory_name(wildcards)
    return [] if name is None else [validation.module(name)]


def opened_code(wildcards):
    """The modules that a script which opens a model loads by name: its oracle or functionals."""
    used = {one.functional for one in study.models[wildcards.model].output.functionals.values()}
    return laboratory_code(wildcards) + [functionals.REGISTRY.module(name) for name in sorted(used)]


def model_code(script, *modules):
    """A function to the digest of a script that opens a model, and of modules it loads by name."""
    return lambda wildcards: code_digest(script, *modules, *opened_code(wildcards))


def training_sets(wildcards):
    """Sequence files of a trained model: of its targets in order, or of its measured values."""
    chosen = study.models[wildcards.model].train
    used = chosen.positives.values() if chosen.positives else [chosen.measured.sequences]
    return [f"results/sequences/{name}/sequences.nc" for name in used]


def negative_sets(wildcards):
    """Sequence files of the negatives of a trained model, in the order of its targets."""
    chosen = study.models[wildcards.model].train
    used = [chosen.negatives[target] for target in chosen.positives if target in chosen.negatives]
    return [f"results/sequences/{name}/sequences.nc" for name in used]


def held_out_set(wildcards):
    """Sequence file of the set that a model trained on values is tested on."""
    return f"results/sequences/{study.models[wildcards.model].train.measured.test}/sequences.nc"


def value_tables(model, name):
    """File and columns of the measured values of a set, for each target of a trained model."""
    chosen = study.models[model].train
    if chosen is None or chosen.measured is None:
        return {}
    given = {target: plain(values) for target, values in chosen.measured.values.items()}
    made = f"results/sequences/{name}/values.tsv"
    columns = {"file": made, "name": "name", "scale": "none"}
    return given or {t: {**columns, "value": t} for t in study.targets(model)}


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
        read = {name: reading(one) for name, one in chosen.output.functionals.items()}
        columns = None if read else chosen.output.targets
        unit = chosen.output.read_unit
        return {"head": chosen.output.head, "targets": columns, "unit": unit, "readings": read}
    columns = {target: i for i, target in enumerate(study.targets(wildcards.model))}
    return {"head": None, "targets": columns, "unit": training_unit(chosen.train), "readings": {}}


def training_unit(train):
    """The unit of a trained model's outputs."""
    if train.positives:
        return "logit"
    scales = {values.scale for values in train.measured.values.values()}
    shared = scales.pop() if len(scales) == 1 else "none"
    return {"log": "SD of log intensity", "clip": "SD of intensity"}.get(shared, "measured units")


def reading(chosen):
    """A functional as JSON values, the name of a pattern replaced by its letters."""
    found = plain(chosen)
    pattern = found["settings"].get("pattern")
    if pattern in study.letters:
        found["settings"]["pattern"] = str(study.letters[pattern])
    return found


def batch(wildcards):
    """Sequences per prediction call of a model."""
    return study.models[wildcards.model].batch


def trust(wildcards):
    """Whether a model's file may run code when it is opened."""
    return study.models[wildcards.model].trust


def motif_targets(model):
    """Targets of a model whose motifs are sought."""
    known = study.targets(model)
    return [
        t for t in (study.motifs.sequences if study.motifs else []) if known is None or t in known
    ]
