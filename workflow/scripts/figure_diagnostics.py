"""Draw the diagnostics of a null model from their tables."""

from giaflow.io.figures import write_figure
from giaflow.io.tables import read_table
from giaflow.plot.diagnostics import draw_diagnostics
from jobs.coarse import each
from jobs.run import run


def main(input, output, params, threads):
    tables = map(read_table, (input.table, input.positions, input.quantiles))
    write_figure(draw_diagnostics(*tables, params.limits), output.svg, output.png)


run(each(main), snakemake)
