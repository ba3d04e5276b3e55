"""Attribution methods, one file each: hypothetical scores of all four letters.

A method is one file here plus its name in `REGISTRY`. The file holds

    Settings                                    a pydantic model of its options
    attribute(model, codes, rng, settings)      codes (N, L) -> scores (N, L, 4, T) float32

The scores are hypothetical, in the model's unit: what each letter would contribute at its
position, for every target. The contribution of the observed letter is the score times one-hot.
"""

from giaflow.base.registry import Registry

REGISTRY = Registry("attribution method", "giaflow.attribution.methods", ("ism", "saliency"))
