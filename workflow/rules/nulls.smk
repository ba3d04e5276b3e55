"""Sequence sets -> backgrounds drawn from null models."""


rule backgrounds:
    """Draw the backgrounds of one null model."""
    input:
        sequences=null_sets,
    output:
        "results/nulls/{null}/backgrounds.nc",
    log:
        "results/logs/backgrounds/{null}.log",
    benchmark:
        "results/benchmarks/backgrounds/{null}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        null=null_settings,
        label=lambda wildcards: wildcards.null,
        seed=study.seed,
        code=null_code,
        software=versions("numpy", "numba"),
    script:
        "../scripts/backgrounds.py"
