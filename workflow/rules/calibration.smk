"""Laboratory models -> every experiment many times over, held against the known truths."""

CALIBRATED = (
    [name for name, model in study.models.items() if exact_truths(model)]
    if study.calibration
    else []
)
CALIBRATION = ["results/tables/calibration.tsv"] if CALIBRATED else []
PASSED = ["results/tables/calibration_passed.tsv"] if CALIBRATED else []


rule calibrate:
    """Repeat every experiment on a laboratory model, and compare with the exact truth."""
    input:
        plan=PLAN,
        data="results/models/{model}/predictions.nc",
        sequences=collect(
            "results/sequences/{set}/sequences.nc",
            set=study.calibration.sequences if study.calibration else [],
        ),
    output:
        "results/models/{model}/calibration.tsv",
    log:
        "results/logs/calibrate/{model}.log",
    benchmark:
        "results/benchmarks/calibrate/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        experiments={name: plain(chosen) for name, chosen in study.experiments.items()},
        patterns=study.patterns,
        statistics=plain(study.statistics),
        repeats=repeats,
        seed=study.seed,
        code=model_code(
            "calibrate.py",
            *sorted({experiments.REGISTRY.module(e.kind) for e in study.experiments.values()}),
        ),
        software=ARRAYS,
    script:
        "../scripts/calibrate.py"


rule calibration:
    """Gather the marks of all laboratory models, as a table and a page for the report."""
    input:
        collect("results/models/{model}/calibration.tsv", model=CALIBRATED),
    output:
        table="results/tables/calibration.tsv",
        page=report(
            "results/tables/calibration.html",
            caption="../report/calibration.rst",
            category="Calibration",
            labels={"figure": "estimates against known truths"},
        ),
    log:
        "results/logs/calibration.log",
    benchmark:
        "results/benchmarks/calibration.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        models=CALIBRATED,
        code=code_digest("calibration.py"),
        software=ARRAYS,
    script:
        "../scripts/calibration.py"


rule calibration_passed:
    """Count the marks of each check; a failed mark fails the run and is named."""
    input:
        "results/tables/calibration.tsv",
    output:
        "results/tables/calibration_passed.tsv",
    log:
        "results/logs/calibration_passed.log",
    benchmark:
        "results/benchmarks/calibration_passed.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_digest("calibration_passed.py"),
        software=ARRAYS,
    script:
        "../scripts/calibration_passed.py"
