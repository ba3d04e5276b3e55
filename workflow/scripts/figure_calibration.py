"""Draw the marks of the laboratory beside their bands."""

from giaflow.io.figures import write_figure
from giaflow.io.tables import read_table
from giaflow.plot.calibration import draw_calibration
from jobs.run import run


def main(input, output, params, threads):
    write_figure(draw_calibration(read_table(input[0])), output.svg, output.png)


run(main, snakemake)
