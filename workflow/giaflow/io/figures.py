"""Figures as SVG and PNG files."""

import math

from giaflow.io.files import atomic

_DPI = 160
# matplotlib draws no image of 2**16 pixels a side; a pixel takes it four bytes.
_SIDE, _AREA = 60_000, 50_000_000


def write_figure(figure, svg, png):
    """Write a matplotlib figure twice; equal figures give equal bytes.

    An image that were larger than can be drawn has fewer dots per inch.
    """
    wide, tall = figure.get_size_inches()
    dpi = min(_DPI, _SIDE / max(wide, tall), math.sqrt(_AREA / (wide * tall)))
    with atomic(svg) as temporary:
        figure.savefig(temporary, metadata={"Date": None, "Creator": "giaflow"})
    with atomic(png) as temporary:
        figure.savefig(temporary, dpi=dpi, metadata={"Software": "giaflow"})
