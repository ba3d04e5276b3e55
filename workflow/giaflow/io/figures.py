"""Figures as SVG and PNG files."""

from giaflow.io.files import atomic

_DPI = 160
# matplotlib draws no image of 2**16 pixels a side.
_SIDE = 60_000


def write_figure(figure, svg, png):
    """Write a matplotlib figure twice; equal figures give equal bytes.

    An image that were larger than matplotlib can draw has fewer dots per inch.
    """
    dpi = min(_DPI, _SIDE / max(figure.get_size_inches()))
    with atomic(svg) as temporary:
        figure.savefig(temporary, metadata={"Date": None, "Creator": "giaflow"})
    with atomic(png) as temporary:
        figure.savefig(temporary, dpi=dpi, metadata={"Software": "giaflow"})
