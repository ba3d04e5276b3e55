"""Attribution of real sequences, and the motifs discovered in it."""

from typing import Annotated, Literal

from pydantic import Field

from giaflow import attribution
from giaflow.base.settings import Settings
from giaflow.config.names import Name, one_of

AnyMethod = one_of(attribution.REGISTRY, "method", Settings)


class SecondOrder(Settings):
    """Second-order in silico mutagenesis: pairs of positions that do not simply add up."""

    sequences: dict[Name, Annotated[int, Field(ge=1)]] = Field(min_length=1)
    """Sequence set to the number of sequences drawn from it at random; each costs 9 W (W - 1) / 2
    predictions for a window of W positions, and as much for each shuffle."""
    start: int = Field(0, ge=0)
    """First position of the window."""
    stop: int | None = Field(None, ge=2)
    """Position after the window; null is the end of the sequence."""
    shuffles: int = Field(5, ge=0)
    """Dinucleotide shuffles per sequence that pairs are held against; 0 gives no p-values."""
    top: int = Field(50, ge=1)
    """Strongest pairs listed per sequence and target."""


class Periods(Settings):
    """A period in the contributions around instances of patterns."""

    method: str = "ism"
    """The attribution method whose scores are read."""
    patterns: list[str] = Field(default_factory=list)
    """Names of configured patterns; empty means all of them."""
    mismatches: int = Field(0, ge=0, le=3)
    """Letters in which an instance may differ from the pattern."""
    period: float = Field(10.5, ge=6, le=20)
    """Declared period, in letters."""
    reach: int = Field(100, ge=30)
    """Letters to either side of an instance."""
    least: int = Field(20, ge=2)
    """Patterns with fewer instances than this have no row."""


class Attribution(Settings):
    """Per-letter scores of real sequences."""

    sequences: dict[Name, Annotated[int, Field(ge=1)]]
    """Sequence set to the number of sequences drawn from it at random."""
    models: list[str] = Field(default_factory=list)
    """Models, groups or families that are attributed, and whose motifs are sought; empty means
    all."""
    methods: list[AnyMethod]
    """Attribution methods and their settings."""
    second_order_ism: SecondOrder | None = None
    """Maps of pairs of positions; null for none."""
    periods: Periods | None = None
    """Periods in the contributions around instances of patterns; null for none."""


class Motifs(Settings):
    """Motif discovery with TF-MoDISco."""

    attribution: str = "ism"
    """The attribution method whose scores are read."""
    sequences: dict[Name, list[str]]
    """Target to the attributed sequence sets in which its motifs are sought."""
    width: int = Field(8, ge=4, le=30)
    """Expected width of a motif core, in letters; sets the window and flank sizes."""
    seqlets: int = Field(20000, ge=100)
    """At most this many seqlets."""
    trim: float = Field(0.2, gt=0, lt=1)
    """A pattern is cut to the positions with this share of its strongest contribution."""
    instances: Literal["consensus", "sampled"] = "consensus"
    """How a discovered pattern is embedded: its most frequent letters, or letters drawn from its
    matrix for each background."""
