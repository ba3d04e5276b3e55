"""What tiles do as shares of the total, and what is left without context."""

from dataclasses import replace

from giaflow.experiments.summaries import chosen, share
from giaflow.statistics.contrasts import LEVEL


def summarise(settings, contrasts, effects, inference):
    """Necessity and sufficiency over the total; the tile kept over intact."""
    (total,) = chosen(contrasts, "total")
    (intact,) = chosen(contrasts, LEVEL, test="intact")
    for test in ("necessity", "sufficiency"):
        for k in chosen(contrasts, test):
            yield share(contrasts[k], f"{test}_share", effects[k], effects[total], inference)
    for k in chosen(contrasts, LEVEL, test="kept"):
        found = share(contrasts[k], "kept_over_intact", effects[k], effects[intact], inference)
        yield replace(found, unit="ratio")
