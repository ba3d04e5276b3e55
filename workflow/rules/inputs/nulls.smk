"""What rules need to know of null models."""


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


def genome_memory(wildcards):
    """Megabytes for drawing backgrounds: a genome's letters, and what is known of its windows."""
    genome = study.nulls[wildcards.null].inputs.genome
    return int(1000 + (1.2 + 150 / study.length) * megabytes([genome] if genome else []))


def null_backgrounds(wildcards):
    """The backgrounds of a null model, or those of them that the model predicts in its band."""
    whole = f"results/nulls/{wildcards.null}/backgrounds.nc"
    kept = f"results/models/{wildcards.model}/nulls/{wildcards.null}/backgrounds.nc"
    return kept if study.nulls[wildcards.null].options.band else whole


def sought_patterns(wildcards):
    """Letters of every pattern as a model has them, whose chance occurrences are counted."""
    letters = {**study.letters, **study.models[wildcards.model].patterns}
    texts = dict.fromkeys(map(str, letters.values()))
    return [text.replace("T", "U") if study.alphabet == "ACGU" else text for text in texts]


def null_reference(wildcards):
    """Names of the sequence sets that a null model's backgrounds are compared with."""
    chosen = study.nulls[wildcards.null]
    return list(chosen.reference or chosen.sequences)


def reference_files(wildcards):
    """Files of the sequence sets that a null model's backgrounds are compared with."""
    return [f"results/sequences/{name}/sequences.nc" for name in null_reference(wildcards)]
