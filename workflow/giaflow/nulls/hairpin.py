"""Hairpin context: backgrounds of a site-independent or shuffled null, folded into a stem-loop.

As the structured backgrounds of Koo et al. 2021 (PLOS Comput Biol 17:e1008925) for VTS1, with the
controls that tell pairing from composition: a broken stem of the same letters, and a compensated
stem in which both arms are exchanged and pair again.

Geometry, by position: left arm `start` .. `start + stem - 1`, then `loop` letters, then the right
arm; left letter `start + i` faces right letter `start + 2 * stem + loop - 1 - i`.
"""

from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError, model_validator

from giaflow.base.alphabet import UNKNOWN, reverse_complement
from giaflow.base.checks import InputError
from giaflow.base.settings import Settings as Base
from giaflow.nulls import REGISTRY
from giaflow.sequences.folding import pairing

PRESERVES = "the base null model's letters outside the right arm (broken: outside its order)"
UNKNOWN_LETTERS = (
    "as in the base null model, but refused in the arms, where nothing pairs with them"
)

# Shuffles of an arm among which the one with the fewest pairs breaks the stem.
_SHUFFLES = 16


class Settings(Base):
    """Where the hairpin is, and from what it is folded."""

    base: Literal["profile", "uniform", "mononucleotide", "dinucleotide", "klet", "markov"] = (
        "profile"
    )
    """Null model that draws the sequence before it is folded. Drawn with another null's label
    and settings, row i is that null's row i, folded: the same draw with and without the stem."""

    base_settings: dict[str, Any] = Field(default_factory=dict)
    """Settings of the base null model."""

    start: int = Field(8, ge=0)
    """First position of the left arm (0-based)."""

    stem: int = Field(9, ge=1)
    """Pairs in the stem (letters per arm)."""

    loop: int = Field(7, ge=3)
    """Letters in the loop; fewer than 3 cannot turn."""

    wobble: float = Field(0.0, ge=0, le=1)
    """Chance that a pair with G or U (T) on the left is made a G-U pair."""

    variant: Literal["paired", "broken", "compensated"] = "paired"
    """paired: the right arm complements the left; broken: the right arm of that hairpin is
    shuffled; compensated: the arms of that hairpin are exchanged letter by letter."""

    @model_validator(mode="after")
    def _base_settings_are_known(self):
        try:
            REGISTRY.load(self.base).Settings(**self.base_settings)
        except ValidationError as error:
            fault = error.errors()[0]
            key = ".".join(map(str, fault["loc"]))
            raise ValueError(
                f"base_settings.{key} does not fit null model {self.base!r}: {fault['msg']}"
            ) from None
        return self


def fits(settings, length):
    """Raise `InputError` if the hairpin, or the base null model, does not fit `length` letters."""
    arms(length, settings)
    base, base_settings = _base(settings)
    if hasattr(base, "fits"):
        base.fits(base_settings, length)


def fit(reference, settings):
    """What the base null model learns from codes (M, L), as keywords of its `sample`."""
    base, base_settings = _base(settings)
    return {"fitted": base.fit(reference, base_settings)} if hasattr(base, "fit") else {}


def _base(settings):
    base = REGISTRY.load(settings.base)
    return base, base.Settings(**settings.base_settings)


def sample(reference, n, rng, settings, *, fitted):
    """Draw n backgrounds (n, L) uint8 from the base null of codes (M, L), and fold them.

    Raises
    ------
    InputError
        If the hairpin does not fit, or an arm holds unknown letters.
    """
    base, base_settings = _base(settings)
    codes = base.sample(reference, n, rng, base_settings, **fitted)
    left, right = arms(codes.shape[1], settings)
    # Chance G-U pairs of the base draw are not kept, so that `wobble` alone decides on them.
    folded = refold(codes, settings.model_copy(update={"wobble": 0.0}))
    if settings.wobble:
        folded = _wobble(folded, left, right, rng, settings.wobble)
    _verify(folded, settings)
    if settings.variant == "broken":
        return _break(folded, left, right, rng)
    if settings.variant == "compensated":
        folded[:, left], folded[:, right] = folded[:, right], folded[:, left]
        _verify(folded, settings)
    return folded


def arms(length, settings):
    """Positions (stem,) of the left arm, and those they face, in sequences of `length` letters."""
    span = 2 * settings.stem + settings.loop
    last = settings.start + span - 1
    if last >= length:
        allowed = f"allowed starts are 0..{length - span}" if span <= length else "it never fits"
        raise InputError(
            f"a hairpin of {span} letters at start={settings.start} needs positions "
            f"{settings.start}..{last}, but sequences have length {length}; {allowed}"
        )
    offsets = np.arange(settings.stem)
    return settings.start + offsets, last - offsets


def pairs(codes, settings, *, wobble=None):
    """Which pairs of the stem hold: codes (N, L) to (N, stem) bool, outermost pair first.

    G-U pairs count if `wobble`, by default if the settings make them.
    """
    left, right = arms(codes.shape[1], settings)
    wobble = settings.wobble > 0 if wobble is None else wobble
    return pairing(codes[:, left], codes[:, right], wobble)


def refold(codes, settings, *, keep="left"):
    """Mend the stem after an edit: letters of one arm decide those of the other.

    Pairs that hold (G-U too, where the settings make them) are left as they are.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8 codes.
    settings : Settings
        The geometry.
    keep : {"left", "right"}
        The arm that is kept.

    Returns
    -------
    numpy.ndarray
        (N, L) uint8.

    Raises
    ------
    InputError
        If the hairpin does not fit, or the kept arm holds unknown letters.
    """
    left, right = arms(codes.shape[1], settings)
    kept, mended = (left, right) if keep == "left" else (right, left)
    if (codes[:, kept] == UNKNOWN).any():
        raise InputError(f"the {keep} arm of a hairpin holds unknown letters, which cannot pair")
    out = codes.copy()
    # The complement alone: facing positions already run in opposite directions.
    complement = reverse_complement(codes[:, kept])[:, ::-1]
    holding = pairs(codes, settings)
    out[:, mended] = np.where(holding, codes[:, mended], complement)
    return out


def _verify(codes, settings):
    broken = ~pairs(codes, settings).all(axis=1)
    if broken.any():
        raise RuntimeError(f"{broken.sum()} of {len(codes)} constructed hairpins do not pair")


def _wobble(codes, left, right, rng, chance):
    """Turn each pair whose left letter is G or U into a G-U pair with the given chance."""
    out = codes.copy()
    changed = rng.random((len(codes), len(left))) < chance
    partner = np.where(codes[:, left] == 2, 3, 2)
    can = (codes[:, left] == 2) | (codes[:, left] == 3)
    out[:, right] = np.where(changed & can, partner, codes[:, right])
    return out


def _break(codes, left, right, rng):
    """Shuffle the right arm, of several shuffles taking that with the fewest pairs."""
    out = codes.copy()
    fewest = np.full(len(codes), len(left) + 1)
    for _ in range(_SHUFFLES):
        arm = rng.permuted(codes[:, right], axis=1)
        held = pairing(codes[:, left], arm, True).sum(axis=1)
        better = held < fewest
        out[np.ix_(better, right)] = arm[better]
        fewest = np.minimum(held, fewest)
    return out
