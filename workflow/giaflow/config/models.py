"""Models: files, networks trained here, and formulas with known effects."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from giaflow.base.alphabet import DNA
from giaflow.base.settings import File, Settings
from giaflow.config.names import Name, one_of
from giaflow.config.sequences import Values
from giaflow.models import functionals
from giaflow.models.training import architectures
from giaflow.models.training.schedule import Schedule

AnyNetwork = one_of(architectures.REGISTRY, "architecture", Settings)


class Regression(Settings):
    """Measured values that a network learns."""

    sequences: str
    """Sequence set to learn from."""
    test: str
    """Sequence set that is held out to measure Pearson's r."""
    values: dict[Name, Values] = Field(default_factory=dict)
    """Target to its values; a sequence without a value says nothing about that target. Left out
    for sets with `measured`."""


class Training(Settings):
    """How a network is trained here."""

    positives: dict[Name, str] = Field(default_factory=dict)
    """Target to the sequence set that is positive for it, learned against shuffles; the order is
    that of the outputs, which are logits."""
    negatives: dict[Name, str] = Field(default_factory=dict)
    """Target to a sequence set that is negative for it, such as the pool that bound sequences were
    selected from: as many of them are drawn in each epoch, in place of shuffles."""
    measured: Regression | None = None
    """Learn measured values instead, in their own unit."""
    network: AnyNetwork
    """The architecture and its settings."""
    test_chromosomes: list[str] = Field(default_factory=list)
    """Sequences on these chromosomes are held out to measure the AUC (with `positives`)."""
    test_share: float = Field(0, ge=0, le=0.5)
    """Hold out this share of each set, drawn at random, instead of chromosomes."""
    schedule: Schedule = Field(default_factory=Schedule)
    """Epochs, batches and learning rate."""

    @model_validator(mode="after")
    def _one_kind(self):
        if bool(self.positives) == bool(self.measured):
            raise ValueError("give either positives, with test_chromosomes, or measured")
        if bool(self.positives) != bool(self.test_chromosomes or self.test_share):
            raise ValueError("positives need test_chromosomes or test_share; measured takes none")
        if self.test_chromosomes and self.test_share:
            raise ValueError("give either test_chromosomes or test_share")
        if unknown := sorted(set(self.negatives) - set(self.positives)):
            raise ValueError(f"negatives are of targets in positives, got {unknown[0]!r}")
        if self.positives and self.schedule.validation:
            raise ValueError("schedule.validation is for measured values")
        return self


AnyFunctional = one_of(functionals.REGISTRY, "functional", Settings)
Read = Annotated[
    Annotated[int, Tag("column")] | Annotated[AnyFunctional, Tag("functional")],
    Discriminator(lambda value: "column" if isinstance(value, (int, str)) else "functional"),
]


class Output(Settings):
    """Which numbers of a model are read."""

    head: str | None = None
    """Name of the output; null if the model has one."""
    targets: dict[Name, Read] | None = None
    """Target name to column of the output, or to a functional of any outputs; null names every
    column target_<column>."""
    unit: str = "model units"
    """Unit of the predictions, shown on every axis; functionals know theirs."""

    @property
    def functionals(self):
        """The functionals by target; empty where columns are read."""
        if not any(isinstance(one, Settings) for one in (self.targets or {}).values()):
            return {}
        return self.targets

    @property
    def read_unit(self):
        """The unit that is written down: the one given, or the functionals' own."""
        if not self.functionals or "unit" in self.model_fields_set:
            return self.unit
        return functionals.REGISTRY.load(next(iter(self.targets.values())).functional).UNIT

    @model_validator(mode="after")
    def _one_way(self):
        chosen = self.functionals
        plain = [name for name, one in chosen.items() if isinstance(one, int)]
        if plain:
            raise ValueError(
                f"target {plain[0]!r} is a column and others are functionals: write it as "
                "{functional: column, settings: {head: ..., column: ...}}"
            )
        if chosen and self.head is not None:
            raise ValueError("head is for columns; a functional names its own heads in settings")
        units = {
            functionals.REGISTRY.load(one.functional).UNIT: name for name, one in chosen.items()
        }
        if len(units) > 1 and "unit" not in self.model_fields_set:
            listed = ", ".join(f"{unit} ({name})" for unit, name in units.items())
            raise ValueError(
                f"the targets of a model share one unit, the one of its axes, but these have "
                f"{listed}: name the file once more under models for the others"
            )
        return self


class Model(Settings):
    """A model to interpret: a file, a network trained here, or a formula with known effects."""

    each: str | None = None
    """A table (tab-separated, with a header) with a row for each of many models, such as the
    proteins of an array: this entry is made once for each row, under the name in the column
    `model`, with {column} in its texts replaced by the row's value, and the models form the family
    `name`."""
    path: File | None = None
    """A Keras model file (.keras or .h5) that takes one-hot sequences (length, 4)."""
    source: str | None = None
    """Name of a row of resources/sources.tsv that holds the file and is downloaded, instead."""
    member: str | None = None
    """The model file inside the source, .keras or .h5."""
    train: Training | None = None
    """Train a network instead; its targets are the keys of `positives` or of the values."""
    laboratory: str | None = None
    """Use a laboratory model, whose true effects are known: LabR, LabD, ... (41 or 200 letters)."""
    output: Output = Field(default_factory=Output)
    """Which numbers of a model file are read."""
    trust: bool = False
    """Open a model file although it may run code of its own (a Lambda, or what else is not one of
    Keras's plain layers). Only for a file whose maker you trust: it can do all that you can."""
    batch: int = Field(256, ge=1)
    """Sequences per prediction call."""
    letters: str | None = None
    """Letters in the order of the network's four input channels, such as ACTG, U for T; null takes
    them to be A, C, G, T (U), and `make inspect` says so."""
    engine: Literal["auto", "edits", "whole"] = "auto"
    """How edited sequences are predicted: `whole` predicts every sequence whole in Keras, which may
    be faster on a graphics card; `auto` carries only what an edit changes, where counting says that
    this saves work; `edits` does so too, and refuses a network that has to run in Keras."""
    replicates: int = Field(1, ge=1, le=20)
    """Train the network so many times, with other weights, shuffles and batches each time: `name`
    becomes `name_1`, `name_2`, ... in the group `name`."""
    group: Name | None = None
    """Models that name the same group are replicates of one network (seeds, folds, files): their
    mean and its interval over models are in results/tables/replicates.tsv."""

    family: Name | None = None
    """Models of one kind for different proteins or cells: what is alike in a family is told in
    results/tables/families.tsv."""
    patterns: dict[Name, str] = Field(default_factory=dict)
    """Letters that some of the study's patterns have with this model instead, such as the motif of
    its protein."""

    @model_validator(mode="after")
    def _trained_here(self):
        if self.replicates > 1 and self.train is None:
            raise ValueError(
                "replicates is for a network that is trained here; give each model file a name of "
                "its own and all of them one group"
            )
        if self.replicates > 1 and self.group is not None:
            raise ValueError("give replicates or a group, not both: replicates are a group")
        return self

    @field_validator("letters")
    @classmethod
    def _letters_in_some_order(cls, letters):
        if letters is None:
            return letters
        plain = letters.upper().replace("U", "T")
        if sorted(plain) != sorted(DNA):
            raise ValueError(
                "letters are A, C, G and T (or U), each once, in the order of the network's "
                f"channels, such as ACTG; got {letters!r}"
            )
        return plain

    @model_validator(mode="after")
    def _one_origin(self):
        if self.letters is not None and self.path is None and self.source is None:
            raise ValueError("letters is for a model file; what is made here has A, C, G, T")
        origins = (self.path, self.source, self.train, self.laboratory)
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError("give exactly one of path, source, train and laboratory")
        if (self.source is None) != (self.member is None):
            raise ValueError("source and member go together")
        if self.trust and self.path is None and self.source is None:
            raise ValueError("trust is for a model file; no other model holds code")
        if self.laboratory is not None and "output" in self.model_fields_set:
            raise ValueError("output is for a model file; a laboratory model has its own targets")
        return self
