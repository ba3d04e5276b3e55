"""A genome as codes, and intervals placed on it."""

import tempfile

import numpy as np

from giaflow.base.alphabet import encode, reverse_complement
from giaflow.base.checks import InputError
from giaflow.io.fasta import open_fasta
from giaflow.io.intervals import Interval
from giaflow.sequences.places import Places, contig_hint

# Letters read at a time: a chromosome's text is never held whole beside its codes.
_CHUNK = 1 << 22
# Regions that may leave their chromosome when they are widened (share), before it is an error.
_MAY_LEAVE = 0.1


class Genome:
    """All chromosomes of a FASTA file, one after another.

    Attributes
    ----------
    path : str
    codes : numpy.ndarray
        (G,) uint8.
    sizes : dict of str to int
        Letters of each chromosome, in the order of the file.
    offsets : dict of str to int
        Where each begins in `codes`.
    """

    def __init__(self, path):
        self.path, self.sizes, codes = path, {}, bytearray()
        with tempfile.TemporaryDirectory() as folder, open_fasta(path, folder) as fasta:
            for record in fasta:
                self.sizes[record.name] = size = len(record)
                for at in range(0, size, _CHUNK):
                    text = str(record[at : min(at + _CHUNK, size)])
                    try:
                        codes += encode(text, at).tobytes()
                    except InputError as error:
                        where = f"genome {path}, record {record.name!r}"
                        raise InputError(f"{where}: {error}") from None
        self.codes = np.frombuffer(codes, np.uint8)
        ends = np.cumsum(list(self.sizes.values()))
        begins = (ends - list(self.sizes.values())).tolist()
        self.offsets = dict(zip(self.sizes, begins, strict=True))

    def check(self, intervals, path):
        """Raise `InputError` if an interval ends past its chromosome."""
        for one in intervals:
            if one.end > self.sizes[one.chrom]:
                raise InputError(
                    f"BED {path} line {one.line}: end {one.end} is past {one.chrom} "
                    f"({self.sizes[one.chrom]} letters) of {self.path}; is it another assembly?"
                )

    def places(self, positions, length, strand=None):
        """`Places` of the windows that begin at positions (N,) of `codes`.

        `strand` (N,) is that of the codes cut out, by default ``+``.
        """
        chromosomes, begins = np.array(list(self.offsets)), np.array(list(self.offsets.values()))
        at = np.searchsorted(begins, positions, side="right") - 1
        starts = np.asarray(positions) - begins[at]
        strand = np.full(len(starts), "+") if strand is None else np.asarray(strand)
        return Places(chromosomes[at], starts, starts + length, strand, np.zeros_like(starts))


def known(genome, intervals, path, *, strict):
    """The intervals whose chromosome the genome has, and how many it has not.

    With `strict` one that it has not is an error; without, only if there is no other.
    """
    missing = [one for one in intervals if one.chrom not in genome.sizes]
    if missing and (strict or len(missing) == len(intervals)):
        listed = ", ".join(list(genome.sizes)[:5])
        raise InputError(
            f"BED {path} line {missing[0].line}: chromosome {missing[0].chrom!r} is not in "
            f"{genome.path}, which has {listed}{contig_hint(missing[0].chrom, genome.sizes)}"
        )
    kept = [one for one in intervals if one.chrom in genome.sizes]
    genome.check(kept, path)
    return kept, len(missing)


def blocked(genome, intervals):
    """Starts and ends (B, 2) int64 of the intervals on each chromosome, by its name."""
    found = {chrom: [] for chrom in genome.sizes}
    for one in intervals:
        found[one.chrom].append((one.start, one.end))
    return {chrom: np.array(pairs, np.int64).reshape(-1, 2) for chrom, pairs in found.items()}


def about_instances(genome, intervals, mark, width, length):
    """Stretches that `cut` cuts about instances of a pattern, which then stands as written.

    Parameters
    ----------
    genome : Genome
    intervals : list of Interval
        Where instances are sought, on chromosomes that the genome has; instances end inside.
    mark : callable
        Codes (1, M) to the starts (2, 1, M - width + 1) of instances on either strand, such as
        `giaflow.sequences.pattern_search.matches_by_strand`; one on both is read on the forward
        strand alone.
    width : int
        Letters of the pattern.
    length : int
        Letters per stretch; the pattern's middle letter stands at ``length // 2``.

    Returns
    -------
    list of Interval
        One for each instance whose stretch does not leave its chromosome.
    """
    found = {}
    before = length // 2 - width // 2
    for one in intervals:
        begin = genome.offsets[one.chrom]
        codes = genome.codes[None, begin + one.start : begin + one.end]
        marked = mark(codes)[:, 0]
        for at in np.flatnonzero(marked.any(axis=0)).tolist():
            strand = "+" if marked[0, at] else "-"
            start = one.start + at - (before if strand == "+" else length - before - width)
            if 0 <= start <= genome.sizes[one.chrom] - length:
                # Regions may overlap.
                key = one.chrom, start
                found.setdefault(key, Interval(*key, start + length, strand, one.line))
    return list(found.values())


def cut(genome, intervals, length, path, center="middle"):
    """Codes of regions, each cut or widened about its middle or its summit.

    Parameters
    ----------
    genome : Genome
    intervals : list of Interval
        On chromosomes that the genome has.
    length : int
        Letters per region.
    path : str
        The BED file, for messages.
    center : {"middle", "summit"}
        What comes to stand at ``length // 2``; the middle where a region has no summit.

    Returns
    -------
    codes : numpy.ndarray
        (N, length) uint8, reverse-complemented for strand ``-``.
    places : giaflow.sequences.places.Places
        Of the letters cut out.
    dropped : int
        Regions that would leave their chromosome.

    Raises
    ------
    InputError
        If more than a tenth would.
    """
    starts = [
        one.start + one.summit - length // 2
        if center == "summit" and one.summit >= 0
        else (one.start + one.end - length) // 2
        for one in intervals
    ]
    starts = np.array(starts, np.int64)
    sizes = np.array([genome.sizes[one.chrom] for one in intervals], np.int64)
    inside = (starts >= 0) & (starts + length <= sizes)
    dropped = int((~inside).sum())
    if dropped > _MAY_LEAVE * len(intervals):
        first = intervals[int(np.argmin(inside))]
        raise InputError(
            f"BED {path}: {dropped} of {len(intervals)} regions leave their chromosome at "
            f"length {length} (first: line {first.line})"
        )
    kept = [one for one, good in zip(intervals, inside, strict=True) if good]
    begins = starts[inside] + np.array([genome.offsets[one.chrom] for one in kept], np.int64)
    codes = genome.codes[begins[:, None] + np.arange(length)]
    strand = np.array([one.strand for one in kept])
    turned = strand == "-"
    codes[turned] = reverse_complement(codes[turned])
    return codes, genome.places(begins, length, strand), dropped
