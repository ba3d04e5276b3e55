"""Sequence sets, and values measured of their sequences."""

from typing import Literal

from pydantic import Field, model_validator

from giaflow.base.settings import File, Settings


class Measurement(Settings):
    """What a laboratory model measures of simulated sequences."""

    laboratory: str
    """The laboratory model; its motifs are planted in half of the sequences, 0 to 3 in each."""
    noise: float = Field(0.2, ge=0)
    """Standard deviation of the noise, as a share of that of the values without it."""


class Probes(Settings):
    """Probes of an array such as RNAcompete: a table with a row for each."""

    file: File
    """A tab-separated table with a header line, plain or compressed with gzip."""
    sequence: str = "seq"
    """Column of the letters."""
    name: str | None = None
    """Column of the names; null names each probe by its row in the table, from 1, which is how
    values without names find it."""
    set_column: str | None = None
    """Column that says to which set a probe belongs; null takes all rows."""
    set: str | None = None
    """The set that is taken, such as A to learn from and B to test on."""
    sample: int | None = Field(None, ge=2)
    """Take so many of them at random, the same for every model; null takes all."""

    @model_validator(mode="after")
    def _set_has_its_column(self):
        if (self.set is None) != (self.set_column is None):
            raise ValueError("set and set_column go together")
        return self


class Instances(Settings):
    """Stretches of a genome about instances of a pattern, each with the pattern as written."""

    genome: File
    """FASTA file of the genome, plain or compressed."""
    regions: File
    """BED file of the regions in which instances are sought, such as peaks."""
    pattern: str
    """Letters or name of the pattern. Its middle letter comes to stand in the middle of the
    sequence; instances on the reverse strand are turned."""
    mismatches: int = Field(0, ge=0, le=3)
    """Letters in which an instance may differ from the pattern."""


class SequenceSet(Settings):
    """One set of sequences: of FASTA files, a table of probes or a genome, or drawn at random."""

    fasta: list[File] = Field(default_factory=list)
    """FASTA files, plain or compressed; or use `source` and `members`."""
    source: str | None = None
    """Name of a row of resources/sources.tsv that is downloaded."""
    members: list[str] = Field(default_factory=list)
    """FASTA files inside the source."""
    probes: Probes | None = None
    """Read a table of probes instead."""
    instances: Instances | None = None
    """Cut stretches out of a genome instead, about instances of a pattern."""
    pad: bool = False
    """Fill sequences that are too short up with unknown letters, which are rows of zeros in the
    one-hot array: as many before as behind, the odd one behind."""
    simulated: int | None = Field(None, ge=2)
    """Draw so many random sequences instead, with letter probabilities that differ by position."""
    planted: str | None = None
    """Write a pattern, by letters or name, into the middle of every simulated sequence: its middle
    letter comes to stand in the middle of the sequence."""
    measured: Measurement | None = None
    """Plant motifs in the simulated sequences and measure them, to train a network on."""
    coordinates: Literal["zero_based", "one_based", "none"] = "zero_based"
    """How places in the names of FASTA records count: zero_based as bedtools writes them
    (chr1:100-300 has 200 letters), one_based as samtools and genome browsers do (chr1:101-300), or
    none to read no name as a place. A name whose span is not the record's length is refused."""
    ambiguous: Literal["drop", "keep", "error"] = "drop"
    """What happens to a sequence with a letter outside A, C, G, T, U."""

    @model_validator(mode="after")
    def _one_origin(self):
        origins = self.fasta, self.source, self.probes, self.instances, self.simulated is not None
        if sum(map(bool, origins)) != 1 or bool(self.source) != bool(self.members):
            raise ValueError(
                "give either fasta, or source and members, or probes, or instances, or simulated"
            )
        for key in ("measured", "planted"):
            if getattr(self, key) and self.simulated is None:
                raise ValueError(f"{key} is for simulated sequences")
        if self.measured and self.planted:
            raise ValueError("give either measured, which plants motifs of its own, or planted")
        return self


class Values(Settings):
    """Measured values, by sequence name."""

    file: File
    """A tab-separated table with a header line, plain or compressed with gzip."""
    name: str | None = "name"
    """Column of the names, as in the FASTA files; null for a table with a row for each row of the
    table of probes, in the same order, where NA says that a probe was not measured."""
    value: str | None = "value"
    """Column of the values; where they only rank sequences, their order alone matters. null, with
    `name: null`, for a file of one number a line without a header."""
    scale: Literal["none", "log", "clip"] = "none"
    """What a network learns of the values: the values; log, their logarithm above the smallest,
    log(x - min + 1); or clip, the values cut above four standard deviations. log and clip are
    divided by their standard deviation about their mean, in each split by itself."""

    @model_validator(mode="after")
    def _numbers_alone_have_no_names(self):
        if self.value is None and self.name is not None:
            raise ValueError("value: null, a file of numbers alone, needs name: null")
        return self
