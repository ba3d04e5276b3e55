"""Draw the map with the strongest pair of each target."""

from giaflow.io.arrays import read_arrays
from giaflow.io.figures import write_figure
from giaflow.io.tables import read_table
from giaflow.plot.pairs import draw_pairs
from jobs.run import run


def main(input, output, params, threads):
    maps, table = read_arrays(input.maps), read_table(input.table)
    shown = []
    for target in maps["target"].values:
        pairs = table[table["target"] == target]
        if pairs["strength"].isna().all():
            continue
        best = pairs.loc[pairs["strength"].idxmax()]
        one = (maps["name"].values == best["name"]) & (maps["set"].values == best["set"])
        strength = maps["strength"].sel(target=target).values[one][0]
        same = (pairs["name"] == best["name"]) & (pairs["set"] == best["set"])
        title = f"{target} in {best['name']} ({best['set']})"
        shown.append({"title": title, "strength": strength, "pairs": pairs[same]})
    unit = maps["strength"].attrs["units"]
    figure = draw_pairs(shown, int(maps["position"].values[0]), unit)
    write_figure(figure, output.svg, output.png)


run(main, snakemake)
