"""Draw published numbers beside the study's own."""

from giaflow.io.figures import write_figure
from giaflow.io.tables import read_table
from giaflow.plot.published import draw_published
from jobs.run import run


def main(input, output, params, threads):
    write_figure(draw_published(read_table(input[0])), output.svg, output.png)


run(main, snakemake)
