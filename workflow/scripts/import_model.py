"""Open a model file once: check it, probe it, record what later jobs verify."""

import pandas as pd

from giaflow.base.seeds import generator
from giaflow.io.files import sha256, write_json, write_npz
from giaflow.io.tables import write_table
from giaflow.models.batch_memory import has_card
from giaflow.models.engine.saved_work import inspect
from giaflow.models.engine.timing import COLUMNS
from giaflow.models.functionals import check_heads, readings
from giaflow.models.plan.plan import from_arrays
from giaflow.models.planned_model import checked_plan, chosen_plan, make_plan, measured_speed
from giaflow.models.probing import probe
from giaflow.models.readers.keras_network import load_model
from jobs.models import open_laboratory
from jobs.run import log, provenance, run, warn


def open_file(path, params, threads):
    """The model in a file, what its targets read, name of its output, plan, and its speed."""
    chosen = params.output
    prepare = None
    if chosen["readings"]:

        def prepare(shapes, ask):
            wanted = readings(chosen["readings"])
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
    speed = measured_speed(model, ops, generator(params.seed, "speed"))
    ops = chosen_plan(ops, speed, has_card())
    read = {one.name: one.dumped() for one in model.readings} or model.columns
    return model, read, model.head, ops, speed


def main(input, output, params, threads):
    if params.laboratory is not None:
        model = open_laboratory(params.laboratory)
        targets, head = {target: i for i, target in enumerate(model.targets)}, None
        ops, speed = {}, []
    else:
        model, targets, head, ops, speed = open_file(input.model, params, threads)
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
        "probe": found,
        # Counted, not timed: the same whenever the model is imported.
        "edits": inspect(from_arrays(ops)) if ops else [],
        "provenance": provenance(input, params),
    }
    write_json(plan, output.record)
    write_npz(ops, output.ops)
    write_table(pd.DataFrame(speed, columns=COLUMNS), output.speed, plan["provenance"])


run(main, snakemake)
