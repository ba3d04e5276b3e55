"""In silico mutagenesis: all single-letter changes, centred over the four letters.

A[l, a] = f(x with letter a at l) - mean over b of f(x with b at l). The centring makes the
observed letter's score the negative mean of its changes; the uncentred difference is zero there.
"""

import numpy as np

from giaflow.base.settings import Settings as Base


class Settings(Base):
    """In silico mutagenesis has no options."""


def mutants(codes):
    """Yield, position by position, the (4, N, L) codes with each letter there."""
    for position in range(codes.shape[1]):
        edited = np.repeat(codes[None], 4, axis=0)
        edited[:, :, position] = np.arange(4, dtype=np.uint8)[:, None]
        yield edited


def attribute(model, codes, rng, settings):
    """Hypothetical scores (N, L, 4, T) of codes (N, L); one mutagenesis serves every target."""
    predictions = model.predict_edits(codes, mutants(codes)).astype(np.float64)
    scores = predictions.reshape(codes.shape[1], 4, *predictions.shape[1:])
    scores = scores - scores.mean(axis=1, keepdims=True)
    return scores.transpose(2, 0, 1, 3).astype(np.float32)
