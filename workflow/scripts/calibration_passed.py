"""Fail, and name every failed mark, unless all calibration marks passed; then count them."""

from giaflow.io.tables import read_table, write_table
from giaflow.validation.calibration.study_checks import check_passed
from jobs.run import provenance, run


def main(input, output, params, threads):
    table = read_table(input[0])
    check_passed(table)
    counts = table.groupby(["model", "check"], sort=False).size().rename("marks").reset_index()
    write_table(counts, output[0], provenance(input, params))


run(main, snakemake)
