"""How effects are judged, and held against known truths."""

from typing import Annotated, Literal

from pydantic import Field

from giaflow.base.settings import Settings
from giaflow.config.names import Name
from giaflow.validation.calibration.settings import Repeats


class Calibration(Repeats):
    """How estimates on laboratory models are held against their known truths."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets whose letter frequencies by position the backgrounds have."""
    repeat: bool = True
    """Whether the experiments of laboratory models are repeated; the study's own tables are held
    against the truth in any case."""
    marks: bool = False
    """Whether the marks declared for LabR and LabD are measured too: power, screens, periods, ...
    (minutes)."""


class Statistics(Settings):
    """How effects are judged."""

    confidence: float = Field(0.95, gt=0.5, lt=1)
    """Confidence of every interval."""
    sesoi: dict[Name, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """Target to the smallest effect of interest, in the model's unit; a target that is not named
    gets 5 % of its control's effect if it has one under `controls`, else a tenth of the standard
    deviation of its predictions on real sequences."""
    controls: dict[Name, str] = Field(default_factory=dict)
    """Target to the pattern that is its positive control, the 100 % mark of `control_pct`, as an
    experiment of kind global_importance embeds it; for a target that is not named the strongest
    pattern or word takes its place, chosen on one half of the backgrounds and measured on the
    other."""
    interval: Literal["t", "percentile_t", "bca"] = "t"
    """Intervals of mean effects: Student's t, or bootstrapped: percentile-t, or BCa, which also
    serves ratios (else Fieller's). Bands and `half_width` are t."""
    test: Literal["t", "sign_flip"] = "t"
    """Test of "the mean effect is zero". No rank test is offered: Wilcoxon's asks for symmetry, and
    rejects a skewed effect of mean zero."""
    fold: float = Field(2.0, gt=1)
    """An effect that changes more than this many fold between null models, or changes its sign, is
    flagged `null-dependent`."""
