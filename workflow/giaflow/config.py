"""The whole configuration as pydantic models: the one source of keys, types and defaults."""

from typing import Annotated, Literal, Union

from pydantic import Field, StringConstraints, create_model, model_validator

from giaflow import architectures, attribution, experiments, laboratory, nulls
from giaflow.diagnostics import Settings as Diagnostics
from giaflow.laboratory.settings import Repeats
from giaflow.nulls.options import PILOT, Options
from giaflow.settings import Settings
from giaflow.training import Schedule

# Names become parts of paths: nothing that could leave the results folder or confuse a shell.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


def one_of(registry, key, base):
    """The union of a registry's plug-ins: `base` plus ``<key>: <name>`` and its ``settings``."""
    members = []
    for name in registry.names:
        settings = registry.load(name).Settings
        required = any(field.is_required() for field in settings.model_fields.values())
        default = ... if required else Field(default_factory=settings)
        members.append(
            create_model(
                f"{registry.package.rpartition('.')[2]}.{name}",
                __base__=base,
                **{key: (Literal[name], ...), "settings": (settings, default)},
            )
        )
    if len(members) == 1:
        return members[0]
    return Annotated[Union[tuple(members)], Field(discriminator=key)]  # noqa: UP007


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


AnyNetwork = one_of(architectures.REGISTRY, "architecture", Settings)
AnyMethod = one_of(attribution.REGISTRY, "method", Settings)


class Values(Settings):
    """Measured values, by sequence name."""

    file: str
    """A tab-separated table with a header line, plain or compressed with gzip."""
    name: str = "name"
    """Column of the names, as in the FASTA files."""
    value: str = "value"
    """Column of the values; where they only rank sequences, their order alone matters."""


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
    measured: Regression | None = None
    """Learn measured values instead, in their own unit."""
    network: AnyNetwork
    """The architecture and its settings."""
    test_chromosomes: list[str] = Field(default_factory=list)
    """Sequences on these chromosomes are held out to measure the AUC (with `positives`)."""
    schedule: Schedule = Field(default_factory=Schedule)
    """Epochs, batches and learning rate."""

    @model_validator(mode="after")
    def _one_kind(self):
        if bool(self.positives) == bool(self.measured):
            raise ValueError("give either positives, with test_chromosomes, or measured")
        if bool(self.positives) != bool(self.test_chromosomes):
            raise ValueError("positives need test_chromosomes, and measured takes none")
        return self


class Output(Settings):
    """Which numbers of a model are read."""

    head: str | None = None
    """Name of the output; null if the model has one."""
    targets: dict[Name, int] | None = None
    """Target name to column of the output; null names every column target_<column>."""
    unit: str = "model units"
    """Unit of the predictions, shown on every axis."""


class Model(Settings):
    """A model to interpret: a file, a network trained here, or a formula with known effects."""

    path: str | None = None
    """A Keras model file (.keras or .h5) that takes one-hot sequences (length, 4)."""
    train: Training | None = None
    """Train a network instead; its targets are the keys of `positives` or of the values."""
    laboratory: str | None = None
    """Use a laboratory model, whose true effects are known: LabR, LabD, ... (41 or 200 letters)."""
    output: Output = Field(default_factory=Output)
    """Which numbers of a model file are read."""
    batch: int = Field(256, ge=1)
    """Sequences per prediction call."""

    @model_validator(mode="after")
    def _one_origin(self):
        if sum(origin is not None for origin in (self.path, self.train, self.laboratory)) != 1:
            raise ValueError("give exactly one of path, train and laboratory")
        if self.laboratory is not None and "output" in self.model_fields_set:
            raise ValueError("output is for a model file; a laboratory model has its own targets")
        return self


class Attribution(Settings):
    """Per-letter scores of real sequences."""

    sequences: dict[Name, Annotated[int, Field(ge=1)]]
    """Sequence set to the number of sequences drawn from it at random."""
    methods: list[AnyMethod]
    """Attribution methods and their settings."""


class Motifs(Settings):
    """Motif discovery with TF-MoDISco."""

    attribution: str = "ism"
    """The attribution method whose scores are read."""
    sequences: dict[Name, list[str]]
    """Target to the attributed sequence sets in which its motifs are sought."""
    width: int = Field(8, ge=4, le=30)
    """Expected width of a motif core, in letters; sets the window and flank sizes."""
    seqlets: int = Field(20000, ge=100)
    """At most this many seqlets."""
    trim: float = Field(0.2, gt=0, lt=1)
    """A pattern is cut to the positions with this share of its strongest contribution."""


class Inputs(Settings):
    """Files and predictions that some kinds of null model need; the others take none."""

    genome: str | None = None
    """Genome FASTA, plain or compressed (kind gc_matched; kind genomic with `regions`)."""
    avoid: list[str] = Field(default_factory=list)
    """BED files whose intervals no window of the genome may touch (kind gc_matched)."""
    fasta: list[str] = Field(default_factory=list)
    """FASTA files of real sequences of the study's length (kind genomic)."""
    regions: list[str] = Field(default_factory=list)
    """BED files of regions of the genome, each cut or widened about its centre to the study's
    length (kind genomic)."""
    values: Values | None = None
    """Measured values of the null's sequences (kind quantile; kind genomic, source
    low_activity)."""
    model: str | None = None
    """Model whose predictions order the sequences (kind quantile, by prediction)."""
    target: str | None = None
    """Target whose predictions are read (kind quantile, by prediction; any kind with
    `options.band`)."""


class Null(Settings):
    """A null model: where backgrounds come from."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets that the backgrounds imitate."""
    n: int = Field(1000, ge=2)
    """Number of backgrounds; with `options.band`, how many are drawn before the band is applied."""
    options: Options = Field(default_factory=Options)
    """What is asked of the backgrounds of any null model."""
    inputs: Inputs = Field(default_factory=Inputs)
    """Files and predictions that some kinds need."""
    reference: list[str] = Field(default_factory=list)
    """Sequence sets that the diagnostics compare the backgrounds with, best those of the class
    they stand for, such as negatives; empty means `sequences`."""

    @model_validator(mode="after")
    def _band_has_its_target_and_pilot(self):
        if self.options.band and self.inputs.target is None:
            raise ValueError("options.band needs inputs.target, whose predictions it bounds")
        if self.options.band and self.n < PILOT:
            raise ValueError(f"options.band needs n of at least {PILOT} to find its limits")
        return self


class Experiment(Settings):
    """An experiment on backgrounds."""

    nulls: list[str] = Field(default_factory=list)
    """Null models it runs on; empty means all."""
    correction: Literal["bh", "by", "holm"] = "bh"
    """How q is computed over the rows of one estimand: false discovery rate (Benjamini-Hochberg,
    or Benjamini-Yekutieli under any dependence) or family-wise (Holm, for a few planned rows)."""
    half_width: float | None = Field(None, gt=0)
    """Stop at 200, 400, 800, ... backgrounds as soon as every effect and contrast is known to this
    half-width of its interval, in the model's unit; null predicts all backgrounds."""


AnyNull = one_of(nulls.REGISTRY, "kind", Null)
AnyExperiment = one_of(experiments.REGISTRY, "kind", Experiment)


class Calibration(Repeats):
    """How estimates on laboratory models are held against their known truths."""

    sequences: list[str] = Field(min_length=1)
    """Sequence sets whose letter frequencies by position the backgrounds have."""
    repeat: bool = True
    """Whether the experiments of laboratory models are repeated; the study's own tables are held
    against the truth in any case."""
    marks: bool = False
    """Whether the marks declared for LabR and LabD are measured too: power, screens, periods, ...
    (minutes)."""


class Statistics(Settings):
    """How effects are judged."""

    confidence: float = Field(0.95, gt=0.5, lt=1)
    """Confidence of every interval."""
    sesoi: dict[Name, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """Target to the smallest effect of interest, in the model's unit; a target that is not named
    gets a tenth of the standard deviation of its predictions on real sequences."""
    controls: dict[Name, str] = Field(default_factory=dict)
    """Target to the pattern that is its positive control (column `control_pct`)."""
    fold: float = Field(2.0, gt=1)
    """An effect that changes more than this many fold between null models, or changes its sign, is
    flagged `null-dependent`."""


class Study(Settings):
    """A study: everything a run depends on."""

    study: Name
    """Name of the study, a column of every table."""
    seed: int = Field(0, ge=0)
    """The one seed; every random draw is derived from it and its own labels."""
    length: int = Field(ge=1)
    """Letters per sequence, the same for all sequences and models."""
    alphabet: Literal["ACGT", "ACGU"] = "ACGT"
    """Letters shown in figures: DNA or RNA."""
    sources: dict[str, str] = Field(default_factory=dict)
    """Name of a row of resources/sources.tsv to a local copy, used instead of a download."""
    sequences: dict[Name, SequenceSet] = Field(min_length=1)
    """Sequence sets by name."""
    models: dict[Name, Model] = Field(min_length=1)
    """Models by name."""
    attribution: Attribution | None = None
    """Attribution; null for none."""
    motifs: Motifs | None = None
    """Motif discovery; null for none."""
    nulls: dict[Name, AnyNull] = Field(min_length=1)
    """Null models by name."""
    patterns: dict[Name, str] = Field(default_factory=dict)
    """Patterns by name: letters A, C, G, T (U), and N to keep the background's letter."""
    experiments: dict[Name, AnyExperiment]
    """Experiments by name."""
    statistics: Statistics = Field(default_factory=Statistics)
    """How effects are judged."""
    diagnostics: Diagnostics = Field(default_factory=Diagnostics)
    """Where a difference between backgrounds and real sequences is worth a warning."""
    calibration: Calibration | None = None
    """Repeat the experiments of laboratory models to prove their numbers; null for not."""

    def targets(self, model):
        """Target names of a model, or None if only its file knows them."""
        chosen = self.models[model]
        if chosen.train is not None and chosen.train.positives:
            return tuple(chosen.train.positives)
        if chosen.train is not None:
            learned = chosen.train.measured
            measured = self.sequences[learned.sequences].measured
            return tuple(learned.values) or laboratory.load(measured.laboratory).targets
        if chosen.laboratory is not None:
            return laboratory.load(chosen.laboratory).targets
        return None if chosen.output.targets is None else tuple(chosen.output.targets)
