"""The rules of one run, for all runs of a model on a null model at once (`jobs.grain`)."""

OF_NULL = "results/models/{model}/experiments/{null}"


rule experiments:
    """Predict all conditions of all experiments of a model on a null model."""
    input:
        inputs_of("experiment"),
    output:
        f"{OF_NULL}/index_predictions.json",
    log:
        "results/logs/experiments/{model}/{null}.log",
    benchmark:
        "results/benchmarks/experiments/{model}/{null}.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=4000,
        runtime=720,
    params:
        runs=plans_of("experiment"),
    script:
        "../scripts/experiment.py"


rule importances:
    """Estimate all experiments of a model on a null model."""
    input:
        inputs_of("importance"),
    output:
        f"{OF_NULL}/index_tables.json",
    log:
        "results/logs/importances/{model}/{null}.log",
    benchmark:
        "results/benchmarks/importances/{model}/{null}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        runs=plans_of("importance"),
    script:
        "../scripts/importance.py"


rule figures:
    """Draw all experiments of a model on a null model."""
    input:
        inputs_of("figure"),
    output:
        f"{OF_NULL}/index_figures.json",
    log:
        "results/logs/figures/{model}/{null}.log",
    benchmark:
        "results/benchmarks/figures/{model}/{null}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        runs=plans_of("figure"),
    script:
        "../scripts/figure.py"
