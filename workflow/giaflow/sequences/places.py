"""Places: where the letters of sequences stand on a genome, and back.

Every sequence that comes from a genome carries its place: contig, start, strand, and the padding
that was put before its letters. Only this module maps positions in an array to positions on a
contig and back; motif hits, variants, held-out chromosomes, clusters and browser tracks ask it.
All coordinates are 0-based and half-open.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from giaflow.base.checks import InputError, nearest

# Per-sequence columns in which files carry places; an empty contig stands for "not known".
COLUMNS = ("chrom", "start", "end", "strand", "before")


class Place(NamedTuple):
    """Where the letters of one record stand.

    Attributes
    ----------
    chrom : str
        Contig; empty if the place is not known.
    start, end : int
        On the contig's forward strand, 0-based and half-open; -1 if not known.
    strand : str
        ``-`` if the record is the reverse complement of the genome, else ``+`` or ``.``.
    """

    chrom: str = ""
    start: int = -1
    end: int = -1
    strand: str = "."


NOWHERE = Place()


def contig_hint(name, contigs):
    """A hint that names the contig meant by one that is unknown: with or without ``chr``."""
    other = other_spelling(name)
    return f"; did you mean {other!r}?" if other in contigs else nearest(name, contigs)


def other_spelling(name):
    """The same contig with ``chr``, or without it: ``chr8`` and ``8``, ``chrM`` and ``MT``."""
    if name in ("chrM", "MT"):
        return "MT" if name == "chrM" else "chrM"
    return name.removeprefix("chr") if name.startswith("chr") else f"chr{name}"


@dataclass(frozen=True)
class Places:
    """The places of N sequences of equal length.

    Attributes
    ----------
    chrom : numpy.ndarray
        (N,) str, empty where the place is not known.
    start, end : numpy.ndarray
        (N,) int64, -1 where not known.
    strand : numpy.ndarray
        (N,) str, ``-`` for reverse complements.
    before : numpy.ndarray
        (N,) int64, unknown letters that were put before the first letter to fill up the sequence.
    """

    chrom: np.ndarray
    start: np.ndarray
    end: np.ndarray
    strand: np.ndarray
    before: np.ndarray

    @classmethod
    def of(cls, columns):
        """Places from a mapping or dataset with `COLUMNS`; without ``before`` nothing is padded."""
        chrom = np.asarray(columns["chrom"]).astype(str)
        before = columns["before"] if "before" in columns else np.zeros(len(chrom))
        numbers = (
            np.asarray(values).astype(np.int64) for values in (columns["start"], columns["end"])
        )
        strand = np.asarray(columns["strand"]).astype(str)
        return cls(chrom, *numbers, strand, np.asarray(before).astype(np.int64))

    @classmethod
    def joined(cls, parts):
        """The places of several sets, one after another."""
        fields = ("chrom", "start", "end", "strand", "before")
        return cls(*(np.concatenate([getattr(part, key) for part in parts]) for key in fields))

    def __len__(self):
        return len(self.chrom)

    def __getitem__(self, rows):
        """The places of some rows (an index array, a mask or a slice)."""
        return Places(
            self.chrom[rows], self.start[rows], self.end[rows], self.strand[rows], self.before[rows]
        )

    @property
    def names(self):
        """(N,) such as ``chr1:100-300``, ``chr1:100-300(-)`` on the minus strand."""
        strand = np.where(self.reverse, "(-)", "")
        rows = zip(self.chrom, self.start, self.end, strand, strict=True)
        return np.array([f"{chrom}:{start}-{end}{turned}" for chrom, start, end, turned in rows])

    @property
    def known(self):
        """(N,) bool, whether a place is known."""
        return (self.chrom != "") & (self.start >= 0)

    @property
    def reverse(self):
        """(N,) bool, whether a sequence is the reverse complement of the genome."""
        return self.strand == "-"

    def first_of_each(self):
        """Rows (M,) of the first sequence of each known place, and of all whose place is not."""
        seen, rows = set(), []
        for row, key in enumerate(zip(self.chrom, self.start, self.end, strict=True)):
            if key not in seen or not self.known[row]:
                rows.append(row)
            seen.add(key)
        return np.array(rows, np.int64)

    def to_genome(self, start, end, strand):
        """Intervals of the sequences as intervals of their contigs.

        Parameters
        ----------
        start, end : numpy.ndarray
            (N,) int, half-open positions in the sequences, padding counted.
        strand : numpy.ndarray
            (N,) str, strand of what stands there, relative to the sequence.

        Returns
        -------
        start, end : numpy.ndarray
            (N,) int64 on the contig, cut at the ends of the record's letters, so that padding has
            no place; where the place is not known, positions in the sequence's own letters.
        strand : numpy.ndarray
            (N,) str, relative to the contig.
        """
        size = np.where(self.known, self.end - self.start, np.iinfo(np.int32).max)
        low = np.clip(np.asarray(start) - self.before, 0, size)
        high = np.clip(np.asarray(end) - self.before, 0, size)
        backward = self.reverse & self.known
        first = np.where(backward, self.end - high, np.where(self.known, self.start, 0) + low)
        last = np.where(backward, self.end - low, np.where(self.known, self.start, 0) + high)
        turned = np.where(np.asarray(strand) == "-", "+", "-")
        return first, last, np.where(backward, turned, strand)

    def to_sequence(self, row, start, end):
        """Where an interval of the contig begins in one sequence, or None if it is not all in it.

        Parameters
        ----------
        row : int
        start, end : int
            On the contig, half-open; where the place of the row is not known, in its own letters.

        Returns
        -------
        int or None
            First position in the array of the interval, or of its reverse complement on a
            sequence of the minus strand.
        """
        if not self.known[row]:
            return int(self.before[row] + start) if start >= 0 else None
        if not self.start[row] <= start <= end <= self.end[row]:
            return None
        offset = self.end[row] - end if self.reverse[row] else start - self.start[row]
        return int(self.before[row] + offset)

    def on(self, chromosomes, what):
        """(N,) bool, which sequences are on one of some chromosomes.

        Raises
        ------
        InputError
            If no sequence has a place, none is on any of them, or some are on one that is spelled
            otherwise; `what` names the sequences.
        """
        wanted = [str(one) for one in chromosomes]
        if not self.known.any():
            raise InputError(
                f"{what}: no sequence has coordinates in its name, so chromosomes "
                f"{', '.join(wanted)} cannot be told; name records such as chr1:100-300, or use "
                "test_share"
            )
        found = np.isin(self.chrom, wanted) & self.known
        listed = list(dict.fromkeys(self.chrom[self.known].tolist()))
        for one in wanted if found.any() else ():
            other = other_spelling(one)
            if other in listed and other not in wanted:
                raise InputError(
                    f"{what}: some sequences are on {other}, another spelling of {one}; name "
                    "both, or spell the records alike"
                )
        if not found.any():
            hint = contig_hint(wanted[0], listed)
            raise InputError(
                f"{what}: no sequence is on {', '.join(wanted)}; they are on "
                f"{', '.join(listed[:5])}{', ...' if len(listed) > 5 else ''}{hint}"
            )
        return found
