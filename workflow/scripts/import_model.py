"""Open a model file once: check it, probe it, record what later jobs verify."""

from checked_model import open_laboratory
from giaflow.io.files import sha256, write_json
from giaflow.model.loading import probe
from giaflow.model.network import load_model
from giaflow.seeds import generator
from job import log, provenance, run


def open_file(path, params, threads):
    """The model in a file, the columns of its targets, and the name of its output."""
    chosen = params.output
    model = load_model(
        path,
        params.length,
        targets=chosen["targets"],
        head=chosen["head"],
        unit=chosen["unit"],
        sha256=sha256(path),
        batch=params.batch,
        threads=threads,
    )
    return model, model.columns, model.head


def main(input, output, params, threads):
    if params.laboratory is not None:
        model = open_laboratory(params.laboratory)
        columns, head = {target: i for i, target in enumerate(model.targets)}, None
    else:
        model, columns, head = open_file(input.model, params, threads)
    found = probe(model, generator(params.seed, "probe"))
    log.info("model with targets %s, probes %s", model.targets, found)
    plan = {
        "laboratory": params.laboratory,
        "sha256": model.sha256,
        "length": params.length,
        "targets": columns,
        "head": head,
        "unit": model.unit,
        "batch": params.batch,
        "probe": found,
        "provenance": provenance(input, params),
    }
    write_json(plan, output[0])


run(main, snakemake)
