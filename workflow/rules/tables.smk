"""Every run's tables in one, the report, and what the study promises."""

TABLES = [
    "results/tables/global_importance.tsv",
    "results/tables/contrasts.tsv",
    "results/tables/performance.tsv",
    "results/tables/null_diagnostics.tsv",
    "results/tables/null_robustness.tsv",
    "results/tables/replicates.tsv",
    "results/tables/families.tsv",
    *collect(
        "results/models/{model}/attribution/periods.tsv", model=study.attributed if PERIODS else []
    ),
    *CALIBRATION,
    *PUBLISHED,
]
FIGURES = [
    *held(run_files("figure.png")),
    *held(null_files("diagnostics.png")),
    "results/tables/null_robustness.png",
    *(["results/tables/families.png"] if study.families else []),
    *collect("results/models/{model}/performance.png", model=MEASURED),
    *(["results/tables/calibration.png"] if CALIBRATION else []),
    *(["results/tables/published.png"] if PUBLISHED else []),
    *collect(
        "results/models/{model}/motifs/catalogue.png",
        model=study.attributed if study.motifs else [],
    ),
    *collect(
        "results/models/{model}/attribution/maps.png",
        model=study.attributed if study.attribution else [],
    ),
    *collect(
        "results/models/{model}/attribution/second_order_ism.png",
        model=study.attributed if PAIRS else [],
    ),
    *collect(
        "results/models/{model}/attribution/periods.png", model=study.attributed if PERIODS else []
    ),
]
WHERE_TO_LOOK = """
The study is done. Where to look:
  results/report.html                       figures and tables with captions, in any browser
  results/tables/global_importance.tsv      every effect with its interval (also .parquet)
  results/models/*/experiments/*/*/         figure, table and predictions of each experiment
  results/tables/null_robustness.tsv        effects under each null model, side by side
"""


rule tables:
    """Gather the tables of all runs."""
    input:
        importance=held(run_files("importance.tsv")),
        contrasts=held(run_files("contrasts.tsv")),
        performance=collect("results/models/{model}/performance.tsv", model=study.models),
        diagnostics=held(null_files("diagnostics.tsv")),
    output:
        importance="results/tables/global_importance.tsv",
        importance_parquet="results/tables/global_importance.parquet",
        contrasts="results/tables/contrasts.tsv",
        contrasts_parquet="results/tables/contrasts.parquet",
        performance="results/tables/performance.tsv",
        diagnostics="results/tables/null_diagnostics.tsv",
        robustness="results/tables/null_robustness.tsv",
        replicates="results/tables/replicates.tsv",
        families="results/tables/families.tsv",
        family_spread="results/tables/family_spread.tsv",
        page=report(
            "results/tables/global_importance.html",
            caption="../report/table.rst",
            category="Tables",
            labels={"figure": "global importance and contrasts"},
        ),
        quality=report(
            "results/tables/performance.html",
            caption="../report/performance.rst",
            category="Models",
            labels={"figure": "held-out performance"},
        ),
        verdicts=report(
            "results/tables/null_models.html",
            caption="../report/nulls.rst",
            category="Null models",
            labels={"figure": "verdicts on all null models, and effects that depend on them"},
        ),
    log:
        "results/logs/tables.log",
    benchmark:
        "results/benchmarks/tables.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        files=listed(
            importance=run_files("importance.tsv"),
            contrasts=run_files("contrasts.tsv"),
            diagnostics=null_files("diagnostics.tsv"),
        ),
        fold=study.statistics.fold,
        groups=study.groups,
        families=study.families,
        confidence=study.statistics.confidence,
        code=code_digest("tables.py"),
        software=ARRAYS,
    script:
        "../scripts/tables.py"


rule figure_families:
    """Draw the compared effects of each family of models."""
    input:
        "results/tables/families.tsv",
    output:
        svg="results/tables/families.svg",
        png=report(
            "results/tables/families.png",
            caption="../report/families.rst",
            category="Models",
            labels={"figure": "one effect in each model of a family"},
        ),
    log:
        "results/logs/figure_families.log",
    benchmark:
        "results/benchmarks/figure_families.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        code=code_digest("figure_families.py"),
        software=DRAWING,
    script:
        "../scripts/figure_families.py"


rule report_page:
    """Make the one-page report from everything that is marked for it."""
    input:
        TABLES,
        FIGURES,
        models=collect("results/models/{model}/model.json", model=study.models),
        predictions=collect("results/models/{model}/predictions.nc", model=study.models),
        catalogues=(
            collect("results/models/{model}/motifs/catalogue.tsv", model=study.models)
            if study.motifs
            else []
        ),
        captions=collect(
            f"{os.path.relpath(workflow.basedir)}/report/{{caption}}.rst",
            caption=[
                "workflow",
                "attribution",
                "calibration",
                "diagnostics",
                "experiment",
                "families",
                "held_out",
                "motifs",
                "nulls",
                "performance",
                "periods",
                "published",
                "robustness",
                "second_order",
                "table",
            ],
        ),
    output:
        "results/report.html",
    log:
        "results/logs/report.log",
    benchmark:
        "results/benchmarks/report.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=30,
    params:
        models=list(study.models),
        folders=FOLDERS,
        config={
            key: value for key, value in config.items() if key not in ("store", "notes", "content")
        },
        code=code_digest("report_page.py"),
    script:
        "../scripts/report_page.py"
