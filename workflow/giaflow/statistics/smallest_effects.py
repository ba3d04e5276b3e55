"""The smallest effect of interest: what is too small to matter, whatever its p-value."""

import numpy as np

# Of the positive control.
SHARE = 0.05


def smallest_effects(sesoi, targets, data_predictions, controls=None):
    """The smallest effect size of interest (T,) of each target, in model units.

    Parameters
    ----------
    sesoi : dict of str to float
        Values set by the user.
    targets : sequence of str
    data_predictions : numpy.ndarray
        (M, T) predictions of real sequences; a target without a set value and without a positive
        control gets a tenth of their standard deviation.
    controls : dict of str to float
        Effects of positive controls; a target without a set value gets 5 % of its own.
    """
    spread = data_predictions.std(axis=0, dtype=np.float64)
    default = {target: 0.1 * sd for target, sd in zip(targets, spread, strict=True)}
    default |= {target: SHARE * abs(whole) for target, whole in (controls or {}).items()}
    return np.array([sesoi.get(target, default[target]) for target in targets])
