"""Draw an experiment's result from its tables."""

from giaflow.io.figures import write_figure
from giaflow.io.tables import read_table
from giaflow.plot.effects import draw
from jobs.coarse import each
from jobs.run import run


def main(input, output, params, threads):
    tables = read_table(input.importance), read_table(input.contrasts)
    write_figure(draw(*tables, params.design), output.svg, output.png)


run(each(main), snakemake)
