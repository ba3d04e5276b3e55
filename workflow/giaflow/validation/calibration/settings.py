"""How often a study is repeated to calibrate it."""

from pydantic import Field

from giaflow.base.settings import Settings


class Repeats(Settings):
    """Sizes of a calibration."""

    n: int = Field(500, ge=2)
    """Backgrounds per replicate."""
    replicates: int = Field(400, ge=20)
    """How many times every experiment is repeated on fresh backgrounds."""
    null_experiments: int = Field(1000, ge=20)
    """Mini-experiments without an effect, in which a window is drawn again."""
    deals: int = Field(10, ge=1)
    """How often the same backgrounds are dealt into replicates: lowers the Monte Carlo error of a
    coverage without a further prediction."""
    truth: int = Field(2**20, ge=100)
    """Backgrounds of a Monte Carlo truth, under null models that have no exact one."""
