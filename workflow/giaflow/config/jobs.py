"""How a study is cut into jobs; results do not depend on it."""

from typing import Annotated, Literal

from pydantic import Field

from giaflow.base.settings import Settings

Shards = Annotated[int, Field(ge=1, le=1000)]

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
    attribution_shards: Shards = 1
    """Jobs that share the attributed sequences of each model, 64 at a time."""
    experiment_shards: Shards | dict[str, Shards] = 1
    """Jobs that share the predictions of an experiment on a model and a null model, in tiles of
    128 backgrounds and 1,024 conditions: one number for all experiments, or numbers by name. With
    `half_width`, `n: auto` or a search an experiment stays one job. For fine jobs."""

    def shards(self, experiment):
        """Jobs that share the predictions of an experiment."""
        asked = self.experiment_shards
        return asked.get(experiment, 1) if isinstance(asked, dict) else asked
