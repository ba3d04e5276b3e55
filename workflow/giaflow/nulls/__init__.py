"""Null models: recipes that draw backgrounds.

A null model is one file here plus its name in `REGISTRY`. The file holds

    Settings                                  a pydantic model of its options
    PRESERVES                                 what a background keeps of its reference, in words
    UNKNOWN_LETTERS                           what becomes of letters outside ACGT(U), in words

and one of

    sample(reference, n, rng, settings)       codes (n, L) uint8 from reference codes (M, L)
    pool(reference, rng, settings, **arrays)  codes (M', L) that are handed out, and their rows
                                              (M',) int64 in the array they come from

and, only where it is needed,

    CAUTION                                   a sentence for whoever uses it
    fit(reference, settings)                  what it learns from all reference sequences, which
                                              `sample` gets as the keyword `fitted`
    needs(settings)                           names of arrays it takes besides the reference
    fits(settings, length)                    raises `InputError` if backgrounds of so many letters
                                              cannot be drawn with these settings
    conditioning(settings)                    what its estimand is conditioned on, in words
    PER_ROW                                   True if a background is made of one row alone, as a
                                              shuffle is: those of one row are not independent

`sample` draws the whole block from `rng` and nothing else. Its `reference` holds the rows offered
to the block, one for each background in a random order (modulo M if there are fewer), so a null
that edits particular sequences takes rows 0, 1, ..., n - 1 and uses no row twice before every row
was used once. A null that must see all rows learns from them in `fit`, once per draw.

A null model with a pool is finite: it hands out sequences of the pool unchanged, each once, and
asking for more is an error. A pool does not depend on n.
"""

import logging

import numpy as np

from giaflow.base.alphabet import UNKNOWN
from giaflow.base.checks import InputError, check_codes
from giaflow.base.registry import Registry
from giaflow.base.seeds import generator
from giaflow.nulls.options import Options, clean, holds, mask, repeats

REGISTRY = Registry(
    "null model",
    "giaflow.nulls",
    (
        "profile",
        "uniform",
        "mononucleotide",
        "dinucleotide",
        "klet",
        "markov",
        "gc_matched",
        "genomic",
        "quantile",
        "hairpin",
    ),
)

# Backgrounds per block. Part of the law, not a setting: it decides which bytes a seed gives.
BLOCK = 256

logger = logging.getLogger(__name__)


def backgrounds(name, label, reference, n, seed, settings, *, options=None, arrays=None):
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
    options : Options
        What is asked of any null model; by default nothing. Its `band` needs predictions and is
        applied afterwards, by `options.within_band`. With `dedupe` a background depends on those
        before it, which keeps them as n grows.
    arrays : dict of str to numpy.ndarray
        The arrays that the null model's `needs(settings)` names.

    Returns
    -------
    codes : numpy.ndarray
        (n, L) uint8.
    source : numpy.ndarray
        (n,) int64, the reference row offered to each background; for a finite null model its row
        in the array that the pool comes from.
    record : dict
        What the options did: backgrounds that held each purged pattern at first (`purged`) and
        backgrounds drawn again (`redrawn`); for a finite null model, sequences left in the pool
        (`pool`), repeats left out (`duplicates`) and, if the null model selects by some value,
        what the estimand is conditioned on (`conditioning`).

    Raises
    ------
    InputError
        If n is less than 1, the reference is empty or holds no known letter, an array is missing
        or surplus, a finite pool is smaller than n, or the options cannot be met.
    """
    options = Options() if options is None else options
    module = REGISTRY.load(name)
    _check(name, module, reference, n, settings, arrays or {})
    if hasattr(module, "CAUTION"):
        logger.warning("null model %s: %s", name, module.CAUTION)
    record = {"purged": dict.fromkeys(options.purge, 0), "redrawn": 0}
    if hasattr(module, "conditioning"):
        record["conditioning"] = module.conditioning(settings)
    order = generator(seed, "null", *label, "order")
    if hasattr(module, "pool"):
        rng = generator(seed, "null", *label, "pool")
        codes, rows = module.pool(reference, rng, settings, **(arrays or {}))
        codes, rows = _clean_pool(codes, rows, options, record)
        if n > len(codes):
            raise InputError(
                f"null model {name!r} has {len(codes)} sequences to offer, but n={n} "
                "backgrounds are asked for; lower n or widen its settings"
            )
        chosen = order.permutation(len(codes))[:n]
        return codes[chosen], rows[chosen], record
    order = order.permutation(len(reference))
    learnt = {"fitted": module.fit(reference, settings)} if hasattr(module, "fit") else {}
    blocks, sources, seen = [], [], set()
    for block in range(-(-n // BLOCK)):
        turned = np.roll(order, -block * BLOCK)
        rng = generator(seed, "null", *label, block)
        size = min(BLOCK, n - block * BLOCK)

        def draw(attempt, turned=turned, rng=rng, size=size):
            # The whole block is drawn and then cut, so that a larger n only appends. Each attempt
            # offers the next reference row: of some no shuffle is without the pattern.
            offered = reference[np.roll(turned, -attempt)[:BLOCK]]
            return module.sample(offered, BLOCK, rng, settings, **learnt)[:size]

        codes, held, attempt = clean(draw, options, seen)
        blocks.append(codes)
        sources.append(turned[(np.arange(size) + attempt) % len(turned)])
        record["redrawn"] += int((attempt > 0).sum())
        for pattern, count in zip(options.purge, held.sum(axis=0).tolist(), strict=True):
            record["purged"][pattern] += count
    return np.concatenate(blocks), np.concatenate(sources), record


def per_row(name, settings):
    """Whether each background of a registered null model is made of one reference row alone."""
    # A null model that edits what another draws takes after that one.
    return getattr(REGISTRY.load(getattr(settings, "base", name)), "PER_ROW", False)


def _check(name, module, reference, n, settings, arrays):
    """Raise unless the reference can be imitated and the null model's arrays are there."""
    check_codes(reference)
    if n < 1:
        raise InputError(f"null model {name!r} is asked for n={n} backgrounds; n must be 1 or more")
    if not len(reference):
        raise InputError(f"null model {name!r} needs at least one reference sequence, got none")
    if not (reference != UNKNOWN).any():
        raise InputError(f"null model {name!r} has a reference without a known letter")
    needed = module.needs(settings) if hasattr(module, "needs") else ()
    if set(needed) != set(arrays):
        raise InputError(
            f"null model {name!r} needs the arrays {', '.join(needed) or 'none'}, "
            f"got {', '.join(sorted(arrays)) or 'none'}"
        )


def _clean_pool(codes, rows, options, record):
    """Leave out, or mask, the sequences of a finite pool that do not meet the options."""
    held = holds(codes, options.purge)
    record["purged"] = dict(zip(options.purge, held.sum(axis=0).tolist(), strict=True))
    if options.purge_by == "mask":
        codes, keep = mask(codes, options.purge), np.ones(len(codes), bool)
    else:
        keep = ~held.any(axis=1)
    again = repeats(codes) if options.dedupe else np.zeros(len(codes), bool)
    keep &= ~again
    record["duplicates"] = int(again.sum())
    record["pool"] = int(keep.sum())
    return codes[keep], rows[keep]
