"""Draw the motif catalogue of a model as logos."""

from giaflow.io.arrays import read_arrays
from giaflow.io.figures import write_figure
from giaflow.io.tables import read_provenance, read_table
from giaflow.plot.motifs import draw_catalogue
from jobs.run import run


def main(input, output, params, threads):
    table, arrays = read_table(input.table), read_arrays(input.matrices)
    cwms = {
        name: arrays["cwm"].values[i][: int(table["width"].iloc[i])]
        for i, name in enumerate(table["pattern"])
    }
    reasons = read_provenance(input.table)["no_patterns"]
    figure = draw_catalogue(table, cwms, params.alphabet, reasons)
    write_figure(figure, output.svg, output.png)


run(main, snakemake)
