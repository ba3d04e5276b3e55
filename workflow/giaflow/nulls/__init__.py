"""Null models: recipes that draw backgrounds.

A null model is one file here plus its name in `REGISTRY`. The file holds

    Settings                                  a pydantic model of its options
    PRESERVES                                 what a background keeps of its reference, in words
    sample(reference, n, rng, settings)       codes (n, L) uint8 from reference codes (M, L)

`sample` draws the whole block from `rng` and nothing else. The rows of `reference` arrive in a
random order, rotated for each block, so a null that edits particular sequences takes rows
0, 1, ..., n - 1 (modulo M) and uses no row twice before every row was used once.
"""

import numpy as np

from giaflow.checks import check_codes
from giaflow.registry import Registry
from giaflow.seeds import generator

REGISTRY = Registry("null model", "giaflow.nulls", ("dinucleotide",))

# Backgrounds per block. Part of the law, not a setting: it decides which bytes a seed gives.
BLOCK = 256


def backgrounds(name, label, reference, n, seed, settings):
    """Draw n backgrounds from a registered null model, block by block.

    Parameters
    ----------
    name : str
        A name in `REGISTRY`.
    label : tuple of str
        Names this draw (the null's and the reference set's names in the study).
    reference : numpy.ndarray
        (M, L) uint8 codes of the sequences the null model imitates.
    n : int
        How many backgrounds; a larger n keeps those of a smaller one.
    seed : int
        The study's seed.
    settings : Settings
        The null model's own settings.

    Returns
    -------
    codes : numpy.ndarray
        (n, L) uint8.
    source : numpy.ndarray
        (n,) int64, the reference row offered to each background.
    """
    check_codes(reference)
    module = REGISTRY.load(name)
    order = generator(seed, "null", *label, "order").permutation(len(reference))
    blocks, sources = [], []
    for block in range(-(-n // BLOCK)):
        turned = np.roll(order, -block * BLOCK)
        rng = generator(seed, "null", *label, block)
        # The whole block is drawn and then cut, so that a larger n only appends.
        blocks.append(module.sample(reference[turned], BLOCK, rng, settings))
        sources.append(np.resize(turned, BLOCK))
    return np.concatenate(blocks)[:n], np.concatenate(sources)[:n]
