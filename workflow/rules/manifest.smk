"""The hashes of everything a study made; `make verify` holds the results against them."""

MADE = [*TABLES, *FIGURES, "results/report.html", *PASSED, *KERNELS]


rule manifest:
    """Gather what each job recorded of its files beside its log."""
    input:
        MADE,
    output:
        "results/manifest.json",
    log:
        "results/logs/manifest.log",
    benchmark:
        "results/benchmarks/manifest.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(500),
        runtime=10,
    params:
        logs="results/logs",
        inputs=READ_CONTENTS,
        code=code_digest("manifest.py"),
    script:
        "../scripts/manifest.py"
