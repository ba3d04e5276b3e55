"""Patterns: letters, or a matrix of JASPAR or of a file."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag, ValidationInfo, model_validator

from giaflow.base.settings import File, Settings
from giaflow.edits.pattern_references import Letters
from giaflow.edits.patterns import consensus, trim_information


class MatrixPattern(Settings):
    """A pattern from a matrix: of JASPAR, or of a file."""

    jaspar: str | None = None
    """JASPAR matrix ID, such as MA0142.1; without a version the latest. No network is needed: the
    releases come with the package pyjaspar."""
    release: str | None = None
    """JASPAR release, such as JASPAR2024; null for the newest that the package holds."""
    file: File | None = None
    """Motif file instead: MEME, JASPAR, TRANSFAC, HOMER, CIS-BP, HOCOMOCO or cluster-buster, or a
    plain table of four rows (A, C, G, T) or of a row for each position."""
    name: str | None = None
    """Name of the motif in the file; not needed if it holds one."""
    rows: Literal["positions", "letters"] | None = None
    """What a row of the file is; needed only where the file leaves it open: in a matrix of 4 x 4
    numbers, or where 4 rows begin with their numbers or with a consensus."""
    instances: Literal["consensus", "sampled"] = "consensus"
    """Embed the most frequent letters, in every background the same, or letters drawn from the
    matrix for each background."""
    trim: float = Field(0, ge=0, lt=2)
    """Cut both ends back to the first position with so many bits of information; 0 keeps all."""
    _letters: str | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _read(self, info: ValidationInfo):
        if (self.jaspar is None) == (self.file is None):
            raise ValueError("give either jaspar or file")
        if (self.release and self.file) or ((self.name or self.rows) and self.jaspar):
            raise ValueError("release goes with jaspar, and name and rows with file")
        read = (info.context or {}).get("read")
        if read is not None:
            matrix = read(self.jaspar, self.release, self.file, self.name, self.rows)
            matrix = trim_information(matrix, self.trim)
            text = consensus(matrix)
            self._letters = Letters(text, matrix) if self.instances == "sampled" else text
        return self

    @property
    def letters(self):
        """Its consensus, with the matrix if instances are sampled; None if it was not read."""
        return self._letters


AnyPattern = Annotated[
    Annotated[str, Tag("text")] | Annotated[MatrixPattern, Tag("matrix")],
    Discriminator(lambda value: "text" if isinstance(value, str) else "matrix"),
]
