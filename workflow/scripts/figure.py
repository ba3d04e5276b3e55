"""Draw an experiment's result from its tables."""

from coarse import each
from giaflow.io.figures import write_figure
from giaflow.io.tables import read_table
from giaflow.plot.effects import draw
from job import run


def main(input, output, params, threads):
    tables = read_table(input.importance), read_table(input.contrasts)
    write_figure(draw(*tables, params.design), output.svg, output.png)


run(each(main), snakemake)
