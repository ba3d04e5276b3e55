"""Draw contributions around instances of patterns, and their power spectra."""

from giaflow.attribution.periods import shown
from giaflow.io.figures import write_figure
from giaflow.io.tables import read_table
from giaflow.plot.periods import draw_periods
from jobs.run import run


def main(input, output, params, threads):
    figure = draw_periods(read_table(input.curves), params.period, shown)
    write_figure(figure, output.svg, output.png)


run(main, snakemake)
