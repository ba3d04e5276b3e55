"""Open a model file once: check it, probe it, record what later jobs verify."""

from giaflow.base.alphabet import DNA
from giaflow.base.seeds import generator
from giaflow.io.files import sha256, write_json, write_npz
from giaflow.models.engine.saved_work import inspect
from giaflow.models.functionals import check_heads, readings
from giaflow.models.letter_order import in_letter_order, in_network_order
from giaflow.models.plan.plan import from_arrays
from giaflow.models.planned_model import checked_plan, chosen_plan, make_plan
from giaflow.models.probing import probe
from giaflow.models.readers.keras_network import load_model
from jobs.models import open_laboratory
from jobs.run import log, provenance, run, warn


def open_file(path, params, threads):
    """The model in a file, what its targets read, name of its output, and its plan."""
    chosen = params.output
    prepare = None
    if chosen["readings"]:

        def prepare(shapes, ask):
            wanted, ask = readings(chosen["readings"]), in_network_order(ask, params.letters or DNA)
            check_heads(wanted, shapes)
            found = []
            for one in wanted:
                # One generator for all: targets that seek the same summits see the same letters.
                rng = generator(params.seed, "functionals")
                found.append(one.prepared(ask, params.length, rng))
                log.info("target %s reads %s", one.name, str(found[-1].dumped())[:300])
            return found

    if params.trust:
        log.warning("trust: true, so code in %s may run in every job that opens it", path)
    model = load_model(
        path,
        params.length,
        targets=chosen["targets"],
        head=chosen["head"],
        unit=chosen["unit"],
        sha256=sha256(path),
        batch=params.batch,
        threads=threads,
        prepare=prepare,
        trust=params.trust,
    )
    ops = checked_plan(model, make_plan(model), generator(params.seed, "plan"))
    ops = chosen_plan(ops, params.engine)
    read = {one.name: one.dumped() for one in model.readings} or model.columns
    return model, read, model.head, ops


def main(input, output, params, threads):
    if params.laboratory is not None:
        model = open_laboratory(params.laboratory)
        targets, head = {target: i for i, target in enumerate(model.targets)}, None
        ops = {}
    else:
        model, targets, head, ops = open_file(input.model, params, threads)
        model = in_letter_order(model, params.letters or DNA)
    found = probe(model, generator(params.seed, "probe"))
    log.info("model with targets %s, probes %s", model.targets, found)
    for note in found["notes"]:
        warn(f"{params.label}, {note}")
    plan = {
        "laboratory": params.laboratory,
        "sha256": model.sha256,
        "length": params.length,
        "targets": targets,
        "head": head,
        "unit": model.unit,
        "batch": params.batch,
        "trust": params.trust,
        "letters": (params.letters or DNA).upper().replace("U", "T"),
        "letters_assumed": params.letters is None,
        "probe": found,
        # Counted, not timed: the same whenever the model is imported.
        "edits": inspect(from_arrays(ops)) if ops else [],
        "provenance": provenance(input, params),
    }
    write_json(plan, output.record)
    write_npz(ops, output.ops)


run(main, snakemake)
