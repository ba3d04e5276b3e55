"""Gather the calibration marks of all laboratory models."""

import pandas as pd

from giaflow.io.files import write_text
from giaflow.io.tables import read_table, write_table
from giaflow.plot.page.pages import calibration_page
from jobs.run import provenance, run


def main(input, output, params, threads):
    parts = [
        read_table(file).assign(model=model)
        for model, file in zip(params.models, input, strict=True)
    ]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "model", table.pop("model"))
    write_table(table, output.table, provenance(input, params))
    write_text(calibration_page(table), output.page)


run(main, snakemake)
