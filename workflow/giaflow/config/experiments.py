"""Experiments on backgrounds."""

from typing import Annotated, Literal

from pydantic import Field

from giaflow import experiments
from giaflow.base.settings import Settings
from giaflow.config.names import one_of


class Experiment(Settings):
    """An experiment on backgrounds."""

    nulls: list[str] = Field(default_factory=list)
    """Null models it runs on; empty means all."""
    models: list[str] = Field(default_factory=list)
    """Models, groups or families it runs on; empty means all."""
    correction: Literal["bh", "by", "holm"] = "bh"
    """How q is computed over the rows of one estimand: false discovery rate (Benjamini-Hochberg,
    or Benjamini-Yekutieli under any dependence) or family-wise (Holm, for a few planned rows)."""
    half_width: Annotated[float, Field(gt=0)] | Literal["auto"] | None = None
    """Stop at 200, 400, 800, ... backgrounds as soon as every effect and contrast is known to this
    half-width of its interval, in the model's unit; null predicts all backgrounds. auto is half of
    `statistics.sesoi`, or a twentieth of the standard deviation of predictions on real sequences.
    Rows that are not known so well when backgrounds run out are flagged `capped`."""

    @property
    def searches(self):
        """Whether the experiment asks the model which conditions to make."""
        return hasattr(experiments.REGISTRY.load(self.kind), "search")


AnyExperiment = one_of(experiments.REGISTRY, "kind", Experiment)
