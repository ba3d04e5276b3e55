"""Figures as SVG and PNG files."""

from giaflow.io.files import atomic


def write_figure(figure, svg, png):
    """Write a matplotlib figure twice; equal figures give equal bytes."""
    with atomic(svg) as temporary:
        figure.savefig(temporary, metadata={"Date": None, "Creator": "giaflow"})
    with atomic(png) as temporary:
        figure.savefig(temporary, dpi=160, metadata={"Software": "giaflow"})
