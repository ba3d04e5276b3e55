"""Backgrounds and model -> predictions of every condition -> importance tables -> figures."""

RUN = "results/models/{model}/experiments/{null}/{experiment}"
# What the statistics of one run depend on; `fold` compares runs.
ESTIMATES = {
    key: plain(study.statistics)[key] for key in ("confidence", "sesoi", "interval", "test")
}

# What predictions depend on, whether one job makes them or several.
PREDICTED_FROM = {
    "model": model_file,
    "plan": PLAN,
    "backgrounds": null_backgrounds,
    "known": null_predicted,
    "catalogue": discovered,
    "matrices": discovered_matrices,
    "sequences": edited_sequences,
    "data": stopping_data,
    "variants": variant_files,
}
PREDICTED_BY = {
    "experiment": experiment_settings,
    "patterns": experiment_patterns,
    "confidence": stopping_confidence,
    "sesoi": stopping_effects,
    "name": lambda wildcards: [wildcards.null, wildcards.experiment],
    "seed": study.seed,
    "content": content_of(model_file, variant_files),
    "code": experiment_code("experiment.py", opens_model=True),
    "software": DNN,
}


rule experiment:
    """Predict every condition of an experiment on the same backgrounds, or gather the shards."""
    input:
        **PREDICTED_FROM,
        parts=experiment_parts,
    output:
        f"{RUN}/predictions.nc",
    log:
        "results/logs/experiment/{model}/{null}/{experiment}.log",
    benchmark:
        "results/benchmarks/experiment/{model}/{null}/{experiment}.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=growing(4000),
        runtime=120,
    params:
        **PREDICTED_BY,
    script:
        "../scripts/experiment.py"


rule experiment_shard:
    """Predict one of several parts of an experiment's conditions and backgrounds."""
    input:
        **PREDICTED_FROM,
    output:
        temp(f"{RUN}/shards/{{part}}_of_{{shards}}.nc"),
    log:
        "results/logs/experiment/{model}/{null}/{experiment}/{part}_of_{shards}.log",
    benchmark:
        "results/benchmarks/experiment/{model}/{null}/{experiment}/{part}_of_{shards}.tsv"
    wildcard_constraints:
        part="[0-9]+",
        shards="[0-9]+",
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=growing(4000),
        runtime=120,
    params:
        **PREDICTED_BY,
        shard=lambda wildcards: [int(wildcards.part) - 1, int(wildcards.shards)],
    script:
        "../scripts/experiment.py"


rule positive_controls:
    """Find and measure the positive control of each target: the 100 % mark."""
    input:
        predictions=marking_predictions,
    output:
        "results/models/{model}/nulls/{null}/controls.tsv",
    log:
        "results/logs/positive_controls/{model}/{null}.log",
    benchmark:
        "results/benchmarks/positive_controls/{model}/{null}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=10,
    params:
        experiments=marking,
        controls=study.statistics.controls,
        confidence=study.statistics.confidence,
        alphabet=study.alphabet,
        code=marking_code,
        software=ARRAYS,
    script:
        "../scripts/controls.py"


rule importance:
    """Estimate global importance and contrasts, with intervals, tests and verdicts."""
    input:
        predictions=f"{RUN}/predictions.nc",
        data="results/models/{model}/predictions.nc",
        controls="results/models/{model}/nulls/{null}/controls.tsv",
    output:
        importance=f"{RUN}/importance.tsv",
        contrasts=f"{RUN}/contrasts.tsv",
    log:
        "results/logs/importance/{model}/{null}/{experiment}.log",
    benchmark:
        "results/benchmarks/importance/{model}/{null}/{experiment}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        experiment=experiment_settings,
        identity=lambda wildcards: {
            "study": study.study,
            "model": wildcards.model,
            "null": wildcards.null,
            "experiment": wildcards.experiment,
        },
        statistics=ESTIMATES,
        correction=lambda wildcards: study.experiments[wildcards.experiment].correction,
        seed=study.seed,
        diagnostics={
            "coverage_warn": study.diagnostics.coverage_warn,
            "coverage_fail": study.diagnostics.coverage_fail,
        },
        alphabet=study.alphabet,
        code=experiment_code("importance.py", summaries),
        software=ARRAYS,
    script:
        "../scripts/importance.py"


rule figure:
    """Draw an experiment's result."""
    input:
        importance=f"{RUN}/importance.tsv",
        contrasts=f"{RUN}/contrasts.tsv",
    output:
        svg=f"{RUN}/figure.svg",
        png=report(
            f"{RUN}/figure.png",
            caption="../report/experiment.rst",
            category="Experiments",
            subcategory="{experiment}",
            labels={"model": "{model}", "null": "{null}", "figure": "{experiment}"},
        ),
    log:
        "results/logs/figure/{model}/{null}/{experiment}.log",
    benchmark:
        "results/benchmarks/figure/{model}/{null}/{experiment}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        design=figure_design,
        code=code_digest("figure.py"),
        software=DRAWING,
    script:
        "../scripts/figure.py"
