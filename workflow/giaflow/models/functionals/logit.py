"""The log odds of a probability: of a sigmoid, or of one class of a softmax against the rest.

Effects add up better on this scale than as probabilities, which saturate at 0 and 1. The output of
the layer before the sigmoid, read with `column`, is better still: a probability that single
precision rounds to 0 or 1 has lost its logit, so probabilities are kept 1e-6 away from both.
"""

from giaflow.models.functionals import column

UNIT = "logit"
LEAST = 1e-6

heads, check = column.heads, column.check


class Settings(column.Settings):
    """The output and the column that hold the probability."""


def read(ops, heads, settings):
    """Log odds (N,) of the probability in the column."""
    p = ops.clip(column.read(ops, heads, settings), LEAST, 1 - LEAST)
    return ops.log(p) - ops.log(1 - p)
