"""Gather the tables of all runs, as TSV, Parquet and pages for the report."""

import pandas as pd

from giaflow.importance import CORE
from giaflow.io.files import write_text
from giaflow.io.tables import read_table, write_table
from giaflow.plot.pages import importance_page, performance_page
from job import provenance, run


def gather(files):
    """Rows of all tables, core columns only: each experiment's own labels are in `condition`."""
    tables = [read_table(file)[list(CORE)] for file in files]
    # An empty table has columns without a type, which a concatenation would pass on.
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def main(input, output, params, threads):
    made = provenance(input, params)
    importance, contrasts = gather(input.importance), gather(input.contrasts)
    performance = pd.concat(map(read_table, input.performance), ignore_index=True)
    write_table(importance, output.importance, made)
    write_table(importance, output.importance_parquet, made)
    write_table(contrasts, output.contrasts, made)
    write_table(contrasts, output.contrasts_parquet, made)
    write_table(performance, output.performance, made)
    write_text(importance_page(importance, contrasts), output.page)
    write_text(performance_page(performance), output.quality)


run(main, snakemake)
