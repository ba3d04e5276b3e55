"""Draw predictions of held-out sequences against their measured values."""

from giaflow.io.arrays import read_arrays
from giaflow.io.figures import write_figure
from giaflow.io.tables import read_table
from giaflow.plot.held_out import draw_held_out
from jobs.measured_values import read_measured, transformed
from jobs.run import run


def main(input, output, params, threads):
    predictions = read_arrays(input.predictions)
    held_out = predictions.isel(sequence=predictions["set"].values == params.test)
    measured = transformed(
        read_measured(read_arrays(input.sequences), params.values), params.values
    )
    unit = predictions["prediction"].attrs["units"]
    predicted = held_out["prediction"].sel(target=list(params.values)).values
    table = read_table(input.performance)
    figure = draw_held_out(predicted, measured, table, unit)
    write_figure(figure, output.svg, output.png)


run(main, snakemake)
