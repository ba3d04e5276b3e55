"""Set every published number beside the study's own, as a table and a page for the report."""

from giaflow.io.files import write_text
from giaflow.io.tables import read_table, write_table
from giaflow.io.text_tables import read_records
from giaflow.plot.page.pages import published_page
from giaflow.validation.published.published import (
    COLUMNS,
    compare_published,
    failures,
    parse_published,
)
from jobs.run import log, provenance, run


def main(input, output, params, threads):
    tables = dict(zip(params.tables, map(read_table, input.tables), strict=True))
    records = [row for file in input.published for row in read_records(file, COLUMNS, "table")]
    numbers = parse_published(records, tables)
    table = compare_published(numbers, tables)
    log.info("%d published numbers; failed: %s", len(table), failures(table) or "none")
    write_table(table, output.table, provenance(input, params))
    write_text(published_page(table), output.page)


run(main, snakemake)
