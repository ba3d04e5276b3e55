"""Open a model file once: check it, probe it, record what later jobs verify."""

from giaflow.io.files import sha256, write_json
from giaflow.model.loading import probe
from giaflow.model.network import load_model
from giaflow.seeds import generator
from job import log, provenance, run


def main(input, output, params, threads):
    chosen = params.output
    digest = sha256(input.model)
    model = load_model(
        input.model,
        params.length,
        targets=chosen["targets"],
        head=chosen["head"],
        unit=chosen["unit"],
        sha256=digest,
        batch=params.batch,
        threads=threads,
    )
    found = probe(model, generator(params.seed, "probe"))
    log.info("model with targets %s, probes %s", model.targets, found)
    plan = {
        "sha256": digest,
        "length": params.length,
        "targets": model.columns,
        "head": model.head,
        "unit": model.unit,
        "batch": params.batch,
        "probe": found,
        "provenance": provenance(input, params),
    }
    write_json(plan, output[0])


run(main, snakemake)
