"""Find the positive control of each target in the predictions of a model on a null model."""

import json

from giaflow.base.alphabet import spelled
from giaflow.edits.embed import Condition
from giaflow.experiments import REGISTRY
from giaflow.experiments.positive_controls import candidates, positive_controls
from giaflow.io.arrays import read_arrays
from giaflow.io.tables import write_table
from jobs.coarse import each
from jobs.run import log, provenance, run


def main(input, output, params, threads):
    listed, targets = [], []
    for file, (name, chosen) in zip(input.predictions, params.experiments.items(), strict=True):
        experiment = REGISTRY.load(chosen["kind"])
        predicted = read_arrays(file)
        targets = [str(target) for target in predicted["target"].values]
        conditions = [
            Condition(spelled(json.loads(text), params.alphabet), ())
            for text in predicted["condition"].values
        ]
        contrasts = experiment.contrasts(experiment.Settings(**chosen["settings"]), conditions)
        arrays = (predicted[key].values for key in ("prediction", "baseline", "locus"))
        listed += candidates(name, contrasts, *arrays)
    table = positive_controls(listed, targets, params.controls, params.confidence)
    for target in sorted(set(params.controls) & set(targets) - set(table["target"])):
        log.warning("no experiment embeds the control %s of %s", params.controls[target], target)
    for row in table[~table["used"].astype(bool)].itertuples():
        log.warning("the control %s of %s has no effect of its own", row.control, row.target)
    write_table(table, output[0], provenance(input, params))


run(each(main), snakemake)
