"""Gather the tables of all runs, as TSV, Parquet and pages for the report."""

import pandas as pd

from giaflow.io.files import write_text
from giaflow.io.tables import read_table, write_table
from giaflow.plot.page.pages import importance_page, nulls_page, performance_page
from giaflow.statistics.effect_tables import CORE
from giaflow.statistics.model_families import compare_families, spread
from giaflow.statistics.model_replicates import compare_models
from giaflow.statistics.null_robustness import compare_nulls, flag_rows
from jobs.coarse import each
from jobs.run import log, provenance, run

ALONE = "no experiment ran on two null models: name several under its `nulls`"


def gather(files):
    """Rows of all tables, core columns only: each experiment's own labels are in `condition`."""
    tables = [read_table(file)[list(CORE)] for file in files]
    # An empty table has columns without a type, which a concatenation would pass on.
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def main(input, output, params, threads):
    made = provenance(input, params)
    importance, contrasts = gather(input.importance), gather(input.contrasts)
    compared = compare_nulls(pd.concat([importance, contrasts]), fold=params.fold)
    compared = compared[compared["nulls"] > 1]
    reason = ALONE if compared.empty else ""
    log.info("%d effects compared between null models %s", len(compared), reason)
    importance, contrasts = (flag_rows(table, compared) for table in (importance, contrasts))
    replicates = compare_models(
        pd.concat([importance, contrasts]), params.groups, params.confidence
    )
    performance = pd.concat(map(read_table, input.performance), ignore_index=True)
    diagnostics = pd.concat(map(read_table, input.diagnostics), ignore_index=True)
    families = compare_families(contrasts, params.families, performance)
    write_table(importance, output.importance, made)
    write_table(importance, output.importance_parquet, made)
    write_table(contrasts, output.contrasts, made)
    write_table(contrasts, output.contrasts_parquet, made)
    write_table(performance, output.performance, made)
    write_table(diagnostics, output.diagnostics, made)
    alone = "" if params.groups else "no models form a group: see models.*.replicates"
    write_table(replicates, output.replicates, {**made, "reason": alone})
    none = "" if params.families else "no models form a family: see models.*.each"
    write_table(families, output.families, {**made, "reason": none})
    write_table(spread(families), output.family_spread, {**made, "reason": none})
    nulls = list(importance["null"].unique())
    write_table(compared, output.robustness, {**made, "nulls": nulls, "reason": reason})
    write_text(importance_page(importance, contrasts), output.page)
    write_text(performance_page(performance), output.quality)
    write_text(nulls_page(diagnostics, compared, reason), output.verdicts)


run(each(main), snakemake)
