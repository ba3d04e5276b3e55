"""Model and sequences -> attribution/{method}.nc -> TF-MoDISco patterns -> motif catalogue."""

ATTRIBUTED = list(study.attribution.sequences) if study.attribution else []
ATTRIBUTION_METHODS = [m.method for m in study.attribution.methods] if study.attribution else []
PAIRS = study.attribution.second_order_ism if study.attribution else None
PERIODS = study.attribution.periods if study.attribution else None


rule attribution:
    """Score every letter of a sample of sequences with every method, or gather the shards."""
    input:
        model=model_file,
        plan=PLAN,
        sequences=collect("results/sequences/{set}/sequences.nc", set=ATTRIBUTED),
        parts=attribution_parts,
    output:
        collect("results/models/{{model}}/attribution/{method}.nc", method=ATTRIBUTION_METHODS),
    log:
        "results/logs/attribution/{model}.log",
    benchmark:
        "results/benchmarks/attribution/{model}.tsv"
    # The patterns that are found here are what experiments wait for.
    priority: 1
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=growing(4000),
        runtime=120,
    params:
        sample=study.attribution.sequences if study.attribution else {},
        methods=[plain(m) for m in study.attribution.methods] if study.attribution else [],
        seed=study.seed,
        content=content_of(model_file),
        code=model_code("attribution.py", *map(METHODS.module, ATTRIBUTION_METHODS)),
        software=DNN,
    script:
        "../scripts/attribution.py"


rule attribution_shard:
    """Score the letters of one of several parts of the sampled sequences."""
    input:
        model=model_file,
        plan=PLAN,
        sequences=collect("results/sequences/{set}/sequences.nc", set=ATTRIBUTED),
    output:
        temp(
            collect(
                "results/models/{{model}}/attribution/shards/{{part}}_of_{{shards}}/{method}.nc",
                method=ATTRIBUTION_METHODS,
            )
        ),
    log:
        "results/logs/attribution/{model}/{part}_of_{shards}.log",
    benchmark:
        "results/benchmarks/attribution/{model}/{part}_of_{shards}.tsv"
    wildcard_constraints:
        part="[0-9]+",
        shards="[0-9]+",
    # The patterns that are found here are what experiments wait for.
    priority: 1
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=growing(4000),
        runtime=120,
    params:
        shard=lambda wildcards: [int(wildcards.part) - 1, int(wildcards.shards)],
        sample=study.attribution.sequences if study.attribution else {},
        methods=[plain(m) for m in study.attribution.methods] if study.attribution else [],
        seed=study.seed,
        content=content_of(model_file),
        code=model_code("attribution.py", *map(METHODS.module, ATTRIBUTION_METHODS)),
        software=DNN,
    script:
        "../scripts/attribution.py"


rule second_order_ism:
    """Map which pairs of positions do not simply add up, in a few sequences and their shuffles."""
    input:
        model=model_file,
        plan=PLAN,
        sequences=collect(
            "results/sequences/{set}/sequences.nc", set=PAIRS.sequences if PAIRS else []
        ),
    output:
        "results/models/{model}/attribution/second_order_ism.nc",
    log:
        "results/logs/second_order_ism/{model}.log",
    benchmark:
        "results/benchmarks/second_order_ism/{model}.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=growing(4000),
        runtime=240,
    params:
        settings=PAIRS.model_dump(mode="json", exclude={"top"}) if PAIRS else {},
        length=study.length,
        seed=study.seed,
        content=content_of(model_file),
        code=model_code("second_order_ism.py"),
        software=DNN,
    script:
        "../scripts/second_order_ism.py"


rule second_order_pairs:
    """List the strongest pairs of each map, held against those of shuffled sequences."""
    input:
        "results/models/{model}/attribution/second_order_ism.nc",
    output:
        "results/models/{model}/attribution/second_order_ism.tsv",
    log:
        "results/logs/second_order_pairs/{model}.log",
    benchmark:
        "results/benchmarks/second_order_pairs/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        alphabet=study.alphabet,
        top=PAIRS.top if PAIRS else None,
        code=code_digest("second_order_pairs.py"),
        software=ARRAYS,
    script:
        "../scripts/second_order_pairs.py"


rule figure_second_order:
    """Draw the map of the strongest pair of each target."""
    input:
        maps="results/models/{model}/attribution/second_order_ism.nc",
        table="results/models/{model}/attribution/second_order_ism.tsv",
    output:
        svg="results/models/{model}/attribution/second_order_ism.svg",
        png=report(
            "results/models/{model}/attribution/second_order_ism.png",
            caption="../report/second_order.rst",
            category="Attribution",
            labels={"model": "{model}", "figure": "pairs of positions that do not add up"},
        ),
    log:
        "results/logs/figure_second_order/{model}.log",
    benchmark:
        "results/benchmarks/figure_second_order/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        code=code_digest("figure_second_order.py"),
        software=DRAWING,
    script:
        "../scripts/figure_second_order.py"


rule attribution_periods:
    """Seek a period in the contributions around instances of patterns."""
    input:
        scores=f"results/models/{{model}}/attribution/{PERIODS.method if PERIODS else ''}.nc",
    output:
        table="results/models/{model}/attribution/periods.tsv",
        curves="results/models/{model}/attribution/surroundings.tsv",
    log:
        "results/logs/attribution_periods/{model}.log",
    benchmark:
        "results/benchmarks/attribution_periods/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=20,
    params:
        settings=plain(PERIODS) if PERIODS else {},
        patterns={
            name: str(letters)
            for name, letters in study.letters.items()
            if PERIODS and (not PERIODS.patterns or name in PERIODS.patterns)
        },
        model=lambda wildcards: wildcards.model,
        seed=study.seed,
        code=code_digest("attribution_periods.py"),
        software=ARRAYS,
    script:
        "../scripts/attribution_periods.py"


rule figure_periods:
    """Draw contributions around instances of patterns, and their power spectra."""
    input:
        curves="results/models/{model}/attribution/surroundings.tsv",
    output:
        svg="results/models/{model}/attribution/periods.svg",
        png=report(
            "results/models/{model}/attribution/periods.png",
            caption="../report/periods.rst",
            category="Attribution",
            labels={"model": "{model}", "figure": "periods around instances of patterns"},
        ),
    log:
        "results/logs/figure_periods/{model}.log",
    benchmark:
        "results/benchmarks/figure_periods/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        period=PERIODS.period if PERIODS else None,
        code=code_digest("figure_periods.py"),
        software=DRAWING,
    script:
        "../scripts/figure_periods.py"


rule modisco:
    """Find recurring patterns of one target with TF-MoDISco, in a process of its own."""
    input:
        "results/models/{model}/attribution/" f"{study.motifs.attribution}.nc"
        if study.motifs
        else [],
    output:
        "results/models/{model}/motifs/{target}/modisco.h5",
    log:
        "results/logs/modisco/{model}/{target}.log",
    benchmark:
        "results/benchmarks/modisco/{model}/{target}.tsv"
    priority: 1
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=growing(4000),
        runtime=120,
    params:
        target=lambda wildcards: wildcards.target,
        method=study.motifs.attribution if study.motifs else None,
        sets=lambda wildcards: study.motifs.sequences[wildcards.target],
        width=study.motifs.width if study.motifs else None,
        seqlets=study.motifs.seqlets if study.motifs else None,
        seed=study.seed,
        code=code_digest("modisco.py"),
        software=versions("modisco-lite", "numpy", "numba", "leidenalg"),
    script:
        "../scripts/modisco.py"


rule catalogue:
    """Gather the patterns of all targets of a model: table, matrices and instances."""
    input:
        attribution=(
            "results/models/{model}/attribution/" f"{study.motifs.attribution}.nc"
            if study.motifs
            else []
        ),
        modisco=lambda wildcards: collect(
            "results/models/{model}/motifs/{target}/modisco.h5",
            model=wildcards.model,
            target=motif_targets(wildcards.model),
        ),
    output:
        table="results/models/{model}/motifs/catalogue.tsv",
        matrices="results/models/{model}/motifs/catalogue.nc",
        meme="results/models/{model}/motifs/catalogue.meme",
        hits="results/models/{model}/motifs/hits.bed",
    log:
        "results/logs/catalogue/{model}.log",
    benchmark:
        "results/benchmarks/catalogue/{model}.tsv"
    priority: 1
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        targets=lambda wildcards: motif_targets(wildcards.model),
        sets=plain(study.motifs)["sequences"] if study.motifs else {},
        trim=study.motifs.trim if study.motifs else None,
        seed=study.seed,
        alphabet=study.alphabet,
        code=code_digest("catalogue.py"),
        software=ARRAYS,
    script:
        "../scripts/catalogue.py"


rule figure_motifs:
    """Draw the contribution matrices of all patterns of a model as logos."""
    input:
        table="results/models/{model}/motifs/catalogue.tsv",
        matrices="results/models/{model}/motifs/catalogue.nc",
    output:
        svg="results/models/{model}/motifs/catalogue.svg",
        png=report(
            "results/models/{model}/motifs/catalogue.png",
            caption="../report/motifs.rst",
            category="Motifs",
            labels={"model": "{model}", "figure": "patterns found by TF-MoDISco"},
        ),
    log:
        "results/logs/figure_motifs/{model}.log",
    benchmark:
        "results/benchmarks/figure_motifs/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        alphabet=study.alphabet,
        code=code_digest("figure_motifs.py"),
        software=DRAWING,
    script:
        "../scripts/figure_motifs.py"


rule figure_attribution:
    """Draw the contributions of one sequence per set by every method, one map a target."""
    input:
        collect("results/models/{{model}}/attribution/{method}.nc", method=ATTRIBUTION_METHODS),
    output:
        svg="results/models/{model}/attribution/maps.svg",
        png=report(
            "results/models/{model}/attribution/maps.png",
            caption="../report/attribution.rst",
            category="Attribution",
            labels={"model": "{model}", "figure": "attribution maps of example sequences"},
        ),
        data="results/models/{model}/attribution/maps.tsv",
    log:
        "results/logs/figure_attribution/{model}.log",
    benchmark:
        "results/benchmarks/figure_attribution/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        methods=ATTRIBUTION_METHODS,
        targets=plain(study.motifs)["sequences"] if study.motifs else {},
        alphabet=study.alphabet,
        code=code_digest("figure_attribution.py"),
        software=DRAWING,
    script:
        "../scripts/figure_attribution.py"
