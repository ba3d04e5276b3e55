"""Compare the tables of one run with the truth, or with many more predictions of a network."""

import numpy as np
import pandas as pd

from giaflow import validation
from giaflow.base.seeds import generator
from giaflow.experiments import REGISTRY
from giaflow.io.arrays import read_arrays
from giaflow.io.files import read_json
from giaflow.io.tables import read_table, write_table
from giaflow.nulls import profile
from giaflow.validation.calibration.designs import patterns_of
from giaflow.validation.truth.agreement import Run, compare, truths
from giaflow.validation.truth.fresh_draws import Population, Source, null_model
from jobs.experiments import gather_alleles
from jobs.models import open_checked
from jobs.run import log, provenance, run
from jobs.store import stored


def profiles(null, reference, sources):
    """Letter probabilities of what is edited and of donors, if their positions are independent."""
    planted = any(source.oracle or source.planted for source in sources)
    if null["kind"] != "profile" or len(sources) > 1 or planted:
        return None
    donor = profile.matrix(reference, profile.Settings(**null["settings"]))
    return (sources[0].profile if sources else donor), donor


def main(input, output, params, threads):
    name = read_json(input.plan[0])["laboratory"]
    # A laboratory model is its own truth; of a network it is what many predictions say.
    known = (
        open_checked(input.model, input.plan, threads) if name is None else validation.load(name)
    )
    reference = np.concatenate([read_arrays(file)["codes"].values for file in input.reference])
    kind = params.experiment["kind"]
    settings = REGISTRY.load(kind).Settings(**params.experiment["settings"])
    if input.variants:
        patterns = gather_alleles(input.variants, input.sequences)
    else:
        patterns = patterns_of(settings, params.patterns, params.seed)
    made = Run(kind, settings, patterns, params.seed, params.name, reference.shape[1])
    sources = tuple(Source.of(**one) for one in params.simulated)
    truth = truths(
        known,
        made,
        Population(null_model(params.null, reference), sources),
        params.n,
        generator(params.seed, "truth", params.model, *params.name),
        profiles(params.null, reference, sources),
    )
    rows = pd.concat([read_table(input.importance), read_table(input.contrasts)])
    table = compare(", ".join(params.name), rows, truth, known.targets)
    log.info("%d of %d marks passed", table["passed"].sum(), len(table))
    write_table(table, output[0], provenance(input, params))


run(stored(main), snakemake)
