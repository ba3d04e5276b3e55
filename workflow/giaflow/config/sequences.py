"""Sequence sets, and values measured of their sequences."""

from typing import Literal

from pydantic import Field, model_validator

from giaflow.settings import Settings


class Measurement(Settings):
    """What a laboratory model measures of simulated sequences."""

    laboratory: str
    """The laboratory model; its motifs are planted in half of the sequences, 0 to 3 in each."""
    noise: float = Field(0.2, ge=0)
    """Standard deviation of the noise, as a share of that of the values without it."""


class SequenceSet(Settings):
    """One set of sequences, from FASTA files or drawn at random."""

    fasta: list[str] = Field(default_factory=list)
    """FASTA files, plain or compressed; or use `source` and `members`."""
    source: str | None = None
    """Name of a row of resources/sources.tsv that is downloaded."""
    members: list[str] = Field(default_factory=list)
    """FASTA files inside the source."""
    simulated: int | None = Field(None, ge=2)
    """Draw so many random sequences instead, with letter probabilities that differ by position."""
    measured: Measurement | None = None
    """Plant motifs in the simulated sequences and measure them, to train a network on."""
    ambiguous: Literal["drop", "keep", "error"] = "drop"
    """What happens to a sequence with a letter outside A, C, G, T, U."""

    @model_validator(mode="after")
    def _one_origin(self):
        origins = (bool(self.fasta), bool(self.source), self.simulated is not None)
        if sum(origins) != 1 or bool(self.source) != bool(self.members):
            raise ValueError("give either fasta, or source and members, or simulated")
        if self.measured and self.simulated is None:
            raise ValueError("measured is for simulated sequences")
        return self


class Values(Settings):
    """Measured values, by sequence name."""

    file: str
    """A tab-separated table with a header line, plain or compressed with gzip."""
    name: str = "name"
    """Column of the names, as in the FASTA files."""
    value: str = "value"
    """Column of the values; where they only rank sequences, their order alone matters."""
