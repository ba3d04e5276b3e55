"""Draw the compared effects of each family of models."""

from giaflow.io.figures import write_figure
from giaflow.io.tables import read_table
from giaflow.plot.families import draw_families
from giaflow.statistics.model_families import COMPARED
from jobs.run import run


def main(input, output, params, threads):
    figure = draw_families(read_table(input[0]), COMPARED)
    write_figure(figure, output.svg, output.png)


run(main, snakemake)
