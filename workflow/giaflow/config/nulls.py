"""Null models, and the files that some kinds need."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from giaflow import nulls
from giaflow.base.settings import File, Settings
from giaflow.config.names import one_of
from giaflow.config.sequences import Values
from giaflow.nulls.options import PILOT, Options


class Inputs(Settings):
    """Files and predictions that some kinds of null model need; the others take none."""

    genome: File | None = None
    """Genome FASTA, plain or compressed (kind gc_matched; kind genomic with `regions`)."""
    avoid: list[File] = Field(default_factory=list)
    """BED files whose intervals no window of the genome may touch (kind gc_matched)."""
    fasta: list[File] = Field(default_factory=list)
    """FASTA files of real sequences of the study's length (kind genomic)."""
    coordinates: Literal["zero_based", "one_based", "none"] = "zero_based"
    """How places in the names of those records count, as for sequence sets."""
    regions: list[File] = Field(default_factory=list)
    """BED files of regions of the genome, each cut or widened about its centre to the study's
    length (kind genomic)."""
    center: Literal["middle", "summit"] = "middle"
    """What of a region becomes the middle of its window: its own middle, or the summit that a
    narrowPeak file has in its tenth column (where that is -1, the middle)."""
    values: Values | None = None
    """Measured values of the null's sequences (kind quantile; kind genomic, source
    low_activity)."""
    model: str | None = None
    """Model whose predictions order the sequences (kind quantile, by prediction)."""
    target: str | None = None
    """Target whose predictions are read (kind quantile, by prediction; any kind with
    `options.band`)."""


class Null(Settings):
    """A null model: where backgrounds come from."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets that the backgrounds imitate."""
    n: Annotated[int, Field(ge=2)] | Literal["auto"] = 1000
    """Number of backgrounds; with `options.band`, how many are drawn before the band is applied.
    auto draws `most`, of which each experiment uses 200, 400, 800, ... until its `half_width` is
    reached (`auto` unless it has one of its own)."""
    most: int = Field(3200, ge=200)
    """With `n: auto`: at most this many backgrounds."""
    options: Options = Field(default_factory=Options)
    """What is asked of the backgrounds of any null model."""
    inputs: Inputs = Field(default_factory=Inputs)
    """Files and predictions that some kinds need."""
    reference: list[str] = Field(default_factory=list)
    """Sequence sets that the diagnostics compare the backgrounds with, best those of the class
    they stand for, such as negatives; empty means `sequences`."""

    @model_validator(mode="after")
    def _band_has_its_target_and_pilot(self):
        if self.options.band and self.inputs.target is None:
            raise ValueError("options.band needs inputs.target, whose predictions it bounds")
        if self.options.band and self.count < PILOT:
            raise ValueError(f"options.band needs n of at least {PILOT} to find its limits")
        if "most" in self.model_fields_set and self.n != "auto":
            raise ValueError("most is for n: auto")
        return self

    @property
    def count(self):
        """How many backgrounds are drawn."""
        return self.most if self.n == "auto" else self.n


AnyNull = one_of(nulls.REGISTRY, "kind", Null)
