"""FASTA files, probes, a genome or random letters -> results/sequences/{set}/sequences.nc."""


rule obtain:
    """Download a package as a file, or take the user's copy, and check its hash."""
    input:
        local=local_copy,
    output:
        "results/resources/{source}/{file}",
    log:
        "results/logs/obtain/{source}/{file}.log",
    benchmark:
        "results/benchmarks/obtain/{source}/{file}.tsv"
    localrule: True
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(500),
        runtime=10,
    params:
        source=lambda wildcards: SOURCES[wildcards.source],
        content=content_of(local_copy),
        code=code_digest("obtain.py"),
    script:
        "../scripts/obtain.py"


rule sequences:
    """Read the sequences of one set as codes, with names and coordinates."""
    input:
        archive=archive,
        fasta=lambda wildcards: study.sequences[wildcards.set].fasta,
        probes=probe_table,
        genome=file_of_instances("genome"),
        regions=file_of_instances("regions"),
    output:
        "results/sequences/{set}/sequences.nc",
    log:
        "results/logs/sequences/{set}.log",
    benchmark:
        "results/benchmarks/sequences/{set}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(sequences_memory),
        runtime=10,
    params:
        simulated=simulated_set,
        probes=probe_set,
        instances=instance_set,
        members=lambda wildcards: study.sequences[wildcards.set].members,
        ambiguous=lambda wildcards: study.sequences[wildcards.set].ambiguous,
        pad=lambda wildcards: study.sequences[wildcards.set].pad,
        coordinates=lambda wildcards: study.sequences[wildcards.set].coordinates,
        length=study.length,
        content=content_of(
            lambda wildcards: study.sequences[wildcards.set].fasta,
            probe_table,
            file_of_instances("genome"),
            file_of_instances("regions"),
        ),
        code=measured_code("sequences.py"),
        software=ARRAYS,
    script:
        "../scripts/sequences.py"


rule measure:
    """Measure simulated sequences with a laboratory model, and tell what was planted in them."""
    input:
        "results/sequences/{set}/sequences.nc",
    output:
        values="results/sequences/{set}/values.tsv",
        sites="results/sequences/{set}/sites.tsv",
    log:
        "results/logs/measure/{set}.log",
    benchmark:
        "results/benchmarks/measure/{set}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=growing(1000),
        runtime=10,
    params:
        laboratory=lambda wildcards: study.sequences[wildcards.set].measured.laboratory,
        noise=lambda wildcards: study.sequences[wildcards.set].measured.noise,
        label=lambda wildcards: wildcards.set,
        seed=study.seed,
        code=measured_code("measure.py"),
        software=ARRAYS,
    script:
        "../scripts/measure.py"
