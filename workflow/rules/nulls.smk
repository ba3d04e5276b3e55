"""Sequence sets -> backgrounds drawn from null models -> diagnostics: do they fit the data?"""

NULL = "results/models/{model}/nulls/{null}"


rule backgrounds:
    """Draw the backgrounds of one null model."""
    input:
        sequences=null_sets,
        genome=null_input("genome"),
        avoid=null_input("avoid"),
        fasta=null_input("fasta"),
        regions=null_input("regions"),
        values=null_values,
        predictions=null_predictions,
    output:
        "results/nulls/{null}/backgrounds.nc",
    log:
        "results/logs/backgrounds/{null}.log",
    benchmark:
        "results/benchmarks/backgrounds/{null}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(genome_memory),
        runtime=30,
    params:
        null=null_settings,
        label=lambda wildcards: wildcards.null,
        seed=study.seed,
        content=content_of(
            null_input("genome"),
            null_input("avoid"),
            null_input("fasta"),
            null_input("regions"),
            null_values,
        ),
        code=null_code,
        software=versions("numpy", "numba"),
    script:
        "../scripts/backgrounds.py"


rule band:
    """Keep the backgrounds that one model predicts within the band of their null model."""
    input:
        model=model_file,
        plan=PLAN,
        backgrounds="results/nulls/{null}/backgrounds.nc",
    output:
        f"{NULL}/backgrounds.nc",
    log:
        "results/logs/band/{model}/{null}.log",
    benchmark:
        "results/benchmarks/band/{model}/{null}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(3000),
        runtime=30,
    params:
        options=lambda wildcards: plain(study.nulls[wildcards.null].options),
        target=lambda wildcards: study.nulls[wildcards.null].inputs.target,
        label=lambda wildcards: wildcards.model,
        content=content_of(model_file),
        code=model_code("band.py"),
        software=DNN,
    script:
        "../scripts/band.py"


rule predict_null:
    """Predict backgrounds, and embed them and the sequences they are compared with."""
    input:
        model=model_file,
        plan=PLAN,
        backgrounds=null_backgrounds,
        reference=reference_files,
    output:
        f"{NULL}/predictions.nc",
    log:
        "results/logs/predict_null/{model}/{null}.log",
    benchmark:
        "results/benchmarks/predict_null/{model}/{null}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(3000),
        runtime=30,
    params:
        content=content_of(model_file),
        code=model_code("predict_null.py"),
        software=DNN,
    script:
        "../scripts/predict_null.py"


rule diagnostics:
    """Compare backgrounds, and the constructs made of them, with real sequences."""
    input:
        backgrounds=null_backgrounds,
        reference=reference_files,
        predictions=f"{NULL}/predictions.nc",
        data="results/models/{model}/predictions.nc",
        constructs=constructs,
    output:
        table=f"{NULL}/diagnostics.tsv",
        kmers=f"{NULL}/kmers.tsv",
        positions=f"{NULL}/positions.tsv",
        quantiles=f"{NULL}/quantiles.tsv",
        constructs=f"{NULL}/constructs.tsv",
    log:
        "results/logs/diagnostics/{model}/{null}.log",
    benchmark:
        "results/benchmarks/diagnostics/{model}/{null}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=30,
    params:
        settings=plain(study.diagnostics),
        identity=lambda wildcards: {
            "study": study.study,
            "model": wildcards.model,
            "null": wildcards.null,
        },
        reference=null_reference,
        experiments=experiments_on,
        patterns=sought_patterns,
        one_strand=study.alphabet == "ACGU",
        seed=study.seed,
        code=code_digest("diagnostics.py"),
        software=versions("numpy", "pandas", "scipy", "scikit-learn"),
    script:
        "../scripts/diagnostics.py"


rule figure_diagnostics:
    """Draw the diagnostics of a null model."""
    input:
        table=f"{NULL}/diagnostics.tsv",
        positions=f"{NULL}/positions.tsv",
        quantiles=f"{NULL}/quantiles.tsv",
    output:
        svg=f"{NULL}/diagnostics.svg",
        png=report(
            f"{NULL}/diagnostics.png",
            caption="../report/diagnostics.rst",
            category="Null models",
            labels={"model": "{model}", "null": "{null}", "figure": "diagnostics"},
        ),
    log:
        "results/logs/figure_diagnostics/{model}/{null}.log",
    benchmark:
        "results/benchmarks/figure_diagnostics/{model}/{null}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        limits=plain(study.diagnostics),
        code=code_digest("figure_diagnostics.py"),
        software=DRAWING,
    script:
        "../scripts/figure_diagnostics.py"


rule figure_robustness:
    """Draw the estimates of each condition under all null models that it was measured on."""
    input:
        "results/tables/null_robustness.tsv",
    output:
        svg="results/tables/null_robustness.svg",
        png=report(
            "results/tables/null_robustness.png",
            caption="../report/robustness.rst",
            category="Null models",
            labels={"figure": "robustness of effects across null models"},
        ),
    log:
        "results/logs/figure_robustness.log",
    benchmark:
        "results/benchmarks/figure_robustness.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        code=code_digest("figure_robustness.py"),
        software=DRAWING,
    script:
        "../scripts/figure_robustness.py"
