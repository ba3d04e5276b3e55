"""Variants on their sequences: both alleles of each, as the letters that an experiment embeds."""

from dataclasses import dataclass

import numpy as np

from giaflow.base.alphabet import decode, encode, reverse_complement
from giaflow.base.checks import InputError
from giaflow.edits.replace import numbers
from giaflow.sequences.places import contig_hint


@dataclass(frozen=True, eq=False)
class Allele:
    """One allele: on its own sequence, and with its flanks on backgrounds.

    Attributes
    ----------
    variant : giaflow.io.variants.Variant
    own : numpy.ndarray
        (L,) uint8, the sequence that holds the variant, with this allele.
    start, stop : int
        Half-open, the allele in that sequence.
    """

    variant: tuple
    own: np.ndarray
    start: int
    stop: int

    def window(self, flank):
        """Letters (w,) from at most `flank` before the allele to as many behind, and how many."""
        first = max(0, self.start - flank)
        return self.own[first : self.stop + flank], self.start - first


@dataclass(frozen=True, eq=False)
class EmbedAllele:
    """Put an allele's own sequence in place of the first background, its window into the others.

    Attributes
    ----------
    own : numpy.ndarray
        (L,) uint8.
    window : numpy.ndarray
        (w,) uint8.
    start : int
        Where the window goes.
    """

    own: np.ndarray
    window: np.ndarray
    start: int

    @property
    def spans(self):
        """All of the first background is written to."""
        return ((0, len(self.own)),)

    def apply(self, codes, rows=None):
        """Edited copy of codes (N, L)."""
        edited = codes.copy()
        edited[:, self.start : self.start + len(self.window)] = self.window
        edited[numbers(codes, rows) == 0] = self.own
        return edited


def place(variants, codes, names, places):
    """Find the sequence of each variant, and make both alleles on it.

    A variant lies in a sequence whose coordinates hold its reference allele, or which is called
    like its chromosome; then positions count from the sequence's first letter. Of several
    sequences the one with the variant nearest its middle is taken. On a sequence of the minus
    strand the alleles are reverse-complemented.

    Parameters
    ----------
    variants : list of giaflow.io.variants.Variant
        Alleles of equal length.
    codes : numpy.ndarray
        (M, L) uint8.
    names : sequence of str
        (M,) of the sequences.
    places : giaflow.sequences.places.Places
        Of the sequences.

    Returns
    -------
    list of [Allele, Allele]
        Reference and alternative of each variant that lies in a sequence, in the order given.

    Raises
    ------
    InputError
        If a reference allele is not what the sequence holds, or no variant lies in a sequence.
    """
    length = codes.shape[1]
    rows = {}
    for row, (name, contig, known) in enumerate(
        zip(names, places.chrom, places.known, strict=True)
    ):
        rows.setdefault(str(contig) if known else str(name), []).append(row)
    found = []
    for variant in variants:
        width = len(variant.ref)
        holding = []
        for row in rows.get(variant.chrom, ()):
            at = places.to_sequence(row, variant.pos, variant.pos + width)
            if at is not None and at + width <= length:
                holding.append((abs(2 * at + width - length), row, at, bool(places.reverse[row])))
        if not holding:
            continue
        _, row, at, reverse = min(holding)
        _check_reference(variant, codes[row], at, reverse, names[row])
        pair = []
        for text in (variant.ref, variant.alt):
            letters = reverse_complement(encode(text)) if reverse else encode(text)
            own = codes[row].copy()
            own[at : at + width] = letters
            pair.append(Allele(variant, own, at, at + width))
        found.append(pair)
    if not found:
        raise InputError(
            f"none of {len(variants)} variants lies in a sequence; the first is "
            f"{variants[0].name} ({variants[0].where}), the sequences are on "
            f"{', '.join(list(rows)[:5])}{', ...' if len(rows) > 5 else ''}"
            f"{contig_hint(variants[0].chrom, list(rows))}"
        )
    return found


def _check_reference(variant, codes, at, reverse, name):
    """Raise `InputError` unless a sequence (L,) holds the reference allele at a position."""

    def held(shift):
        # One position further along the genome is one back on the minus strand.
        first = at - shift if reverse else at + shift
        letters = codes[max(0, first) : first + len(variant.ref)]
        return decode(reverse_complement(letters) if reverse else letters)

    if held(0) == variant.ref:
        return
    hint = ""
    if held(-1) == variant.ref:
        hint = "; one position before it is: are positions counted from 1?"
    raise InputError(
        f"{variant.where}: variant {variant.name} has the reference {variant.ref}, but sequence "
        f"{name} holds {held(0)} there{hint}"
    )
