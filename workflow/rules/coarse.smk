"""The rules of one run or null model, for all of a model at once (`jobs.grain: coarse`).

Snakemake knows one index of each, which stands for the files that the job makes (jobs/coarse.py).
"""


rule all_predict_null:
    """Predict the backgrounds of all null models."""
    input:
        inputs_of("predict_null"),
    output:
        "results/models/{model}/index/null_predictions.json",
    log:
        "results/logs/all_predict_null/{model}.log",
    benchmark:
        "results/benchmarks/all_predict_null/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(3000),
        runtime=90,
    params:
        runs=plans_of("predict_null"),
    script:
        "../scripts/predict_null.py"


rule all_experiment:
    """Predict all conditions of all experiments of a model."""
    input:
        inputs_of("experiment"),
    output:
        "results/models/{model}/index/experiments.json",
    log:
        "results/logs/all_experiment/{model}.log",
    benchmark:
        "results/benchmarks/all_experiment/{model}.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=growing(4000),
        runtime=1440,
    params:
        runs=plans_of("experiment"),
    script:
        "../scripts/experiment.py"


rule all_positive_controls:
    """Find the positive controls of a model on all null models."""
    input:
        inputs_of("positive_controls"),
    output:
        "results/models/{model}/index/positive_controls.json",
    log:
        "results/logs/all_positive_controls/{model}.log",
    benchmark:
        "results/benchmarks/all_positive_controls/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=30,
    params:
        runs=plans_of("positive_controls"),
    script:
        "../scripts/controls.py"


rule all_importance:
    """Estimate all experiments of a model."""
    input:
        inputs_of("importance"),
    output:
        "results/models/{model}/index/importance.json",
    log:
        "results/logs/all_importance/{model}.log",
    benchmark:
        "results/benchmarks/all_importance/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=120,
    params:
        runs=plans_of("importance"),
    script:
        "../scripts/importance.py"


rule all_figure:
    """Draw all experiments of a model."""
    input:
        inputs_of("figure"),
    output:
        "results/models/{model}/index/figures.json",
    log:
        "results/logs/all_figure/{model}.log",
    benchmark:
        "results/benchmarks/all_figure/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=120,
    params:
        runs=plans_of("figure"),
    script:
        "../scripts/figure.py"


rule all_diagnostics:
    """Compare the backgrounds of all null models with real sequences."""
    input:
        inputs_of("diagnostics"),
    output:
        "results/models/{model}/index/diagnostics.json",
    log:
        "results/logs/all_diagnostics/{model}.log",
    benchmark:
        "results/benchmarks/all_diagnostics/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=90,
    params:
        runs=plans_of("diagnostics"),
    script:
        "../scripts/diagnostics.py"


rule all_figure_diagnostics:
    """Draw the diagnostics of all null models."""
    input:
        inputs_of("figure_diagnostics"),
    output:
        "results/models/{model}/index/diagnostic_figures.json",
    log:
        "results/logs/all_figure_diagnostics/{model}.log",
    benchmark:
        "results/benchmarks/all_figure_diagnostics/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=30,
    params:
        runs=plans_of("figure_diagnostics"),
    script:
        "../scripts/figure_diagnostics.py"
