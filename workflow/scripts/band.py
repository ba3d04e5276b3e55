"""Keep the backgrounds of a null model whose prediction by one model lies in a band."""

import json

import numpy as np

from giaflow.base.checks import InputError, check_name
from giaflow.io.arrays import read_arrays, write_arrays
from giaflow.nulls.options import Options, within_band
from jobs.models import open_checked
from jobs.run import log, provenance, run
from jobs.store import stored


def main(input, output, params, threads):
    model = open_checked(input.model, input.plan, threads)
    check_name(params.target, model.targets, "target")
    drawn = read_arrays(input.backgrounds)
    predictions = model.predict(drawn["codes"].values)[:, model.targets.index(params.target)]
    keep, band = within_band(predictions, Options(**params.options))
    if keep.sum() < 2:
        raise InputError(f"the band keeps {keep.sum()} of {len(keep)} backgrounds; widen it")
    record = json.loads(drawn.attrs["record"])
    words = f"{band.pop('conditioning')} by model {params.label}, target {params.target}"
    earlier = [record["conditioning"]] if "conditioning" in record else []
    record |= {"band": band, "conditioning": "; ".join([*earlier, words])}
    log.info("kept %d of %d backgrounds: %s", keep.sum(), len(keep), band)
    kept = drawn.isel(sequence=np.flatnonzero(keep))
    kept = kept.assign_attrs(record=json.dumps(record, sort_keys=True))
    write_arrays(kept, output[0], provenance(input, params))


run(stored(main), snakemake)
