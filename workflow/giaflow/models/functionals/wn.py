"""BPNet's weighted profile: logits averaged with their own probabilities, over strands.

wn = mean over strands of sum over positions of softmax(p) p. No gradient passes through the
weights, so an attribution asks which letters raise the logits where the profile stands (Avsec et
al. 2021, Nat Genet 53:354).
"""

from giaflow.base.settings import Settings as Base
from giaflow.models.functionals.arrays import frozen, softmax
from giaflow.models.functionals.profile_distance import heads

__all__ = ["PROFILE", "UNIT", "Settings", "heads", "read"]

UNIT = "profile logit"
PROFILE = "profile"


class Settings(Base):
    """The output that is read."""

    profile: str
    """Name of the output of profile logits, (length, strands)."""


def read(ops, heads, settings):
    """Weighted logits (N,)."""
    logits = heads[settings.profile]
    weights = frozen(ops, softmax(ops, logits))
    return ops.mean(ops.sum(weights * logits, axis=1), axis=1)
