"""How a study is cut into jobs; results do not depend on it."""

from typing import Literal

from pydantic import Field

from giaflow.settings import Settings

# From so many runs (model x null model x experiment) on, `auto` is coarse: three jobs each are
# about a thousand, where Snakemake's own work begins to count.
MANY = 334


class Jobs(Settings):
    """How a study is cut into jobs. Nothing here changes a result."""

    grain: Literal["auto", "fine", "coarse"] = "auto"
    """fine: one job per experiment and stage, so that an edit reruns just what depends on it.
    coarse: one job per model and stage, for all its null models and experiments, for studies of
    many models; the report then shows no figure of a single run. auto is coarse from 334 runs
    (model, null model, experiment) on, and fine with `calibration`."""
    attribution_shards: int = Field(1, ge=1, le=1000)
    """Jobs that share the attributed sequences of each model, 64 at a time."""
