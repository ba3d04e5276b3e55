"""Draw the estimates of every condition under each null model."""

from giaflow.io.figures import write_figure
from giaflow.io.tables import read_provenance, read_table
from giaflow.plot.robustness import draw_robustness
from jobs.run import run


def main(input, output, params, threads):
    table, made = read_table(input[0]), read_provenance(input[0])
    figure = draw_robustness(table, made["nulls"], made["params"]["fold"], made["reason"])
    write_figure(figure, output.svg, output.png)


run(main, snakemake)
