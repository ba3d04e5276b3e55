"""Draw the backgrounds of one null model."""

import json

import numpy as np

from giaflow.io.arrays import read_arrays, sequences_dataset, write_arrays
from giaflow.nulls import REGISTRY, backgrounds, per_row
from giaflow.nulls.options import Options
from giaflow.sequences.places import Places
from giaflow.statistics.clusters import loci
from jobs.nulls import arrays_for
from jobs.run import log, provenance, run, warn
from jobs.store import stored


def main(input, output, params, threads):
    chosen = params.null
    module = REGISTRY.load(chosen["kind"])
    settings = module.Settings(**chosen["settings"])
    sets = [read_arrays(file) for file in input.sequences]
    reference = np.concatenate([s["codes"].values for s in sets])
    names = np.concatenate([s["name"].values for s in sets])
    needed = module.needs(settings) if hasattr(module, "needs") else ()
    places = Places.joined([Places.of(one) for one in sets])
    arrays, sources, counted = arrays_for(needed, input, chosen, reference, names, places)
    label = (params.label, *chosen["sequences"])
    codes, source, record = backgrounds(
        chosen["kind"],
        label,
        reference,
        chosen["n"],
        params.seed,
        settings,
        options=Options(**chosen["options"]),
        arrays=arrays,
    )
    if chosen["inputs"]["model"]:
        source_of_values = "model {model}, target {target}".format(**chosen["inputs"])
        record["conditioning"] += f" of {source_of_values}"
    record |= counted
    record["distinct"] = len(np.unique(codes, axis=0))
    locus = np.arange(len(codes))
    if per_row(chosen["kind"], settings):
        if not needed:
            record["unchanged"] = int((codes == reference[source]).all(axis=1).sum())
        if record.get("unchanged"):
            warn(
                f"null model {params.label}: {record['unchanged']} of {len(codes)} backgrounds "
                "equal the sequence they were made of"
            )
        rows, back = np.unique(source, return_inverse=True)
        locus = loci(sources(rows)[1])[back]
    log.info("%d backgrounds: %s", len(codes), record)
    dataset = sequences_dataset(codes, {"source": sources(source)[0], "locus": locus})
    dataset = dataset.assign_attrs(record=json.dumps(record, sort_keys=True))
    write_arrays(dataset, output[0], provenance(input, params))


run(stored(main), snakemake)
