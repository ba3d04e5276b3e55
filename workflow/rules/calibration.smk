"""Laboratory models -> every experiment many times over, held against the known truths."""

EXACT = (
    [name for name, model in study.models.items() if exact_truths(model)]
    if study.calibration
    else []
)
CALIBRATED = EXACT if EXACT and study.calibration.repeat else []
# Networks that were trained on measurements of a laboratory model.
LEARNED = [n for n, m in study.models.items() if study.calibration and learns_laboratory(m)]
# Model and file of every table of marks.
MARKS = [(name, "calibration.tsv") for name in CALIBRATED]
MARKS += [
    (model, f"experiments/{null}/{experiment}/truth.tsv")
    for model, null, experiment in runs()
    if model in EXACT + LEARNED and can_redraw(null) and can_resample(experiment)
]
MARKS += [
    (name, "marks.tsv")
    for name in EXACT
    if study.calibration.marks and study.models[name].laboratory in validation.MARKS
]
MARKS += [(name, "learned.tsv") for name in LEARNED]
MARKS += [(name, "learned.tsv") for name in EXACT if planted_set()]
CALIBRATION = ["results/tables/calibration.tsv"] if EXACT else []
PASSED = ["results/tables/calibration_passed.tsv"] if EXACT else []


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
        mem_mb=growing(3000),
        runtime=60,
    params:
        experiments=repeated_experiments,
        patterns=LETTERS,
        # Nothing else of the statistics is read, so that nothing else reruns it.
        statistics={"sesoi": study.statistics.sesoi},
        repeats=lambda wildcards: repeats(wildcards, "sequences", "truth"),
        seed=study.seed,
        code=model_code(
            "calibrate.py",
            *sorted({experiments.REGISTRY.module(e.kind) for e in study.experiments.values()}),
        ),
        software=ARRAYS,
    script:
        "../scripts/calibrate.py"


rule marks:
    """Measure what is declared for a laboratory model: power, screens, periods, directions, ..."""
    input:
        plan=PLAN,
        data="results/models/{model}/predictions.nc",
        sequences=collect(
            "results/sequences/{set}/sequences.nc",
            set=study.calibration.sequences if study.calibration else [],
        ),
    output:
        "results/models/{model}/marks.tsv",
    log:
        "results/logs/marks/{model}.log",
    benchmark:
        "results/benchmarks/marks/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(3000),
        runtime=60,
    params:
        statistics=plain(study.statistics),
        repeats=lambda wildcards: repeats(wildcards, "sequences"),
        seed=study.seed,
        code=marks_code,
        software=ARRAYS,
    script:
        "../scripts/marks.py"


rule learned:
    """Score a network that learned a laboratory model, its attributions and its motifs."""
    input:
        performance="results/models/{model}/performance.tsv",
        importance=profile_tables("importance.tsv"),
        contrasts=profile_tables("contrasts.tsv"),
        null_sequences=lambda wildcards: collect(
            "results/sequences/{set}/sequences.nc", set=profile_sets(wildcards)
        ),
        attribution=collect(
            "results/models/{{model}}/attribution/{method}.nc",
            method=ATTRIBUTION_METHODS if planted_set() else [],
        ),
        sites=collect(
            "results/sequences/{set}/sites.tsv", set=[planted_set()] if planted_set() else []
        ),
        matrices=collect(
            "results/models/{{model}}/motifs/{file}",
            file=["catalogue.nc"] if study.motifs and planted_set() else [],
        ),
    output:
        "results/models/{model}/learned.tsv",
    log:
        "results/logs/learned/{model}.log",
    benchmark:
        "results/benchmarks/learned/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=20,
    params:
        laboratory=lambda wildcards: learns_laboratory(study.models[wildcards.model])
        or laboratory_name(wildcards),
        measures_itself=lambda wildcards: laboratory_name(wildcards) is not None,
        runs=profile_designs,
        nulls={
            name: plain(chosen.settings)
            for name, chosen in study.nulls.items()
            if chosen.kind == "profile"
        },
        patterns=LETTERS,
        methods=ATTRIBUTION_METHODS if planted_set() else [],
        set=planted_set(),
        seed=study.seed,
        code=learned_code,
        software=ARRAYS,
    script:
        "../scripts/learned.py"


rule truth:
    """Compare the tables of one run with the truth, or with many more predictions of a network."""
    input:
        model=model_file,
        plan=PLAN,
        importance=f"{RUN}/importance.tsv",
        contrasts=f"{RUN}/contrasts.tsv",
        reference=null_sets,
        variants=variant_files,
        sequences=allele_sequences,
    output:
        f"{RUN}/truth.tsv",
    log:
        "results/logs/truth/{model}/{null}/{experiment}.log",
    benchmark:
        "results/benchmarks/truth/{model}/{null}/{experiment}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=60,
    params:
        model=lambda wildcards: wildcards.model,
        null=null_settings,
        name=lambda wildcards: [wildcards.null, wildcards.experiment],
        experiment=experiment_settings,
        patterns=LETTERS,
        simulated=resampled_sets,
        n=study.calibration.truth if study.calibration else None,
        seed=study.seed,
        content=content_of(model_file, variant_files),
        code=truth_code,
        software=ARRAYS,
    script:
        "../scripts/truth.py"


rule calibration:
    """Gather the marks of all laboratory models, as a table and a page for the report."""
    input:
        [f"results/models/{m}/{file}" for m, file in MARKS],
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
        mem_mb=growing(1000),
        runtime=10,
    params:
        models=[m for m, _ in MARKS],
        code=code_digest("calibration.py"),
        software=ARRAYS,
    script:
        "../scripts/calibration.py"


rule figure_calibration:
    """Draw every effect's mark beside its band."""
    input:
        "results/tables/calibration.tsv",
    output:
        svg="results/tables/calibration.svg",
        png=report(
            "results/tables/calibration.png",
            caption="../report/calibration.rst",
            category="Calibration",
            labels={"figure": "coverage and bias of every effect"},
        ),
    log:
        "results/logs/figure_calibration.log",
    benchmark:
        "results/benchmarks/figure_calibration.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        code=code_digest("figure_calibration.py"),
        software=DRAWING,
    script:
        "../scripts/figure_calibration.py"


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
        mem_mb=growing(1000),
        runtime=10,
    params:
        code=code_digest("calibration_passed.py"),
        software=ARRAYS,
    script:
        "../scripts/calibration_passed.py"
