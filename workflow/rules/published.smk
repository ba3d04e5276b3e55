"""Tables of the study and a table of published numbers -> both side by side."""


rule published:
    """Set published numbers and known answers beside the study's own."""
    input:
        published=study.published_files,
        tables=[f"results/{table}" for table in PUBLISHED_TABLES],
    output:
        table="results/tables/published.tsv",
        page=report(
            "results/tables/published.html",
            caption="../report/published.rst",
            category="Published beside ours",
            labels={"figure": "every number, where it is from and why it differs"},
        ),
    log:
        "results/logs/published.log",
    benchmark:
        "results/benchmarks/published.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        tables=PUBLISHED_TABLES,
        content=content_of(study.published_files),
        code=code_digest("published.py"),
        software=ARRAYS,
    script:
        "../scripts/published.py"


rule figure_published:
    """Draw published numbers beside the study's own."""
    input:
        "results/tables/published.tsv",
    output:
        svg="results/tables/published.svg",
        png=report(
            "results/tables/published.png",
            caption="../report/published.rst",
            category="Published beside ours",
            labels={"figure": "published numbers and ours"},
        ),
    log:
        "results/logs/figure_published.log",
    benchmark:
        "results/benchmarks/figure_published.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        code=code_digest("figure_published.py"),
        software=DRAWING,
    script:
        "../scripts/figure_published.py"
