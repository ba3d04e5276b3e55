"""What does an allele change, on its own sequence and on backgrounds?

Variants of a VCF file or a table are looked up in sequence sets. ``variant_effect`` is the
prediction with the alternative allele minus that with the reference: on the variant's own sequence
(arm ``own sequence``, one number without an interval), and averaged over backgrounds into which
the allele is embedded with a few letters of its own sequence on either side (arm
``backgrounds``). The first tells what the variant does there; the second what it does wherever it
stands, which a single context can hide. ``level`` is the prediction of the reference itself.

Alleles of one variant have the same length: single letters (SNV) and stretches of letters (MNV).
Insertions and deletions would change the length of a sequence; they are left out and counted in
the log. Of several sequences that hold a variant, the one with the variant nearest its middle is
its own. The first background gives its place to that sequence.
"""

from pydantic import Field

from giaflow.base.alphabet import decode
from giaflow.base.checks import InputError, check_fits
from giaflow.base.settings import File
from giaflow.base.settings import Settings as Base
from giaflow.edits.embed import Condition
from giaflow.edits.variants import EmbedAllele
from giaflow.statistics.contrasts import LEVEL, Contrast, Figure

EFFECT = "variant_effect"
FIGURE = Figure(
    "forest", x="variant", x_label="alternative minus reference", hue="arm", estimand=EFFECT,
    top=30, by_size=True,
)  # fmt: skip


class Settings(Base):
    """The variants, the sequences they lie in, and how their alleles are embedded."""

    variants: list[File] = Field(min_length=1)
    """VCF files, plain or gzip, positions counted from 1; or tables with columns chrom, pos
    (counted from 0), ref, alt and, if you like, id."""
    sequences: list[str] = Field(min_length=1)
    """Sequence sets in which the variants lie, by coordinates (chrom:start-end in the FASTA names)
    or, without any, by the name of a sequence in the column chrom."""
    flank: int = Field(10, ge=0)
    """Letters of its own sequence that surround an allele on backgrounds, on each side; fewer at
    the end of a sequence."""
    start: int | None = Field(None, ge=0)
    """Position of an allele's first letter on backgrounds; null centres it."""


def conditions(settings, patterns, length, rng):
    """Both alleles of every variant; `patterns` are pairs of `giaflow.edits.variants.Allele`."""
    start = length // 2 if settings.start is None else settings.start
    if start < settings.flank or start + settings.flank >= length:
        raise InputError(
            f"an allele at start={start} with flank={settings.flank} needs positions "
            f"{start - settings.flank}..{start + settings.flank}, but sequences have length "
            f"{length}"
        )
    listed = []
    for pair in patterns:
        for role, allele in zip(("reference", "alternative"), pair, strict=True):
            window, before = allele.window(settings.flank)
            check_fits(decode(window), start - before, length)
            variant = allele.variant
            labels = {"variant": variant.name}
            labels |= {key: getattr(variant, key) for key in ("chrom", "pos", "ref", "alt", "id")}
            labels["allele"] = role
            listed.append(Condition(labels, (EmbedAllele(allele.own, window, start - before),)))
    return listed


def contrasts(settings, conditions):
    """Alternative minus reference, and the level of the reference, in both arms."""
    listed = []
    for i in range(0, len(conditions), 2):
        labels = {k: v for k, v in conditions[i].labels.items() if k != "allele"}
        for arm, first in (("own sequence", True), ("backgrounds", False)):
            own = {**labels, "arm": arm}
            listed.append(Contrast(own, {i + 1: 1.0, i: -1.0}, EFFECT, first=first))
            listed.append(Contrast(own, {i: 1.0}, LEVEL, first=first))
    return listed
